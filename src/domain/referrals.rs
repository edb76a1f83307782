//! Referrals: how a patient is sent on from a Puskesmas or clinic to a hospital.

use super::text_enum::text_enum;

text_enum! {
    /// Where a referral is written. Only those of our own registry can be looked up; the others are told by the facility.
    ReferralSource { Registry = "registry", Paper = "paper", Pcare = "pcare" }
}

text_enum! {
    /// Does a referral fit this person and this facility? One on paper that nobody can look up is taken to fit.
    ReferralFit { Fits = "fits", NotFound = "not_found", OtherPerson = "other_person", OtherFacility = "other_facility", Cancelled = "cancelled" }
}
