//! Facilities: where care is given, and how the law sorts them.

use super::text_enum::text_enum;

text_enum! {
    FacilityKind { Hospital = "hospital", Puskesmas = "puskesmas", Clinic = "clinic" }
}

text_enum! {
    /// The class of a hospital, from A (most specialised) to D.
    FacilityClass { A = "A", B = "B", C = "C", D = "D" }
}
