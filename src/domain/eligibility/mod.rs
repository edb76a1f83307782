//! Eligibility: may this person be treated here, on this date, at the scheme's expense?

mod vocabulary;

pub use vocabulary::{
    CareType, Decision, IdentifiedBy, IdentityMatch, InjuryCause, Outcome, Paper, PlacementReason, Source, SpecialGroup, WardClass,
};
