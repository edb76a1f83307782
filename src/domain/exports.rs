//! Exports: what of the registry may leave it as a sheet, and how far it names people.

use super::enrollments::EnrollmentState;
use super::participants::ParticipantState;
use super::text_enum::text_enum;

text_enum! {
    /// What a sheet is about.
    ExportKind { Participants = "participants", Enrollments = "enrollments", EligibilityChecks = "eligibility_checks" }
}

text_enum! {
    /// Whether NIK, KK, phone, address and the mother's name leave the service, or only what tells one row from another.
    Identifiers { Masked = "masked", Full = "full" }
}

text_enum! {
    /// By what a sheet may be narrowed.
    ExportFilter { VillageCode = "village_code", State = "state", From = "from", To = "to", FacilityId = "facility_id" }
}

impl ExportKind {
    /// The header: the JSON names. Participants keep the columns of the import's template, in its order, after the two that only a registry knows.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Participants => &[
                "id",
                "state",
                "nik",
                "kk_number",
                "relation",
                "name",
                "birth_date",
                "sex",
                "village_code",
                "rt",
                "rw",
                "address",
                "phone",
                "resident_since",
                "mother_name",
                "card_number",
                "card_issued_on",
                "jkn_segment",
                "jkn_state",
                "jkn_valid_from",
            ],
            Self::Enrollments => &[
                "id",
                "number",
                "participant_id",
                "nik",
                "name",
                "village_code",
                "state",
                "card_state",
                "issued_on",
                "ended_on",
                "channel",
                "filer",
                "filed_by",
                "created_at",
                "due_at",
            ],
            Self::EligibilityChecks => &[
                "id",
                "checked_at",
                "service_date",
                "retrospective",
                "facility_id",
                "participant_id",
                "care_type",
                "decision",
                "failing",
                "valid_until",
                "complete_by",
                "standing",
                "override_of",
                "asked_by",
            ],
        }
    }

    pub const fn takes(self, filter: ExportFilter) -> bool {
        match (self, filter) {
            (Self::Participants, ExportFilter::VillageCode | ExportFilter::State) => true,
            (Self::Participants, ExportFilter::From | ExportFilter::To | ExportFilter::FacilityId) => false,
            (Self::Enrollments, ExportFilter::State | ExportFilter::From | ExportFilter::To) => true,
            (Self::Enrollments, ExportFilter::VillageCode | ExportFilter::FacilityId) => false,
            (Self::EligibilityChecks, ExportFilter::FacilityId | ExportFilter::From | ExportFilter::To) => true,
            (Self::EligibilityChecks, ExportFilter::VillageCode | ExportFilter::State) => false,
        }
    }

    /// The words among which `state` chooses; none where there is no such filter.
    pub fn states(self) -> Vec<&'static str> {
        match self {
            Self::Participants => ParticipantState::ALL.iter().map(|state| state.as_str()).collect(),
            Self::Enrollments => EnrollmentState::ALL.iter().map(|state| state.as_str()).collect(),
            Self::EligibilityChecks => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::imports::ImportKind;

    #[test]
    fn participants_leave_in_the_columns_in_which_they_come() {
        let template: Vec<&str> =
            ImportKind::Participants.columns().all().map(|column| column.as_str()).filter(|column| *column != "row_key").collect();
        assert_eq!(ExportKind::Participants.columns()[2..], template);
    }

    #[test]
    fn a_state_can_be_asked_for_where_it_is_a_filter() {
        for kind in ExportKind::ALL {
            assert_eq!(kind.takes(ExportFilter::State), !kind.states().is_empty(), "{kind}");
        }
    }
}
