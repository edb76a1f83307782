//! The table of cases for the civil registry.

diesel::table! {
    registry_cases (id) {
        id -> Binary,
        participant_id -> Binary,
        other_participant_id -> Nullable<Binary>,
        state -> Text,
        outcome -> Nullable<Text>,
        sealed -> Binary,
        opened_at -> Timestamp,
        opened_by -> Binary,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<Binary>,
    }
}
