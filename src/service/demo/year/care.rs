//! What the hospitals and the participants of the demo do.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};

use super::{Act, Year};
use crate::context::Context;
use crate::domain::claims::{Bill, ClaimState, Diagnosis, DiagnosisKind, Line};
use crate::domain::documents::DocumentKind;
use crate::domain::eligibility::{CareType, Decision, ToldFacts, WardClass};
use crate::domain::facilities::Facility;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::DischargeStatus;
use crate::domain::messages::{Answer, MessageKind};
use crate::domain::nik::Nik;
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::domain::synthetic::year::{Episode, Fate, Kind};
use crate::domain::tariffs::Fit;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::check_questions::{Brought, Question, Who};
use crate::service::check_turn::{self, Answered};
use crate::service::claims::{self, Objection, Submission};
use crate::service::confirmations::{self, Said};
use crate::service::demo::papers::paper;
use crate::service::idempotency::Once;
use crate::service::letters::{self, Ask, Discharge};
use crate::service::sign_in::Visitor;
use crate::service::{documents, referrals, tariffs};
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;
use crate::store::messages;

/// Newer messages than the one that is looked for, at most.
const MESSAGES: i64 = 500;
const THOUSAND: i64 = 1_000;

fn care_type(kind: Kind) -> CareType {
    match kind {
        Kind::Stay { .. } => CareType::Inpatient,
        Kind::Outpatient => CareType::Outpatient,
        Kind::Emergency { .. } => CareType::Emergency,
    }
}

fn ward_class(kind: Kind) -> Option<WardClass> {
    matches!(kind, Kind::Stay { .. }).then_some(WardClass::III)
}

fn diagnosis(episode: &Episode) -> Result<Icd10Code> {
    episode.diagnosis.parse().map_err(|_| Error::internal("a made-up diagnosis that is none"))
}

fn nights(kind: Kind) -> u64 {
    match kind {
        Kind::Stay { nights } => nights,
        Kind::Outpatient | Kind::Emergency { .. } => 0,
    }
}

/// The last day of care.
fn last_day(episode: &Episode) -> NaiveDate {
    episode.arrives_on.checked_add_days(Days::new(nights(episode.kind))).unwrap_or(episode.arrives_on)
}

/// What the rules demand of such a bill, the least missed last.
fn kinds(kind: Kind) -> &'static [DocumentKind] {
    match kind {
        Kind::Stay { .. } => &[DocumentKind::Bill, DocumentKind::Identity, DocumentKind::MedicalResume],
        Kind::Outpatient => &[DocumentKind::Bill, DocumentKind::Referral, DocumentKind::MedicalResume],
        Kind::Emergency { .. } => &[DocumentKind::Bill, DocumentKind::ErNote],
    }
}

impl Year<'_> {
    /// Somebody comes and is asked for a NIK.
    pub(super) fn arrive(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, facility) = self.hospital(index)?;
        let episode = &self.episodes[index];
        let Some(patients) = self.patients.get(&(episode.fate != Fate::Uncovered)) else { return Ok(()) };
        let nik = patients[episode.patient as usize % patients.len()];
        let referral = match episode.kind {
            Kind::Outpatient => {
                let context = self.acting(self.cast.puskesmas.0, at);
                let issue = referrals::Issue {
                    nik,
                    to_facility_id: Some(facility.id),
                    diagnosis: diagnosis(episode)?,
                    issued_on: episode.arrives_on,
                    valid_until: None,
                    reason: None,
                };
                Some(referrals::issue(self.app, db, &context, &self.cast.puskesmas.0, issue, &Once::plain())?.referral.number)
            }
            Kind::Stay { .. } | Kind::Emergency { .. } => None,
        };
        // A letter of the emergency ward waits for papers that nobody has yet.
        let papers = (episode.fate == Fate::Lapsed).then(BTreeSet::new);
        let question = Question {
            ward_class: ward_class(episode.kind),
            diagnosis: Some(diagnosis(episode)?),
            referral: referral.map(Brought::Number),
            told: ToldFacts { papers, ..ToldFacts::default() },
            ..self.question((caller, facility), nik, care_type(episode.kind), at)
        };
        let Some(Answered::Recorded(recorded)) = self.ask(db, question)? else { return Ok(()) };
        let is_good = matches!(recorded.check.decision, Decision::Eligible | Decision::Provisional);
        self.courses[index].check = Some(recorded.check);
        match self.episodes[index].kind {
            _ if !is_good => {}
            Kind::Stay { .. } | Kind::Emergency { under_letter: true } => self.enter_after(at, 0, Act::Issue(index)),
            Kind::Outpatient | Kind::Emergency { under_letter: false } => {
                self.enter_after(at, self.episodes[index].billed_after, Act::Bill(index));
            }
        }
        Ok(())
    }

    /// What is asked of everybody who comes.
    pub(super) fn question(&self, (caller, facility): (Caller, Arc<Facility>), nik: Nik, care_type: CareType, at: UtcTime) -> Question {
        Question {
            context: self.acting(caller, at),
            caller,
            facility,
            who: Who::Nik(nik),
            service_date: self.today(at),
            retrospective: false,
            care_type,
            ward_class: None,
            diagnosis: None,
            referral: None,
            claimed_name: None,
            claimed_birth_date: None,
            told: ToldFacts::default(),
            offline: None,
            language: Language::Id,
            override_of: None,
            key: None,
            office_asked: true,
        }
    }

    pub(super) fn ask(&self, db: &mut Db, question: Question) -> Result<Option<Answered>> {
        let questions = [question];
        let mut answers =
            write_quietly(db, Priority::Bulk, "each recorded check brings its own event", |tx| check_turn::answer(self.app, tx, &questions))?;
        answers.pop().transpose()
    }

    pub(super) fn issue(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let Some(check_id) = self.courses[index].check.as_ref().map(|check| check.id) else { return Ok(()) };
        let tariff = self.tariff(db, index)?;
        let episode = &self.episodes[index];
        let fate = episode.fate;
        let ask =
            Ask { check_id, diagnosis: diagnosis(episode)?, ward_class: ward_class(episode.kind), estimated_amount: Some(of_tariff(tariff, 110)) };
        let told = letters::issue(self.app, db, &self.acting(caller, at), &caller, ask, &Once::plain())?;
        self.courses[index].letter = Some(told.letter);
        match fate {
            Fate::Cancelled => self.enter_after(at, 1, Act::Cancel(index)),
            Fate::Lapsed => {}
            Fate::Usual | Fate::Uncovered | Fate::Denied => self.enter_after(at, 0, Act::Admit(index)),
        }
        if fate == Fate::Denied {
            self.enter_after(at, 2, Act::Deny(index));
        }
        Ok(())
    }

    fn letter_of(&self, index: usize) -> Result<Id> {
        self.courses[index].letter.as_ref().map(|letter| letter.id).ok_or_else(|| Error::internal("a made-up stay without a letter"))
    }

    pub(super) fn admit(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let (id, arrived) = (self.letter_of(index)?, self.episodes[index].arrives_on);
        letters::admit(self.app, db, &self.acting(caller, at), &caller, id, arrived, &Once::plain())?;
        self.enter_after(at, nights(self.episodes[index].kind), Act::Discharge(index));
        Ok(())
    }

    pub(super) fn cancel(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let reason = "pasien dirawat di tempat lain";
        letters::cancel(self.app, db, &self.acting(caller, at), &caller, self.letter_of(index)?, reason, &Once::plain())?;
        Ok(())
    }

    pub(super) fn discharge(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let discharge = Discharge { discharged_on: last_day(&self.episodes[index]), status: DischargeStatus::Home };
        letters::discharge(self.app, db, &self.acting(caller, at), &caller, self.letter_of(index)?, &discharge, &Once::plain())?;
        self.enter_after(at, self.episodes[index].billed_after, Act::Bill(index));
        Ok(())
    }

    pub(super) fn bill(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let context = self.acting(caller, at);
        let all = self.episodes[index].with_papers;
        let submission = self.submission(db, &context, &caller, index, all)?;
        let told = claims::submit(self.app, db, &context, &caller, &submission, &Once::plain())?;
        self.courses[index].claim = Some(told.claim.id);
        self.follow(index, told.claim.state, at);
        Ok(())
    }

    /// What comes next for a claim that was handed in.
    fn follow(&mut self, index: usize, state: ClaimState, at: UtcTime) {
        let episode = &self.episodes[index];
        match state {
            ClaimState::Complete => self.enter_after(at, episode.decided_after, Act::Decide(index)),
            // After ten days without a word it is complete.
            ClaimState::Submitted if episode.left_to_the_clock => self.enter_after(at, 11 + episode.decided_after, Act::Decide(index)),
            ClaimState::Submitted => self.enter_after(at, episode.decided_after, Act::Decide(index)),
            ClaimState::ApprovedPartial | ClaimState::Rejected if episode.objects => self.enter_after(at, 1, Act::Object(index)),
            _ => {}
        }
    }

    /// The whole bill again, with all its papers.
    pub(super) fn mend(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let Some(claim) = self.courses[index].claim else { return Ok(()) };
        let context = self.acting(caller, at);
        let submission = self.submission(db, &context, &caller, index, true)?;
        let told = claims::resubmit(self.app, db, &context, &caller, claim, &submission, &Once::plain())?;
        self.follow(index, told.claim.state, at);
        Ok(())
    }

    pub(super) fn object(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let (caller, _) = self.hospital(index)?;
        let Some(claim) = self.courses[index].claim else { return Ok(()) };
        let reason = "biaya obat dan tindakan di atas tarif, rincian terlampir".to_owned();
        let objection = Objection { reason, lines: Vec::new(), document_ids: Vec::new() };
        claims::dispute(self.app, db, &self.acting(caller, at), &caller, claim, &objection, &Once::plain())?;
        self.enter_after(at, self.episodes[index].decided_after, Act::Decide(index));
        Ok(())
    }

    /// The participant answers the message about the letter: that was not me.
    pub(super) fn deny(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let letter = self.letter_of(index)?;
        let newest = messages::page(db, (None, Some(MessageKind::LetterIssued)), None, MESSAGES)?;
        let Some(message) = newest.into_iter().find(|message| message.letter_id == Some(letter)) else { return Ok(()) };
        let code = message.code(db)?;
        let visitor = Visitor { address: IpAddr::V4(Ipv4Addr::LOCALHOST), user_agent: "demo".to_owned() };
        let said = Said { code: &code, answer: Answer::NotMe, note: Some("Saya tidak dirawat pada hari itu.") };
        confirmations::confirm(self.app, db, &self.context(at), &visitor, &said)?;
        Ok(())
    }

    /// What the city pays for the care of an episode.
    fn tariff(&self, db: &mut Db, index: usize) -> Result<Rupiah> {
        let ((_, facility), episode) = (self.hospital(index)?, &self.episodes[index]);
        let fit = Fit::at(&facility, &self.app.city.code, Some(care_type(episode.kind)), ward_class(episode.kind));
        let found = tariffs::prices(db, episode.arrives_on, &[episode.tariff_code])?;
        Ok(found.closest(episode.tariff_code, &fit).ok_or_else(|| Error::internal("made-up care without a price"))?.payable())
    }

    fn submission(&self, db: &mut Db, context: &Context, caller: &Caller, index: usize, all_papers: bool) -> Result<Submission> {
        let tariff = self.tariff(db, index)?;
        let ((_, facility), episode, course) = (self.hospital(index)?, &self.episodes[index], &self.courses[index]);
        let number = format!("{}/{}/{:05}", facility.code.as_deref().unwrap_or_default(), episode.arrives_on.year(), index + 1);
        let demanded = kinds(episode.kind);
        let brought = if all_papers { demanded } else { &demanded[..demanded.len() - 1] };
        let mut document_ids = Vec::with_capacity(brought.len());
        for kind in brought {
            let sheet = paper(&format!("Contoh: {kind} {number}"));
            let received = documents::receive(self.app, context, &sheet[..])?.keep()?;
            document_ids.push(received.id);
            documents::record(db, context, caller, *kind, received, &Once::plain())?;
        }
        let (claimed, last_day) = (of_tariff(tariff, episode.claimed_percent), last_day(episode));
        let is_stay = matches!(episode.kind, Kind::Stay { .. });
        let ward_class = ward_class(episode.kind);
        let bill = Bill {
            facility_claim_number: number,
            care_type: care_type(episode.kind),
            admitted_on: episode.arrives_on,
            discharged_on: Some(last_day),
            discharge_status: Some(DischargeStatus::Home),
            ward_class,
            ward_class_used: ward_class,
            ward_class_reason: None,
            medical_record_number: Some(format!("MR-{:06}", episode.patient % 1_000_000)),
            practitioner_license: is_stay.then(|| "SIP-503/0001".to_owned()),
            birth_weight_grams: None,
            diagnoses: vec![Diagnosis { code: diagnosis(episode)?, kind: DiagnosisKind::Principal }],
            procedures: Vec::new(),
            lines: vec![Line {
                line: 1,
                tariff_code: episode.tariff_code.to_owned(),
                date: last_day,
                quantity: 1,
                claimed_amount: claimed,
                hospital_cost: Some(of_tariff(tariff, episode.cost_percent)),
            }],
            total_claimed: claimed,
            document_ids,
            note: None,
        };
        let letter_number = course.letter.as_ref().map(|letter| letter.number.clone());
        let check_id = if letter_number.is_some() { None } else { course.check.as_ref().map(|check| check.id) };
        Ok(Submission { bill, letter_number, check_id, replaces_claim_id: None, submit: true })
    }
}

/// A percentage of a tariff in whole thousands. Tariffs are far from what an i64 holds.
fn of_tariff(tariff: Rupiah, percent: i64) -> Rupiah {
    Rupiah((tariff.0 * percent / 100 + THOUSAND / 2) / THOUSAND * THOUSAND)
}
