//! Documents: the papers behind a claim.

use super::text_enum::text_enum;

text_enum! {
    DocumentKind {
        Bill = "bill", MedicalResume = "medical_resume", Letter = "letter", Referral = "referral", ErNote = "er_note", Identity = "identity",
        Other = "other",
    }
}
