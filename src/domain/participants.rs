//! Participants: the people in the registry, and how their standing follows from dated events.

use super::text_enum::text_enum;

text_enum! {
    /// Sex as the population registry records it.
    Sex { F = "F", M = "M" }
}

text_enum! {
    /// The standing of a participant on a date.
    ParticipantState {
        Active = "active", MovedOut = "moved_out", Deceased = "deceased", Suspended = "suspended", NikInactive = "nik_inactive",
        Duplicate = "duplicate", Temporary = "temporary", Merged = "merged",
    }
}
