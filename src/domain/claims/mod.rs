//! Claims: what a hospital asks to be paid for one episode of care, and the life of that request.

mod clocks;
mod states;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::documents::DocumentKind;
use super::eligibility::{CareType, WardClass};
use super::icd9cm::Icd9Code;
use super::icd10::Icd10Code;
use super::id::Id;
use super::letters::DischargeStatus;
use super::rupiah::{Rupiah, TooLarge};
use super::text_enum::text_enum;

pub use clocks::Clocks;
pub use states::{ClaimAction, ClaimState, LineState, WaitingFor};

text_enum! {
    DiagnosisKind { Principal = "principal", Secondary = "secondary" }
}

text_enum! {
    /// Why a claim or a line is not paid as it was asked for: the list that verifiers choose from.
    ReasonCode {
        AdminDocMissing = "ADMIN_DOC_MISSING", AdminWrongClass = "ADMIN_WRONG_CLASS", AdminNoReferral = "ADMIN_NO_REFERRAL",
        CodingDiagnosis = "CODING_DIAGNOSIS", CodingProcedure = "CODING_PROCEDURE", MedicalIndication = "MEDICAL_INDICATION",
        SupportExamMissing = "SUPPORT_EXAM_MISSING", NotEligible = "NOT_ELIGIBLE", DoubleFunded = "DOUBLE_FUNDED", Duplicate = "DUPLICATE",
        TariffExceeded = "TARIFF_EXCEEDED", Late = "LATE", Expired = "EXPIRED", ExcludedService = "EXCLUDED_SERVICE",
    }
}

text_enum! {
    /// What became of an objection.
    DisputeOutcome {
        /// The decision stands as it was.
        Upheld = "upheld",
        Changed = "changed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub code: Icd10Code,
    pub kind: DiagnosisKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    pub code: Icd9Code,
    pub date: NaiveDate,
}

/// One position of the bill. Amounts are of the whole line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub line: i32,
    pub tariff_code: String,
    pub date: NaiveDate,
    pub quantity: i32,
    pub claimed_amount: Rupiah,
    /// What it cost the hospital, where it says so: what the talk about low tariffs is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospital_cost: Option<Rupiah>,
}

/// A document of a claim, as far as the edits ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub id: Id,
    pub kind: DocumentKind,
    /// The same file lies with a claim of somebody else.
    pub used_for_another: bool,
}

/// What the hospital says. It is kept with each revision, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    pub facility_claim_number: String,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge_status: Option<DischargeStatus>,
    /// What the patient is entitled to, and where the patient lay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_class: Option<WardClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_class_used: Option<WardClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_class_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_record_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner_license: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_weight_grams: Option<i32>,
    pub diagnoses: Vec<Diagnosis>,
    pub procedures: Vec<Procedure>,
    pub lines: Vec<Line>,
    pub total_claimed: Rupiah,
    pub document_ids: Vec<Id>,
    /// What whoever looks at it should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Bill {
    pub fn principal(&self) -> Option<&Icd10Code> {
        self.diagnoses.iter().find(|diagnosis| diagnosis.kind == DiagnosisKind::Principal).map(|diagnosis| &diagnosis.code)
    }

    /// The last day of care; of care without a discharge, its first.
    pub fn last_day(&self) -> NaiveDate {
        self.discharged_on.unwrap_or(self.admitted_on)
    }

    /// Nights in a bed.
    pub fn nights(&self) -> i64 {
        (self.last_day() - self.admitted_on).num_days().max(0)
    }

    pub fn claimed(&self) -> Result<Rupiah, TooLarge> {
        Rupiah::sum(self.lines.iter().map(|line| line.claimed_amount))
    }

    pub fn hospital_cost(&self) -> Result<Rupiah, TooLarge> {
        Rupiah::sum(self.lines.iter().filter_map(|line| line.hospital_cost))
    }
}
