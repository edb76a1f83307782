//! Adjudication: what is paid of a claim and why. Pure: the same case gives the same result, whatever the order of its lines.
//!
//! Every edit looks at the whole case, all of them run and all that they find is kept. Lines are judged one by one: a bad one never takes the others with
//! it. Then money is cut in the fixed order of the steps, each cut an adjustment of its own, so that what is asked less the adjustments is what is paid.
//! Each edit is a file under `edits/`; its texts are `edits.<CODE>` in the texts of both languages.

mod case;
pub mod edits;
mod guarantee;
pub mod kept;
mod measures;
pub mod precision;
mod run;
#[cfg(test)]
pub mod tests;
#[cfg(test)]
mod tests_of_defects;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::claims::{LineState, ReasonCode};
use super::roles::Role;
use super::rupiah::Rupiah;
use super::text_enum::text_enum;

pub use case::{
    AuthorisationFacts, Case, CheckFacts, CoverageFacts, FacilityStatistics, LetterFacts, PastClaim, PastLine, PersonFacts, Priced, Used,
};
pub use run::adjudicate;

text_enum! {
    /// What an edit leads to. In this order: the worst of all that were found decides.
    EditOutcome {
        /// Paid as asked, and marked for analysis.
        Flag = "flag",
        /// Paid less.
        Cap = "cap",
        /// A person decides.
        Pend = "pend",
        /// Not paid.
        Reject = "reject",
    }
}

text_enum! {
    /// Where an edit is asked.
    Scope { Eligibility = "eligibility", Letter = "letter", Claim = "claim", Nightly = "nightly" }
}

text_enum! {
    /// Whether an edit does what it says. In the shadow it only tells what it would do, on new claims as on past ones.
    EditMode { Shadow = "shadow", Active = "active" }
}

text_enum! {
    /// The steps in which money is cut, in their order.
    Step {
        Quantity = "quantity", Tariff = "tariff", Package = "package", Authorisation = "authorisation", CoPay = "co_pay",
        CategoryCeiling = "category_ceiling", AnnualCeiling = "annual_ceiling", FamilyCeiling = "family_ceiling", RecoveryOffset = "recovery_offset",
    }
}

/// What an edit does.
#[derive(Clone, Copy)]
pub enum Judge {
    /// Finds what is wrong.
    Look(fn(&Case<'_>, &mut Findings)),
    /// Says how much of a line may be paid at most, where it has a say. A line of which it leaves nothing is rejected, where that is the worst it leads to.
    Cap(Step, CapOf),
    /// Both of them.
    LookAndCap(fn(&Case<'_>, &mut Findings), Step, CapOf),
}

pub type CapOf = fn(&Case<'_>, &CutLine<'_>) -> Option<Rupiah>;

impl Judge {
    fn look(&self) -> Option<fn(&Case<'_>, &mut Findings)> {
        match self {
            Self::Look(look) | Self::LookAndCap(look, ..) => Some(*look),
            Self::Cap(..) => None,
        }
    }

    fn cap(&self) -> Option<(Step, CapOf)> {
        match self {
            Self::Cap(step, cap) | Self::LookAndCap(_, step, cap) => Some((*step, *cap)),
            Self::Look(_) => None,
        }
    }
}

/// One check of claims.
#[derive(Clone, Copy)]
pub struct Edit {
    pub code: &'static str,
    /// Grows when the edit finds something else than before.
    pub version: u16,
    /// It is asked for claims of care from this day on, and until the other one.
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    /// The worst that it leads to.
    pub outcome: EditOutcome,
    pub scopes: &'static [Scope],
    /// Who may decide otherwise than it says.
    pub overridden_by: Option<Role>,
    /// It compares with others rather than with a rule: it never rejects.
    pub statistical: bool,
    /// How it stands until two admins say otherwise. A new one begins in the shadow.
    pub begins: EditMode,
    /// Under which of the verifiers' reasons it falls.
    pub reason: ReasonCode,
    pub judge: Judge,
}

/// What most edits have in common; each says what is its own.
pub const USUAL: Edit = Edit {
    code: "",
    version: 1,
    from: SCHEME_BEGAN,
    to: None,
    outcome: EditOutcome::Reject,
    scopes: &[Scope::Claim],
    overridden_by: Some(Role::Verifier),
    statistical: false,
    begins: EditMode::Active,
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(|_, _| {}),
};

/// 16 January 2017: no care is older than the scheme.
pub const SCHEME_BEGAN: NaiveDate = NaiveDate::from_ymd_opt(2017, 1, 16).expect("a date of the calendar");

impl Edit {
    pub fn is_asked_on(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to)
    }
}

/// What an edit found. Values are codes, dates and numbers, never who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub edit: String,
    pub version: u16,
    pub outcome: EditOutcome,
    /// None where it concerns the claim as a whole.
    pub line: Option<i32>,
    /// The field of the claim that it is about.
    pub field: String,
    pub value: Option<String>,
    pub limit: Option<String>,
    /// It only tells what it would have done.
    pub shadow: bool,
}

/// Collects what edits find.
#[derive(Default)]
pub struct Findings(Vec<Found>);

struct Found {
    outcome: EditOutcome,
    line: Option<i32>,
    field: &'static str,
    value: Option<String>,
    limit: Option<String>,
}

impl Findings {
    /// About the claim as a whole. `value` is what was found, `limit` what it was held against.
    pub fn claim(&mut self, outcome: EditOutcome, field: &'static str, value: impl ToString, limit: impl ToString) {
        self.0.push(Found { outcome, line: None, field, value: told(&value), limit: told(&limit) });
    }

    /// About one line.
    pub fn line(&mut self, line: i32, outcome: EditOutcome, field: &'static str, value: impl ToString, limit: impl ToString) {
        self.0.push(Found { outcome, line: Some(line), field, value: told(&value), limit: told(&limit) });
    }
}

/// What has nothing to say says nothing.
fn told(value: &impl ToString) -> Option<String> {
    Some(value.to_string()).filter(|text| !text.is_empty())
}

/// A line while money is cut.
pub struct CutLine<'a> {
    pub line: &'a super::claims::Line,
    /// What is left of it before this edit.
    pub amount: Rupiah,
    /// What is left, after this edit, of the lines before it in the canonical order.
    pub before: Rupiah,
    /// All lines in the canonical order, with what was left of each before this edit: nothing of one that is not paid.
    pub all: &'a [(&'a super::claims::Line, Rupiah)],
}

/// A cut, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    pub edit: String,
    pub line: i32,
    pub amount: Rupiah,
    /// None where the line was refused before any was cut.
    pub step: Option<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedLine {
    pub line: i32,
    pub state: LineState,
    /// By the tariff, before the percentage of the contract; none where no price was found.
    pub tariff_amount: Option<Rupiah>,
    /// What would be paid.
    pub payable: Rupiah,
}

/// What comes of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjudication {
    /// In the order of the edits, lines in theirs.
    pub hits: Vec<Hit>,
    pub lines: Vec<JudgedLine>,
    pub adjustments: Vec<Adjustment>,
    pub payable: Rupiah,
    pub verdict: Verdict,
}

text_enum! {
    /// What becomes of the claim as a whole.
    Verdict {
        /// Decided by itself.
        Pay = "pay",
        /// A person decides.
        Pend = "pend",
        Reject = "reject",
    }
}
