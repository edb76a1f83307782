//! The tables of what the population office said of people, and of the calls that were made to it.

diesel::table! {
    verifications (id) {
        id -> Binary,
        participant_id -> Binary,
        source -> Text,
        verdict -> Text,
        name_match -> Text,
        birth_date_match -> Text,
        as_of -> Timestamp,
        verified_at -> Timestamp,
        verified_by -> Nullable<Binary>,
    }
}
diesel::table! {
    population_office_calls (id) {
        id -> Binary,
        asked_at -> Timestamp,
        asked_by -> Nullable<Binary>,
        role -> Nullable<Text>,
        facility_id -> Nullable<Binary>,
        purpose -> Text,
        participant_id -> Nullable<Binary>,
        source -> Text,
        result -> Text,
        duration_ms -> BigInt,
    }
}
