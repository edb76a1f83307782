//! Each rule: a case that hits, and one that just does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::domain::nik::NikOddity;
use crate::domain::rupiah::Rupiah;
use Decision::{Eligible, NotEligible, Provisional, Undetermined};
use Outcome::{Fail, NotApplicable, Pass, Unknown, Warn};
use RuleCode::*;

/// A date of each phase.
pub(super) const P1: &str = "2017-02-10";
const P2: &str = "2017-08-10";
const P3: &str = "2018-12-10";
const P4: &str = "2019-03-10";
const P5: &str = "2020-02-10";
pub(super) const P6: &str = "2026-11-21";

pub(super) type Case = (&'static str, fn(&mut Facts), RuleCode, Outcome, Value, Decision);

fn cases() -> Vec<Case> {
    [identity(), newborns::cases(), standing(), residence(), membership(), card(), papers(), groups(), referrals(), place(), services(), sources()]
        .concat()
}

fn identity() -> Vec<Case> {
    vec![
        (P6, |_| {}, NikFormat, Pass, json!(null), Eligible),
        (P6, |f| f.nik_oddities = [NikOddity::SexDiffers].into(), NikFormat, Warn, json!("NIK_SEX_DIFFERS"), Eligible),
        (
            P6,
            |f| f.nik_oddities = [NikOddity::SerialZero, NikOddity::ImpossibleDate].into(),
            NikFormat,
            Warn,
            json!("NIK_DATE_IMPOSSIBLE,NIK_SERIAL_ZERO"),
            Eligible,
        ),
        (P6, unknown_card, NikFormat, NotApplicable, json!(null), NotEligible),
        (P6, |_| {}, NikNotFound, Pass, json!(null), Eligible),
        (P6, |f| f.person = None, NikNotFound, Fail, json!(null), NotEligible),
        (P6, |f| (f.person, f.care_type) = (None, CareType::Emergency), NikNotFound, Fail, json!(null), NotEligible),
        (P6, unknown_card, NikNotFound, NotApplicable, json!(null), NotEligible),
        (P6, |f| f.identity.name = IdentityMatch::Differs, IdentityDiffers, Unknown, json!("name"), Undetermined),
        (P6, both_differ, IdentityDiffers, Unknown, json!("name,birth_date"), Undetermined),
        (P6, |f| f.identity.birth_date = IdentityMatch::Same, IdentityDiffers, Pass, json!("birth_date"), Eligible),
        (P6, |_| {}, IdentityDiffers, NotApplicable, json!(null), Eligible),
        (P6, |_| {}, PopulationDiffers, NotApplicable, json!(null), Eligible),
        (P6, |f| office(f, Some(0), false, Some(Verdict::Match)), PopulationDiffers, Pass, json!(null), Eligible),
        (P6, both_differ_at_the_office, PopulationDiffers, Warn, json!("name,birth_date"), Eligible),
        (P6, |f| office(f, Some(0), false, Some(Verdict::NotFound)), PopulationDiffers, Warn, json!("not_found"), Eligible),
        (P6, |f| office(f, Some(0), false, Some(Verdict::Inactive)), PopulationDiffers, Warn, json!("inactive"), Eligible),
        (P6, |f| office(f, Some(0), false, Some(Verdict::Deceased)), PopulationDiffers, Warn, json!("deceased"), Eligible),
        (P6, |f| office(f, Some(30), true, Some(Verdict::Inactive)), PopulationDiffers, Warn, json!("inactive"), Provisional),
        (P6, |f| office(f, Some(31), true, Some(Verdict::Inactive)), PopulationDiffers, Unknown, json!(null), Undetermined),
        (P6, |_| {}, TemporaryIdentity, Pass, json!(null), Eligible),
        (P6, |f| f.person = Some(nameless()), TemporaryIdentity, Unknown, json!(null), Undetermined),
        (P6, |f| (f.person, f.care_type) = (Some(nameless()), CareType::Emergency), TemporaryIdentity, Unknown, json!(null), Provisional),
        (P6, homeless_with_letter, TemporaryIdentity, NotApplicable, json!(null), Eligible),
        (P6, |f| f.person = None, TemporaryIdentity, NotApplicable, json!(null), NotEligible),
    ]
}

fn office(facts: &mut Facts, days_old: Option<i64>, away: bool, verdict: Option<Verdict>) {
    let as_of = days_old.map(|days| facts.asked_at.minus(chrono::Duration::days(days)));
    facts.population = Some(PopulationFacts { source: SourceStanding { as_of, away }, verdict, differing: BTreeSet::new() });
}

fn both_differ_at_the_office(facts: &mut Facts) {
    office(facts, Some(0), false, Some(Verdict::Differs));
    if let Some(population) = &mut facts.population {
        population.differing = Compared::ALL.iter().copied().collect();
    }
}

fn unknown_card(facts: &mut Facts) {
    (facts.identified_by, facts.person, facts.card) = (IdentifiedBy::Card, None, None);
}

fn both_differ(facts: &mut Facts) {
    facts.identity = IdentityFacts { name: IdentityMatch::Differs, birth_date: IdentityMatch::Differs };
}

fn nameless() -> PersonFacts {
    PersonFacts { temporary: true, ..PersonFacts::default() }
}

fn homeless_with_letter(facts: &mut Facts) {
    (facts.person, facts.identified_by) = (Some(nameless()), IdentifiedBy::Participant);
    facts.told = ToldFacts { special_group: Some(super::SpecialGroup::Pmks), papers: Some([Paper::DinsosLetter].into()), ..ToldFacts::default() };
}

fn standing() -> Vec<Case> {
    fn happened(facts: &mut Facts, date: &str, kind: StatusEventKind) {
        person(facts).events.insert(event(date, kind));
    }
    let mut cases: Vec<Case> = vec![
        (P6, |f| happened(f, "2026-11-20", StatusEventKind::Deceased), Deceased, Fail, json!("2026-11-20"), NotEligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::Deceased), Deceased, Warn, json!("2026-11-21"), Eligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::Deceased), Deceased, Pass, json!(null), Eligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::MovedOut), MovedOut, Fail, json!("2026-11-21"), NotEligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::MovedOut), MovedOut, Pass, json!(null), Eligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::Suspended), ParticipantSuspended, Fail, json!("2026-11-21"), NotEligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::Suspended), ParticipantSuspended, Pass, json!(null), Eligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::NikInactive), NikInactive, Fail, json!("2026-11-21"), NotEligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::NikInactive), NikInactive, Pass, json!(null), Eligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::Duplicate), DuplicateRecord, Fail, json!("2026-11-21"), NotEligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::Duplicate), DuplicateRecord, Pass, json!(null), Eligible),
        (P6, |f| happened(f, "2026-11-21", StatusEventKind::Merged), MergedRecord, Fail, json!("2026-11-21"), NotEligible),
        (P6, |f| happened(f, "2026-11-22", StatusEventKind::Merged), MergedRecord, Pass, json!(null), Eligible),
    ];
    for code in [Deceased, MovedOut, ParticipantSuspended, NikInactive, DuplicateRecord, MergedRecord] {
        cases.push((P6, |f| f.person = None, code, NotApplicable, json!(null), NotEligible));
        cases.push((P6, registry_lost, code, Unknown, json!(null), Undetermined));
    }
    cases
}

pub(super) fn registry_lost(facts: &mut Facts) {
    facts.registry = SourceStanding { as_of: None, away: true };
}

fn residence() -> Vec<Case> {
    vec![
        (P6, |_| {}, NotResident, Pass, json!("2015-03-01"), Eligible),
        (P6, |f| person(f).residency = BTreeSet::new(), NotResident, Fail, json!(null), NotEligible),
        (P6, |f| person(f).residency = resident("2026-11-22"), NotResident, Fail, json!(null), NotEligible),
        (P6, |f| f.person = Some(nameless()), NotResident, NotApplicable, json!(null), Undetermined),
        (P6, |f| person(f).temporary = true, NotResident, Pass, json!("2015-03-01"), Undetermined),
        (P6, registry_lost, NotResident, Unknown, json!(null), Undetermined),
        (P6, |_| {}, ResidencyTooShort, Pass, json!(140), Eligible),
        (P6, |f| person(f).residency = resident("2026-05-21"), ResidencyTooShort, Pass, json!(6), Eligible),
        (P6, |f| person(f).residency = resident("2026-05-22"), ResidencyTooShort, Fail, json!(5), NotEligible),
        (P4, |f| person(f).residency = resident("2019-03-10"), ResidencyTooShort, Pass, json!(0), Eligible),
        (P6, |f| person(f).residency = BTreeSet::new(), ResidencyTooShort, NotApplicable, json!(null), NotEligible),
        (P6, registry_lost, ResidencyTooShort, Unknown, json!(null), Undetermined),
    ]
}

fn membership() -> Vec<Case> {
    fn member(facts: &mut Facts, segment: JknSegment, state: JknState) {
        person(facts).jkn.insert(jkn(segment, state, "2015-01-01", None));
    }
    vec![
        (P6, |_| {}, JknActive, Pass, json!("none"), Eligible),
        (P6, |f| member(f, JknSegment::PbiApbn, JknState::Active), JknActive, Fail, json!("PBI_APBN"), NotEligible),
        (P6, |f| member(f, JknSegment::Pbpu, JknState::Active), JknActive, Fail, json!("PBPU"), NotEligible),
        (P6, |f| member(f, JknSegment::Pbpu, JknState::Arrears), JknActive, Pass, json!("arrears"), Eligible),
        (P6, |f| member(f, JknSegment::Ppu, JknState::Inactive), JknActive, Pass, json!("inactive"), Eligible),
        (P6, member_until_yesterday, JknActive, Pass, json!("none"), Eligible),
        (P4, |f| member(f, JknSegment::PbiApbd, JknState::Active), JknActive, Fail, json!("PBI_APBD"), NotEligible),
        (P4, |f| member(f, JknSegment::Pbpu, JknState::Active), JknActive, Pass, json!("PBPU"), Eligible),
        (P3, |f| member(f, JknSegment::PbiApbn, JknState::Active), JknActive, Pass, json!("PBI_APBN"), Eligible),
        (P6, |f| f.person = None, JknActive, NotApplicable, json!(null), NotEligible),
        (P6, |f| f.jkn = Some(SourceStanding { as_of: None, away: true }), JknActive, Unknown, json!(null), Undetermined),
    ]
}

fn member_until_yesterday(facts: &mut Facts) {
    person(facts).jkn.insert(jkn(JknSegment::Ppu, JknState::Active, "2015-01-01", Some("2026-11-20")));
}

fn show_card(facts: &mut Facts, state: EnrollmentState, card_state: CardState) {
    (facts.identified_by, facts.card) = (IdentifiedBy::Card, Some(enrollment(state, card_state)));
}

fn by_kk_without_papers(facts: &mut Facts) {
    (facts.identified_by, facts.told.papers) = (IdentifiedBy::Kk, Some(BTreeSet::new()));
}

fn by_kk_suspended(facts: &mut Facts) {
    by_kk_without_papers(facts);
    person(facts).enrollments = [enrollment(EnrollmentState::Suspended, CardState::Delivered)].into();
}

fn by_kk_enrolled(facts: &mut Facts) {
    by_kk_suspended(facts);
    person(facts).enrollments.insert(enrollment(EnrollmentState::Active, CardState::Delivered));
}

fn card() -> Vec<Case> {
    use CardState::{Blocked, Delivered, NotPrinted};
    use EnrollmentState::{Active, Revoked, Suspended};
    vec![
        (P2, |_| {}, NotEnrolled, NotApplicable, json!(null), Eligible),
        (P2, |f| show_card(f, Active, Delivered), NotEnrolled, Pass, json!("active"), Eligible),
        (P2, |f| show_card(f, Active, NotPrinted), NotEnrolled, Warn, json!("not_printed"), Eligible),
        (P2, |f| show_card(f, Active, Blocked), NotEnrolled, Fail, json!("blocked"), NotEligible),
        (P2, |f| show_card(f, Revoked, Delivered), NotEnrolled, Fail, json!("revoked"), NotEligible),
        (P2, unknown_card, NotEnrolled, Fail, json!("not_found"), NotEligible),
        (P2, |f| (show_card(f, Active, Delivered), f.person = None).1, NotEnrolled, Fail, json!("not_found"), NotEligible),
        (P6, unknown_card, NotEnrolled, Fail, json!("not_found"), NotEligible),
        (P6, |f| show_card(f, Revoked, Delivered), NotEnrolled, Fail, json!("revoked"), NotEligible),
        ("2017-01-31", |f| show_card(f, Active, Delivered), NotEnrolled, Fail, json!("not_issued_yet"), NotEligible),
        (P2, |f| f.identified_by = IdentifiedBy::Kk, NotEnrolled, NotApplicable, json!(null), Eligible),
        (P2, by_kk_without_papers, NotEnrolled, Fail, json!("none"), NotEligible),
        (P2, by_kk_suspended, NotEnrolled, Fail, json!("suspended"), NotEligible),
        (P2, by_kk_enrolled, NotEnrolled, Pass, json!("active"), NotEligible),
        (P6, by_kk_without_papers, NotEnrolled, NotApplicable, json!(null), NotEligible),
        (P6, |f| (show_card(f, Active, Delivered), registry_lost(f)).1, NotEnrolled, Unknown, json!(null), Undetermined),
        (P2, |f| show_card(f, Suspended, Delivered), CardSuspended, Fail, json!(null), NotEligible),
        (P2, |f| show_card(f, Active, Delivered), CardSuspended, Pass, json!(null), Eligible),
        (P2, |f| show_card(f, Revoked, Delivered), CardSuspended, NotApplicable, json!(null), NotEligible),
        (P2, by_kk_suspended, CardSuspended, Fail, json!(null), NotEligible),
        (P2, by_kk_enrolled, CardSuspended, Pass, json!(null), NotEligible),
        (P2, |_| {}, CardSuspended, NotApplicable, json!(null), Eligible),
        (P6, |f| (show_card(f, Active, Delivered), registry_lost(f)).1, CardSuspended, Unknown, json!(null), Undetermined),
    ]
}

fn shows(facts: &mut Facts, papers: &[Paper]) {
    facts.told.papers = Some(papers.iter().copied().collect());
}

fn papers() -> Vec<Case> {
    use super::Paper::{DinsosLetter, Kk, KtpEl, UnemploymentLetter};
    vec![
        (P6, |_| {}, PapersMissing, NotApplicable, json!(null), Eligible),
        (P6, |f| shows(f, &[KtpEl, Kk]), PapersMissing, Pass, json!(null), Eligible),
        (P6, |f| shows(f, &[KtpEl]), PapersMissing, Fail, json!("kk"), NotEligible),
        (P6, |f| shows(f, &[]), PapersMissing, Fail, json!("ktp_el,kk"), NotEligible),
        (P6, |f| (shows(f, &[]), f.care_type = CareType::Emergency).1, PapersMissing, Fail, json!("ktp_el,kk"), Provisional),
        (P6, |f| (shows(f, &[Kk]), person(f).age_years = Some(16)).1, PapersMissing, Pass, json!(null), Eligible),
        (P6, |f| (shows(f, &[Kk]), person(f).age_years = Some(17)).1, PapersMissing, Fail, json!("ktp_el"), NotEligible),
        (P4, |f| shows(f, &[Kk]), PapersMissing, Pass, json!(null), Eligible),
        (P2, shows_card_only, PapersMissing, Pass, json!("card"), Eligible),
        (P2, shows_revoked_card_only, PapersMissing, Fail, json!("kk"), NotEligible),
        (P6, shows_card_only, PapersMissing, Fail, json!("ktp_el,kk"), NotEligible),
        (P6, |f| (shows(f, &[DinsosLetter]), f.person = None).1, PapersMissing, NotApplicable, json!(null), NotEligible),
        (P1, |_| {}, IncomeAboveLimit, Unknown, json!(null), Undetermined),
        (P1, |f| f.told.monthly_income = Some(Rupiah(3_500_000)), IncomeAboveLimit, Pass, json!(3_500_000), Eligible),
        (P1, |f| f.told.monthly_income = Some(Rupiah(3_500_001)), IncomeAboveLimit, Fail, json!(3_500_001), NotEligible),
        (P1, |f| shows(f, &[Kk, UnemploymentLetter]), IncomeAboveLimit, Pass, json!(null), Eligible),
        (P2, |f| f.told.monthly_income = Some(Rupiah(9_000_000)), IncomeAboveLimit, NotApplicable, json!(null), Eligible),
        (P1, |f| f.person = None, IncomeAboveLimit, NotApplicable, json!(null), NotEligible),
    ]
}

fn shows_card_only(facts: &mut Facts) {
    show_card(facts, EnrollmentState::Active, CardState::Delivered);
    shows(facts, &[]);
}

fn shows_revoked_card_only(facts: &mut Facts) {
    show_card(facts, EnrollmentState::Revoked, CardState::Delivered);
    shows(facts, &[]);
}

fn groups() -> Vec<Case> {
    use super::Paper::{DinsosLetter, Kk, KtpEl, PoliceReport, PuskesmasLetter};
    use super::SpecialGroup::{Odgj, Pmks};
    vec![
        (P6, |_| {}, RuleCode::SpecialGroup, NotApplicable, json!(null), Eligible),
        (P6, |f| f.told.special_group = Some(Odgj), RuleCode::SpecialGroup, Pass, json!("odgj"), Eligible),
        (P6, |f| (f.told.special_group, _) = (Some(Odgj), shows(f, &[PuskesmasLetter])), RuleCode::SpecialGroup, Pass, json!("odgj"), Eligible),
        (P6, |f| (f.told.special_group, _) = (Some(Odgj), shows(f, &[KtpEl, Kk])), RuleCode::SpecialGroup, Fail, json!("dinsos_letter"), NotEligible),
        (P6, |f| f.told.injury_cause = Some(InjuryCause::Violence), RuleCode::SpecialGroup, Pass, json!("violence"), Eligible),
        (
            P6,
            |f| (f.told.injury_cause, _) = (Some(InjuryCause::Violence), diagnosed(f, "Y00")),
            RuleCode::SpecialGroup,
            Pass,
            json!("violence"),
            Eligible,
        ),
        (P6, beaten_without_report, RuleCode::SpecialGroup, Fail, json!("police_report"), NotEligible),
        (P6, |f| (beaten_without_report(f), shows(f, &[PoliceReport])).1, RuleCode::SpecialGroup, Pass, json!("violence"), Eligible),
        (P6, |f| f.diagnosis = Some("X34".parse().unwrap()), RuleCode::SpecialGroup, Pass, json!("disaster"), Eligible),
        (P2, |f| f.told.special_group = Some(Pmks), RuleCode::SpecialGroup, Warn, json!("pmks"), Eligible),
        (P6, homeless_with_letter, RuleCode::SpecialGroup, Pass, json!("pmks"), Eligible),
        (P6, homeless_with_letter, PapersMissing, NotApplicable, json!(null), Eligible),
        (P6, |f| (homeless_with_letter(f), f.told.papers = None).1, TemporaryIdentity, Unknown, json!(null), Undetermined),
        (P6, |f| (homeless_with_letter(f), shows(f, &[])).1, RuleCode::SpecialGroup, Fail, json!("dinsos_letter"), NotEligible),
        (P6, resident_elsewhere_with_letter, NotResident, NotApplicable, json!(null), Eligible),
        // What the letter would answer waits for the letter while it is an emergency, and no longer.
        (P6, newcomer_without_letter, RuleCode::ResidencyTooShort, Fail, json!(0), NotEligible),
        (P6, |f| (newcomer_without_letter(f), f.care_type = CareType::Emergency).1, RuleCode::ResidencyTooShort, Fail, json!(0), Provisional),
        (P2, |f| (f.told.special_group, _) = (Some(Pmks), shows(f, &[DinsosLetter])), PapersMissing, Fail, json!("kk"), NotEligible),
    ]
}

fn newcomer_without_letter(facts: &mut Facts) {
    person(facts).residency = resident("2026-11-01");
    facts.told.special_group = Some(super::SpecialGroup::Pmks);
    shows(facts, &[]);
}

fn beaten_without_report(facts: &mut Facts) {
    facts.told.injury_cause = Some(InjuryCause::Violence);
    shows(facts, &[super::Paper::KtpEl, super::Paper::Kk]);
}

fn resident_elsewhere_with_letter(facts: &mut Facts) {
    homeless_with_letter(facts);
    facts.person = Some(PersonFacts::default());
}

fn refer(facts: &mut Facts, change: impl FnOnce(&mut ReferralFacts)) {
    let mut referral = referral(ReferralSource::Registry, "2026-08-23");
    change(&mut referral);
    facts.referral = Some(referral);
}

fn referrals() -> Vec<Case> {
    vec![
        (P6, |_| {}, NoReferral, Pass, json!("registry"), Eligible),
        (P6, |f| f.referral = None, NoReferral, Fail, json!("none"), NotEligible),
        (P2, |f| f.referral = None, NoReferral, NotApplicable, json!(null), Eligible),
        (P6, |f| (f.referral, f.care_type) = (None, CareType::Emergency), NoReferral, NotApplicable, json!(null), Eligible),
        (P6, |f| (f.referral, f.care_type) = (None, CareType::Inpatient), NoReferral, NotApplicable, json!(null), Eligible),
        (P6, |f| (f.referral, f.facility.kind) = (None, FacilityKind::Puskesmas), NoReferral, NotApplicable, json!(null), Eligible),
        // A hospital that calls it primary care is asked all the same.
        (P6, |f| (f.referral, f.care_type) = (None, CareType::Primary), NoReferral, Fail, json!("none"), NotEligible),
        (P6, |f| refer(f, |r| r.fit = ReferralFit::NotFound), NoReferral, Fail, json!("not_found"), NotEligible),
        (P6, |f| refer(f, |r| r.fit = ReferralFit::OtherFacility), NoReferral, Fail, json!("other_facility"), NotEligible),
        (P6, |f| refer(f, |r| r.source = ReferralSource::Paper), NoReferral, Warn, json!("paper"), Eligible),
        (P6, |f| refer(f, |r| r.source = ReferralSource::Pcare), NoReferral, Warn, json!("pcare"), Eligible),
        (P6, |f| refer(f, |r| r.issued_on = Some(day("2026-11-22"))), NoReferral, Fail, json!("issued_later"), NotEligible),
        (P6, |f| refer(f, |_| {}), ReferralExpired, Pass, json!(90), Eligible),
        (P6, |f| refer(f, |r| r.issued_on = Some(day("2026-08-22"))), ReferralExpired, Fail, json!(91), NotEligible),
        (P6, |f| refer(f, |r| r.valid_until = Some(day("2026-11-21"))), ReferralExpired, Pass, json!(90), Eligible),
        (P6, |f| refer(f, |r| r.valid_until = Some(day("2026-11-20"))), ReferralExpired, Fail, json!(90), NotEligible),
        (
            P6,
            |f| refer(f, |r| (r.issued_on, r.valid_until) = (Some(day("2026-08-22")), Some(day("9999-12-31")))),
            ReferralExpired,
            Fail,
            json!(91),
            NotEligible,
        ),
        (P6, |f| refer(f, |r| r.issued_on = None), ReferralExpired, Unknown, json!(null), Undetermined),
        (P6, |f| f.referral = None, ReferralExpired, NotApplicable, json!(null), NotEligible),
    ]
}

fn private(facts: &mut Facts) {
    facts.facility.government = false;
}

fn private_clinic(facts: &mut Facts) {
    (facts.facility.government, facts.facility.kind, facts.facility.class, facts.care_type) = (false, FacilityKind::Clinic, None, CareType::Primary);
}

fn contracts(facts: &mut Facts, contracts: &[DateRange]) {
    facts.facility.contracts = contracts.iter().copied().collect();
}

fn own_puskesmas(facts: &mut Facts) {
    (facts.facility.kind, facts.facility.contracts, facts.care_type) = (FacilityKind::Puskesmas, BTreeSet::new(), CareType::Primary);
}

fn place() -> Vec<Case> {
    vec![
        (P6, |_| {}, ClassNotCovered, Pass, json!("III"), Eligible),
        (P6, |f| f.ward_class = Some(WardClass::II), ClassNotCovered, Fail, json!("II"), NotEligible),
        (P6, |f| (f.ward_class, f.care_type) = (Some(WardClass::I), CareType::Emergency), ClassNotCovered, Fail, json!("I"), NotEligible),
        (P6, |f| (f.ward_class, f.care_type) = (None, CareType::Inpatient), ClassNotCovered, Unknown, json!(null), Undetermined),
        (P6, |f| f.ward_class = None, ClassNotCovered, NotApplicable, json!(null), Eligible),
        (P6, |_| {}, FacilityNotContracted, Pass, json!("contracted"), Eligible),
        (P6, |f| contracts(f, &[]), FacilityNotContracted, Fail, json!("none"), NotEligible),
        (P6, |f| contracts(f, &[range("2020-01-01", Some("2026-11-20"))]), FacilityNotContracted, Fail, json!("2026-11-20"), NotEligible),
        (P6, |f| contracts(f, &[range("2020-01-01", Some("2026-11-21"))]), FacilityNotContracted, Pass, json!("contracted"), Eligible),
        (P6, |f| (contracts(f, &[]), f.care_type = CareType::Emergency).1, FacilityNotContracted, NotApplicable, json!(null), Eligible),
        (P6, own_puskesmas, FacilityNotContracted, Pass, json!("own"), Eligible),
        (P6, |f| (own_puskesmas(f), f.facility.inside_city = false).1, FacilityNotContracted, Fail, json!("none"), NotEligible),
        (P6, |f| (own_puskesmas(f), f.facility.government = false).1, FacilityNotContracted, Fail, json!("none"), NotEligible),
        (P6, |_| {}, FacilityNotGovernment, Pass, json!("government"), Eligible),
        (P6, private, FacilityNotGovernment, Fail, json!("private"), NotEligible),
        (P6, private_clinic, FacilityNotGovernment, NotApplicable, json!(null), Eligible),
        (P6, |f| (private_clinic(f), f.care_type = CareType::Inpatient).1, FacilityNotGovernment, Fail, json!("private"), NotEligible),
        (P6, |f| (private(f), full(f)).1, FacilityNotGovernment, Fail, json!("private"), NotEligible),
        (P6, |f| (private(f), f.care_type = CareType::Emergency).1, FacilityNotGovernment, NotApplicable, json!(null), Eligible),
        (P5, private, FacilityNotGovernment, Fail, json!("private_without_reason"), NotEligible),
        (P5, |f| (private(f), full(f)).1, FacilityNotGovernment, Pass, json!("government_full"), Eligible),
        (P4, private, FacilityNotGovernment, Warn, json!("private"), Eligible),
        (P3, private, FacilityNotGovernment, Warn, json!("private"), Eligible),
        (P3, |f| (private(f), full(f)).1, FacilityNotGovernment, Pass, json!("government_full"), Eligible),
        (P2, private, FacilityNotGovernment, NotApplicable, json!(null), Eligible),
        (P6, |f| (private(f), f.facility.kind = FacilityKind::Clinic).1, FacilityNotGovernment, NotApplicable, json!(null), Eligible),
    ]
}

fn full(facts: &mut Facts) {
    facts.told.placement_reason = Some(PlacementReason::GovernmentFull);
}

fn diagnosed(facts: &mut Facts, code: &str) {
    facts.diagnosis = Some(code.parse().unwrap());
}

fn services() -> Vec<Case> {
    vec![
        (P6, |f| diagnosed(f, "J029"), PrimaryCareDiagnosis, Warn, json!("J02.9"), Eligible),
        (P6, |_| {}, PrimaryCareDiagnosis, Pass, json!("I21.9"), Eligible),
        (P6, |f| (diagnosed(f, "J02.9"), f.care_type = CareType::Inpatient).1, PrimaryCareDiagnosis, NotApplicable, json!(null), Eligible),
        (P2, |f| diagnosed(f, "J02.9"), PrimaryCareDiagnosis, NotApplicable, json!(null), Eligible),
        (P6, |f| f.diagnosis = None, PrimaryCareDiagnosis, NotApplicable, json!(null), Eligible),
        (P6, referred_for_diarrhoea, PrimaryCareDiagnosis, Warn, json!("A09"), Eligible),
        (P6, |_| {}, ServiceExcluded, Pass, json!(null), Eligible),
        (P6, |f| f.diagnosis = None, ServiceExcluded, NotApplicable, json!(null), Eligible),
        (P6, |f| f.told.injury_cause = Some(InjuryCause::Traffic), ServiceExcluded, Fail, json!("traffic"), NotEligible),
        (P6, |f| f.told.injury_cause = Some(InjuryCause::Work), ServiceExcluded, Fail, json!("work"), NotEligible),
        (P6, |f| f.told.injury_cause = Some(InjuryCause::Violence), ServiceExcluded, Pass, json!(null), Eligible),
        (P6, |f| f.told.injury_cause = Some(InjuryCause::Other), ServiceExcluded, Pass, json!(null), Eligible),
        (P6, |f| diagnosed(f, "V23.4"), ServiceExcluded, Fail, json!("V23.4"), NotEligible),
        (P6, |f| diagnosed(f, "V90"), ServiceExcluded, Pass, json!(null), Eligible),
        (P6, |f| diagnosed(f, "S72.0"), ServiceExcluded, Warn, json!("S72.0"), Eligible),
        (P6, |f| (diagnosed(f, "S72.0"), f.told.injury_cause = Some(InjuryCause::Other)).1, ServiceExcluded, Pass, json!(null), Eligible),
    ]
}

fn referred_for_diarrhoea(facts: &mut Facts) {
    facts.diagnosis = None;
    refer(facts, |referral| referral.diagnosis = Some("A09".parse().unwrap()));
}

fn sources() -> Vec<Case> {
    fn registry(facts: &mut Facts, as_of: &str) {
        facts.registry = SourceStanding { as_of: Some(as_of.parse().unwrap()), away: true };
    }
    fn jkn(facts: &mut Facts, away: bool) {
        facts.jkn = Some(SourceStanding { as_of: Some("2026-11-21T01:00:00Z".parse().unwrap()), away });
    }
    vec![
        (P6, |_| {}, RegistryDown, Pass, json!(null), Eligible),
        (P6, |f| registry(f, "2026-10-22T02:00:00Z"), RegistryDown, Unknown, json!(30), Provisional),
        (P6, |f| registry(f, "2026-10-22T01:59:59Z"), RegistryDown, Unknown, json!(30), Undetermined),
        (P6, registry_lost, NikNotFound, Unknown, json!(null), Undetermined),
        (P6, |_| {}, PopulationDown, NotApplicable, json!(null), Eligible),
        (P6, |f| office(f, Some(0), false, Some(Verdict::Match)), PopulationDown, Pass, json!(null), Eligible),
        (P6, |f| office(f, Some(30), true, Some(Verdict::Match)), PopulationDown, Unknown, json!(30), Provisional),
        (P6, |f| office(f, Some(31), true, Some(Verdict::Match)), PopulationDown, Unknown, json!(31), Undetermined),
        (P6, |f| office(f, None, true, None), PopulationDown, Unknown, json!(null), Undetermined),
        (P6, |f| (office(f, None, true, None), f.care_type = CareType::Emergency).1, PopulationDown, Unknown, json!(null), Provisional),
        // What the register itself knows still refuses.
        (P6, |f| (office(f, None, true, None), f.ward_class = Some(WardClass::I)).1, PopulationDown, Unknown, json!(null), NotEligible),
        (P6, |_| {}, JknDown, NotApplicable, json!(null), Eligible),
        (P6, |f| jkn(f, false), JknDown, Pass, json!(null), Eligible),
        (P6, |f| jkn(f, true), JknDown, Unknown, json!(0), Undetermined),
        (P2, |f| f.jkn = Some(SourceStanding { as_of: None, away: true }), JknDown, NotApplicable, json!(null), Eligible),
        (P6, |_| {}, EmergencyProvisional, NotApplicable, json!(null), Eligible),
        (P6, |f| f.care_type = CareType::Emergency, EmergencyProvisional, Pass, json!(null), Eligible),
        (P6, |f| (shows(f, &[]), f.care_type = CareType::Emergency).1, EmergencyProvisional, Warn, json!(72), Provisional),
        (P6, |f| shows(f, &[]), EmergencyProvisional, NotApplicable, json!(null), NotEligible),
        (P6, |_| {}, ReviewGranted, NotApplicable, json!(null), Eligible),
        (P6, |f| (shows(f, &[]), f.granted_on_review = true).1, ReviewGranted, Warn, json!(null), Eligible),
        (P6, |f| (registry_lost(f), f.granted_on_review = true).1, RegistryDown, NotApplicable, json!(null), Eligible),
    ]
}

#[test]
fn each_rule_hits_and_just_does_not() {
    for (at, (date, change, code, outcome, value, decision)) in cases().into_iter().enumerate() {
        let answer = answer_to(date, change);
        let rule = answer.rule(code).unwrap();
        assert_eq!((rule.outcome, serde_json::to_value(&rule.value).unwrap()), (outcome, value), "case {at}: {code} on {date}: {answer:?}");
        assert_eq!(answer.decision, decision, "case {at}: {code} on {date}: {:?}", answer.reasons().collect::<Vec<_>>());
    }
}

#[test]
fn everything_that_a_rule_can_say_has_a_case() {
    let said: BTreeSet<_> = cases().into_iter().map(|(_, _, code, outcome, _, _)| (code, outcome)).collect();
    let can_say: BTreeSet<_> = RuleCode::ALL.iter().flat_map(|code| code.outcomes().iter().map(move |outcome| (*code, *outcome))).collect();
    assert_eq!(can_say.difference(&said).collect::<Vec<_>>(), Vec::<&(RuleCode, Outcome)>::new());
    assert_eq!(said.difference(&can_say).collect::<Vec<_>>(), Vec::<&(RuleCode, Outcome)>::new());
}

#[test]
fn an_answer_is_written_as_promised() {
    let answer = answer_to(P6, |facts| person(facts).jkn = [jkn(JknSegment::PbiApbn, JknState::Active, "2020-01-01", None)].into());
    let rule = |code| serde_json::to_value(answer.rule(code).unwrap()).unwrap();
    assert_eq!(rule(JknActive), json!({"code": "JKN_ACTIVE", "outcome": "fail", "field": "jkn", "value": "PBI_APBN", "limit": "none", "unit": null}));
    assert_eq!(
        rule(ResidencyTooShort),
        json!({"code": "RESIDENCY_TOO_SHORT", "outcome": "pass", "field": "resident_since", "value": 140, "limit": 6, "unit": "months"})
    );
    assert_eq!(answer.rules.iter().map(|rule| rule.code).collect::<Vec<_>>(), RuleCode::ALL);
    assert_eq!(answer.valid_until.unwrap().to_string(), "2026-11-21T16:59:59.999999Z");
    assert_eq!(answer.complete_by, None);
}
