//! What a rule set says of guarantee letters and claims: how long a letter holds, and the clocks of a claim.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::eligibility::CareType;
use crate::domain::facilities::FacilityKind;
use crate::domain::rupiah::Rupiah;
use crate::domain::text_enum::text_enum;

text_enum! {
    /// What becomes of care on a day on which JKN would have paid it.
    DoubleFunding { Reject = "reject", Pend = "pend" }
}

/// Guarantee letters (SJP).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letters {
    /// Care that is paid only under a letter; all other care may also be claimed on its check alone.
    pub required_for: BTreeSet<CareType>,
    /// For so many days, the first among them, a letter is good for a stay or an emergency.
    pub stay_days: u32,
    /// The same for outpatients, in months.
    pub outpatient_months: u32,
    /// By how many days a letter for a stay may be prolonged at once, and how often.
    pub extension_days: u32,
    pub extensions: u32,
    /// A letter may be asked for until so many days after the date of service.
    pub issue_within_days: u32,
    /// What a letter reserves in the budget where the hospital gives no estimate.
    pub usual_amounts: BTreeMap<CareType, Rupiah>,
}

/// Claims and the clocks that run on them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who is paid by claim.
    pub paid_kinds: BTreeSet<FacilityKind>,
    /// Until this day of the month after the discharge a claim is in time.
    pub file_by_day: u32,
    /// A claim that nobody judged so long is complete.
    pub complete_within_days: u32,
    pub fix_within_days: u32,
    pub pay_within_days: u32,
    pub dispute_within_days: u32,
    /// So long after the discharge nothing is paid any more.
    pub expires_after_months: u32,
    pub double_funding: DoubleFunding,
    /// So many of a hundred claims that nothing speaks against are looked at all the same.
    pub sample_percent: u32,
    /// Above this a second verifier decides.
    #[serde(default)]
    pub second_decision_above: Option<Rupiah>,
    /// What one person, and one household, may cost in a year.
    #[serde(default)]
    pub annual_ceiling: Option<Rupiah>,
    #[serde(default)]
    pub family_ceiling: Option<Rupiah>,
}

/// What held before rule sets spoke of letters and claims: a check that was recorded then is read again by its own rule set, which has no such sections.
impl Letters {
    pub(super) fn unspoken() -> Self {
        Self {
            required_for: BTreeSet::new(),
            stay_days: 0,
            outpatient_months: 0,
            extension_days: 0,
            extensions: 0,
            issue_within_days: 0,
            usual_amounts: BTreeMap::new(),
        }
    }

    /// What a letter reserves where nobody estimated it.
    pub fn usual_amount(&self, care: CareType) -> Rupiah {
        self.usual_amounts.get(&care).copied().unwrap_or(Rupiah::ZERO)
    }
}

impl Claims {
    pub(super) fn unspoken() -> Self {
        Self {
            paid_kinds: BTreeSet::new(),
            file_by_day: 0,
            complete_within_days: 0,
            fix_within_days: 0,
            pay_within_days: 0,
            dispute_within_days: 0,
            expires_after_months: 0,
            double_funding: DoubleFunding::Reject,
            sample_percent: 0,
            second_decision_above: None,
            annual_ceiling: None,
            family_ceiling: None,
        }
    }
}
