//! Everything that the edits may ask about a claim, read before they run: the claim, the patient, the letter, the prices, what was paid before, and the
//! rules and lists of its date.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::claim_lists::ClaimLists;
use crate::domain::claims::{Attached, Bill, ClaimState, Line};
use crate::domain::codes::CodeList;
use crate::domain::eligibility::{CareType, Decision, Outcome, ReferralFacts, RuleCode, WardClass};
use crate::domain::facilities::Facility;
use crate::domain::icd9cm::Icd9Code;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::{DischargeStatus, LetterState};
use crate::domain::participants::Sex;
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::payable;

pub struct Case<'a> {
    /// The day on which the claim was received.
    pub received_on: NaiveDate,
    pub bill: &'a Bill,
    pub facility: &'a Facility,
    pub rules: &'a RuleSet,
    pub lists: &'a ClaimLists,
    pub diagnosis_codes: &'a CodeList<Icd10Code>,
    pub procedure_codes: &'a CodeList<Icd9Code>,
    pub person: PersonFacts,
    pub coverage: CoverageFacts,
    pub letter: Option<LetterFacts>,
    /// The check on which it rests, where there is no letter; and under a letter the letter's.
    pub check: CheckFacts,
    pub prices: BTreeMap<String, Priced>,
    pub documents: Vec<Attached>,
    /// Other live claims of the same person, at any hospital, oldest first.
    pub history: Vec<PastClaim>,
    /// What this hospital claimed for the same person and did not get: the claims in the state `rejected`.
    pub rejected: Vec<PastClaim>,
    pub used: Used,
    /// None where the hospital has too few claims to compare.
    pub statistics: Option<FacilityStatistics>,
    /// Drawn for the control sample, with a seed that is stored.
    pub sampled: bool,
    /// The patient answered that this care was not theirs.
    pub denied_by_participant: bool,
    /// The bank account of the hospital was changed on this day, within the days that are watched.
    pub account_changed_on: Option<NaiveDate>,
    /// Who submits also registered the patient or asked for the check in another role.
    pub submitted_by_registrar: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonFacts {
    pub sex: Sex,
    /// None where nobody knows it.
    pub birth_date: Option<NaiveDate>,
    pub registered_on: NaiveDate,
    /// A stand-in for a NIK that is still to come.
    pub temporary: bool,
    pub deceased_on: Option<NaiveDate>,
    /// What the NIK says of sex or birth date differs from the registry.
    pub nik_differs: bool,
    /// The NIK of the check was a former one, or the record was merged into another.
    pub superseded: bool,
    /// An open or confirmed signal says that this is likely a second registration.
    pub likely_duplicate: bool,
    pub card_blocked: bool,
    /// Claims name the date of the newborn's NIK.
    pub covered_through_mother: bool,
}

impl PersonFacts {
    /// Full years on a date; none where the birth date is not known or lies after it.
    pub fn age_on(&self, date: NaiveDate) -> Option<u32> {
        self.birth_date.and_then(|born| date.years_since(born))
    }

    pub fn days_old_on(&self, date: NaiveDate) -> Option<i64> {
        self.birth_date.map(|born| (date - born).num_days())
    }
}

/// What the rules say today of the date of care: the decision function of the checks, run again for this claim.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoverageFacts {
    pub decision: Decision,
    pub outcomes: BTreeMap<RuleCode, Outcome>,
    /// The days of the stay on which an active JKN membership bars.
    pub jkn_days: BTreeSet<NaiveDate>,
    /// The referral that the check was asked with, from the facts that are kept with it.
    pub referral: Option<ReferralFacts>,
}

impl CoverageFacts {
    pub fn fails(&self, rule: RuleCode) -> bool {
        self.outcomes.get(&rule) == Some(&Outcome::Fail)
    }

    pub fn is_unknown(&self, rule: RuleCode) -> bool {
        self.outcomes.get(&rule) == Some(&Outcome::Unknown)
    }

    pub fn warns(&self, rule: RuleCode) -> bool {
        self.outcomes.get(&rule) == Some(&Outcome::Warn)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LetterFacts {
    pub state: LetterState,
    /// It is this hospital's, of this patient.
    pub of_facility: bool,
    pub of_person: bool,
    /// Another live claim was made under it.
    pub billed_elsewhere: bool,
    pub care_type: CareType,
    pub diagnosis: Icd10Code,
    pub ward_class: Option<WardClass>,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub issued_on: NaiveDate,
    pub admitted_on: Option<NaiveDate>,
    pub discharged_on: Option<NaiveDate>,
    pub authorised: AuthorisationFacts,
}

/// What was authorised with the letter.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AuthorisationFacts {
    /// The estimate that the hospital gave, where it is binding.
    pub amount: Option<Rupiah>,
    pub procedures: Vec<Icd9Code>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckFacts {
    pub service_date: NaiveDate,
    pub checked_on: NaiveDate,
    pub care_type: CareType,
    pub decision: Decision,
    pub of_person: bool,
    pub of_facility: bool,
    /// What was written down during an outage does not agree with the registry.
    pub offline_conflict: bool,
}

/// The price of a tariff code for this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    pub amount: Rupiah,
    pub payment_percent: i32,
}

impl Priced {
    /// The tariff of so many, before the percentage.
    pub fn of(self, quantity: i32) -> Option<Rupiah> {
        self.amount.0.checked_mul(i64::from(quantity)).map(Rupiah)
    }

    /// The most that is paid for so many.
    pub fn allows(self, quantity: i32) -> Option<Rupiah> {
        self.of(quantity).map(|amount| payable(amount, self.payment_percent))
    }
}

/// Another claim of the same person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PastClaim {
    pub id: Id,
    pub facility_id: Id,
    pub state: ClaimState,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub discharge_status: Option<DischargeStatus>,
    pub principal: Option<Icd10Code>,
    pub procedures: Vec<(Icd9Code, NaiveDate)>,
    pub claimed: Rupiah,
    pub approved: Rupiah,
    pub lines: Vec<PastLine>,
    /// It was replaced by this one.
    pub replaced: bool,
    /// It was made before this one, by their ids, which grow with time: of two that are alike, the later is the double.
    pub earlier: bool,
}

impl PastClaim {
    pub fn last_day(&self) -> NaiveDate {
        self.discharged_on.unwrap_or(self.admitted_on)
    }

    /// Was anything of it paid, or is it still to be decided?
    pub fn counts(&self) -> bool {
        self.state.is_live() && self.state != ClaimState::Draft && !self.replaced
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PastLine {
    pub tariff_code: String,
    pub date: NaiveDate,
    pub quantity: i32,
    pub claimed: Rupiah,
    pub approved: Rupiah,
    pub paid: Rupiah,
}

/// What was used before, counted under the lock under which the result is stored: two claims at once do not pass one ceiling.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Used {
    pub by_person_in_year: Rupiah,
    pub by_family_in_year: Rupiah,
    /// What the pot of this hospital has left; below zero where more is spoken for than there is.
    pub budget_available: Rupiah,
    /// What the hospital owes from earlier overpayments.
    pub owed: Rupiah,
}

/// How this hospital compares with itself and with others of its class.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FacilityStatistics {
    /// Claims of this kind of care on the busiest of the last days, against the mean and deviation of the ninety days before.
    pub claims_today: f64,
    pub mean_per_day: f64,
    pub deviation: f64,
    /// Mean of what is claimed per case, its median among peers and their median absolute deviation.
    pub mean_cost: f64,
    pub peer_median: f64,
    pub peer_deviation: f64,
}

impl Case<'_> {
    /// By the tariff, before the percentage of the contract.
    pub fn tariff_amount(&self, line: &Line) -> Option<Rupiah> {
        self.prices.get(&line.tariff_code)?.of(line.quantity)
    }

    /// What the tariff allows of a line, after the percentage.
    pub fn allowed(&self, line: &Line) -> Option<Rupiah> {
        self.prices.get(&line.tariff_code)?.allows(line.quantity)
    }

    /// Other claims that count against this one.
    pub fn others(&self) -> impl Iterator<Item = &PastClaim> {
        self.history.iter().filter(|claim| claim.counts())
    }

    pub fn is_stay(&self) -> bool {
        self.bill.care_type == CareType::Inpatient
    }

    pub fn is_emergency(&self) -> bool {
        self.bill.care_type == CareType::Emergency
    }
}
