//! Eligibility: may this person be treated here, on this date, at the scheme's expense?

mod lists;
mod vocabulary;

pub use lists::{Excluded, Exclusion, Lists};
pub use vocabulary::{
    CareType, Decision, IdentifiedBy, IdentityMatch, InjuryCause, Outcome, Paper, PlacementReason, RuleCode, Source, SpecialGroup, Unit, WardClass,
};
