//! Referrals: how a patient is sent on from a Puskesmas or clinic to a hospital.

use chrono::NaiveDate;

use super::facilities::{Facility, FacilityKind};
use super::id::Id;
use super::text_enum::text_enum;

text_enum! {
    /// Where a referral is written. Only those of our own registry can be looked up; the others are told by the facility.
    ReferralSource { Registry = "registry", Paper = "paper", Pcare = "pcare" }
}

text_enum! {
    /// Does a referral fit this person and this facility? One on paper that nobody can look up is taken to fit.
    ReferralFit { Fits = "fits", NotFound = "not_found", OtherPerson = "other_person", OtherFacility = "other_facility" }
}

text_enum! {
    /// Which way a referral goes, as a facility sees it.
    Direction { In = "in", Out = "out" }
}

/// May someone of this facility see a referral? Who wrote it may, and who receives it: the hospital that it names, or any under contract when it names
/// none.
pub fn may_see(from: Id, to: Option<Id>, facility: &Facility, today: NaiveDate) -> bool {
    let receives = match to {
        Some(to) => to == facility.id,
        None => facility.kind == FacilityKind::Hospital && facility.is_contracted_on(today),
    };
    receives || from == facility.id
}
