//! A question to the check desk, and how it becomes facts once the desk has read who it is about.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::App;
use crate::context::Context;
use crate::domain::eligibility::{
    CareType, FACTS_VERSION, FacilityFacts, Facts, IdentifiedBy, IdentityFacts, MotherFacts, NewbornFacts, PersonFacts, PopulationFacts,
    ReferralFacts, SourceStanding, ToldFacts, WardClass,
};
use crate::domain::enrollments::EnrollmentStanding;
use crate::domain::facilities::Facility;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::names;
use crate::domain::nik::{self, Nik, NikOddity};
use crate::domain::referrals::{ReferralFit, ReferralSource};
use crate::domain::regions::Regions;
use crate::domain::roles::Caller;
use crate::domain::texts::Language;
use crate::store::check_facts::{CardHolder, FoundReferral, Person, ReferralRow};
use crate::store::eligibility_checks::Offline;

/// How the person is named.
#[derive(Clone)]
pub enum Who {
    Nik(Nik),
    Card(String),
    Participant(Id),
    /// A family card, singled out by the birth date and, for twins, the name.
    Family(KkNumber),
    /// A child by its mother, birth date and order.
    Newborn {
        mother: Nik,
        born: NaiveDate,
        order: u8,
    },
}

/// The referral that the patient brings.
#[derive(Clone)]
pub enum Brought {
    /// One of our own registry, by its number.
    Number(String),
    /// One on paper or from P-Care, as the facility tells it.
    Told { source: ReferralSource, from_facility_code: Option<String>, issued_on: Option<NaiveDate> },
}

/// A retry is recognised by its key.
#[derive(Clone, Copy)]
pub struct Key {
    pub key: Id,
    pub fingerprint: [u8; 32],
}

#[derive(Clone)]
pub struct Question {
    pub context: Context,
    pub caller: Caller,
    pub facility: Arc<Facility>,
    pub who: Who,
    pub service_date: NaiveDate,
    pub retrospective: bool,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub diagnosis: Option<Icd10Code>,
    pub referral: Option<Brought>,
    pub claimed_name: Option<String>,
    pub claimed_birth_date: Option<NaiveDate>,
    pub told: ToldFacts,
    pub offline: Option<Offline>,
    pub language: Language,
    pub override_of: Option<Id>,
    pub key: Option<Key>,
    /// The population office was asked about the person, or could not be in time.
    pub office_asked: bool,
}

/// Whom a question is about, and through whom they may be covered.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub person: Option<&'a Person>,
    pub mother: Option<&'a Person>,
    /// What the population office said of the person, where it is asked.
    pub population: Option<&'a PopulationFacts>,
}

fn mother_facts(mother: &Person) -> MotherFacts {
    MotherFacts {
        events: mother.events.iter().copied().collect(),
        residency: mother.residency.iter().cloned().collect(),
        jkn: mother.jkn.iter().copied().collect(),
    }
}

impl Question {
    /// Does what was claimed fit this person? For a family card it must, for everyone else it only tells.
    pub fn singles_out(&self, person: &Person) -> bool {
        self.claimed_birth_date == Some(person.identity.birth_date)
            && self.claimed_name.as_ref().is_none_or(|name| names::same(name, &person.identity.name))
    }

    /// Everything that the rules may ask, as of now.
    pub fn facts(&self, app: &App, found: Found<'_>, card: Option<&CardHolder>, referral: Option<&FoundReferral>) -> Facts {
        let person = found.person;
        let regions = &app.city.regions;
        let registered = person.and_then(|person| registered_oddities(person, regions));
        let nik_oddities = match (registered, &self.who) {
            (Some(oddities), _) => oddities,
            (None, Who::Nik(asked)) => nik::oddities_of_number(asked, regions),
            (None, Who::Newborn { mother, .. }) if found.mother.is_none() => nik::oddities_of_number(mother, regions),
            (None, Who::Card(_) | Who::Participant(_) | Who::Family(_) | Who::Newborn { .. }) => Vec::new(),
        };
        let claimed = (self.claimed_name.as_deref(), self.claimed_birth_date);
        let identity = person.map_or((None, None), |person| (person.identity.known_name(), person.identity.known_birth_date()));
        Facts {
            v: FACTS_VERSION,
            asked_at: self.context.now,
            utc_offset_seconds: app.city.offset.local_minus_utc(),
            service_date: self.service_date,
            retrospective: self.retrospective,
            care_type: self.care_type,
            ward_class: self.ward_class,
            diagnosis: self.diagnosis.clone(),
            identified_by: match self.who {
                Who::Nik(_) => IdentifiedBy::Nik,
                Who::Card(_) => IdentifiedBy::Card,
                Who::Participant(_) => IdentifiedBy::Participant,
                Who::Family(_) => IdentifiedBy::Kk,
                Who::Newborn { .. } => IdentifiedBy::Mother,
            },
            nik_oddities: nik_oddities.into_iter().collect(),
            card: card.and_then(|card| EnrollmentStanding::on_date(&card.stretches, self.service_date)),
            person: self.person_facts(found),
            identity: IdentityFacts::compare(claimed, identity),
            facility: FacilityFacts::of(&self.facility),
            referral: self.referral.as_ref().map(|brought| self.referral_facts(brought, person, referral)),
            told: self.told.clone(),
            registry: SourceStanding { as_of: Some(self.context.now), away: false },
            population: found.population.cloned(),
            jkn: None,
            granted_on_review: false,
        }
    }

    /// Of a child that nobody registered there is only what its mother's NIK tells.
    fn person_facts(&self, found: Found<'_>) -> Option<PersonFacts> {
        match (found.person, &self.who) {
            (Some(person), _) => Some(person_facts(person, found.mother, self.service_date)),
            (None, Who::Newborn { born, .. }) => found.mother.map(|mother| PersonFacts {
                temporary: true,
                age_years: age(*born, self.service_date),
                newborn: Some(NewbornFacts { born: *born, registered: false, mother: mother_facts(mother) }),
                ..PersonFacts::default()
            }),
            (None, Who::Nik(_) | Who::Card(_) | Who::Participant(_) | Who::Family(_)) => None,
        }
    }

    fn referral_facts(&self, brought: &Brought, person: Option<&Person>, found: Option<&FoundReferral>) -> ReferralFacts {
        let bare = |source, fit| ReferralFacts { source, fit, from_facility_code: None, issued_on: None, valid_until: None, diagnosis: None };
        match (brought, found) {
            (Brought::Told { source, from_facility_code, issued_on }, _) => {
                ReferralFacts { from_facility_code: from_facility_code.clone(), issued_on: *issued_on, ..bare(*source, ReferralFit::Fits) }
            }
            (Brought::Number(_), None) => bare(ReferralSource::Registry, ReferralFit::NotFound),
            (Brought::Number(_), Some(found)) => {
                let ReferralRow { participant_id, to_facility_id, issued_on, valid_until, .. } = &found.row;
                let fit = if person.is_none_or(|person| person.id != *participant_id) {
                    ReferralFit::OtherPerson
                } else if to_facility_id.is_some_and(|to| to != self.facility.id) {
                    ReferralFit::OtherFacility
                } else {
                    ReferralFit::Fits
                };
                // What another patient has is none of this one's.
                let diagnosis = (fit == ReferralFit::Fits).then(|| found.diagnosis.clone());
                ReferralFacts { issued_on: Some(*issued_on), valid_until: Some(*valid_until), diagnosis, ..bare(ReferralSource::Registry, fit) }
            }
        }
    }
}

/// What the rules ask of a registered person.
pub(super) fn person_facts(person: &Person, mother: Option<&Person>, service_date: NaiveDate) -> PersonFacts {
    let born = person.identity.birth_date;
    PersonFacts {
        temporary: person.identity.nik.is_empty(),
        age_years: age(born, service_date),
        events: person.events.iter().copied().collect(),
        residency: person.residency.iter().cloned().collect(),
        jkn: person.jkn.iter().copied().collect(),
        enrollments: person.enrollments.iter().flatten().copied().collect(),
        newborn: mother.map(|mother| NewbornFacts { born, registered: true, mother: mother_facts(mother) }),
    }
}

/// What is odd about the NIK of a person who has one.
pub(super) fn registered_oddities(person: &Person, regions: &Regions) -> Option<Vec<NikOddity>> {
    Nik::parse(&person.identity.nik).ok().map(|nik| nik::oddities(&nik, person.identity.birth_date, person.sex, regions))
}

/// May this person be covered through a mother on this date? Whoever is past the first year has lived here or not on their own.
pub(super) fn may_need_mother(person: &Person, service_date: NaiveDate) -> bool {
    person.birth_year >= service_date.year() - 1
}

/// Full years on a date; none before birth.
fn age(born: NaiveDate, on: NaiveDate) -> Option<u16> {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    u16::try_from(on.year() - born.year() - i32::from(!had_birthday)).ok()
}
