//! The budget: a year's money in two pots, and a ledger in which each rupiah stands in one account at a time. Three parties once counted the
//! programme's debt in three ways, so each measure here is a number of its own with a definition of its own.

mod alerts;
mod forecast;
mod ledger;
mod measures;

pub use alerts::{crossed, percents};
pub use forecast::{Basis, Begun, Drawn, MonthUse, NoForecast, Question, Unbilled, Window, exhaustion};
pub use ledger::{Account, Balances, Move, Posting, PostingFault, PostingKind};
pub use measures::{Given, Measures, lowest_ceiling, used};

use super::facilities::{Facility, FacilityKind};
use super::text_enum::text_enum;

text_enum! {
    /// Which part of a year's budget pays: the city's own hospitals have one of their own.
    Pot { Rsud = "rsud", Others = "others" }
}

text_enum! {
    /// What one person proposes counts when another has approved it.
    Approval {
        Proposed = "proposed", Approved = "approved",
        /// Taken back by whoever proposed it, before anybody approved.
        Withdrawn = "withdrawn",
    }
}

impl Pot {
    pub fn of(facility: &Facility) -> Self {
        if facility.kind == FacilityKind::Hospital && facility.government && facility.inside_city { Self::Rsud } else { Self::Others }
    }
}

#[cfg(test)]
mod tests;
