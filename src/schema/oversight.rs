//! The tables of signals.

diesel::table! {
    signals (id) {
        id -> Binary,
        kind -> Text,
        state -> Text,
        score -> Integer,
        facility_id -> Nullable<Binary>,
        dedupe -> Binary,
        key_id -> Integer,
        sealed -> Binary,
        earlier_id -> Nullable<Binary>,
        raised_at -> Timestamp,
        updated_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
    }
}
diesel::table! {
    signal_subjects (signal_id, participant_id) {
        signal_id -> Binary,
        participant_id -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(signals, signal_subjects);
