//! JKN, the national health insurance: membership as a history of periods. Only a period whose state is `active` makes a member on a date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::time::DateRange;

text_enum! {
    /// Who pays the contribution: the state (PBI_APBN), the city (PBI_APBD), an employer (PPU), the member (PBPU), or a non-worker (BP).
    JknSegment { PbiApbn = "PBI_APBN", PbiApbd = "PBI_APBD", Ppu = "PPU", Pbpu = "PBPU", Bp = "BP" }
}

text_enum! {
    JknState { Active = "active", Inactive = "inactive", Arrears = "arrears", Suspended = "suspended" }
}

/// One stretch of a person's JKN history, both ends included; an open end means "until further notice".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JknPeriod {
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub segment: JknSegment,
    pub state: JknState,
}

impl JknPeriod {
    pub fn range(&self) -> DateRange {
        DateRange { from: self.valid_from, to: self.valid_to }
    }

    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.range().contains(date)
    }
}
