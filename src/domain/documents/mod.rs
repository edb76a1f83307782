//! Documents: the papers behind a claim, and who may see them.

use super::id::Id;
use super::roles::{Caller, Role};
use super::text_enum::text_enum;

pub mod contents;

text_enum! {
    DocumentKind {
        Bill = "bill", MedicalResume = "medical_resume", Letter = "letter", Referral = "referral", ErNote = "er_note", Identity = "identity",
        Other = "other",
    }
}

/// May somebody see a document? The facility that brought it may; those who judge, pay and oversee claims may once it stands behind one.
pub fn may_see(facility: Id, is_attached: bool, caller: &Caller) -> bool {
    match caller.role {
        Role::Clinic | Role::Hospital | Role::Registrar => caller.facility_id == Some(facility),
        Role::Verifier | Role::Finance | Role::Admin | Role::Auditor => is_attached,
        Role::Manager | Role::Dpo => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_its_facility_s_until_it_stands_behind_a_claim() {
        let (own, other) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        for role in Role::ALL.iter().copied() {
            let sees = |facility_id, is_attached| may_see(own, is_attached, &Caller { user_id: other, role, facility_id, session_id: None });
            let judges = matches!(role, Role::Verifier | Role::Finance | Role::Admin | Role::Auditor);
            let brings = matches!(role, Role::Clinic | Role::Hospital | Role::Registrar);
            assert_eq!((sees(Some(own), false), sees(Some(own), true)), (brings, brings || judges), "{role} of the facility");
            assert_eq!((sees(Some(other), false), sees(Some(other), true)), (false, judges), "{role} of another");
            assert_eq!((sees(None, false), sees(None, true)), (false, judges), "{role} of none");
        }
    }
}
