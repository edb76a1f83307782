//! The tables of signals and of what they are found by.

use super::{enrollments, household_members};

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
diesel::table! {
    enrollment_filers (enrollment_id) {
        enrollment_id -> Binary,
        bidx -> Binary,
        key_id -> Integer,
        filed_at -> Timestamp,
    }
}
diesel::table! {
    contact_marks (participant_id, kind) {
        participant_id -> Binary,
        kind -> Text,
        bidx -> Binary,
        key_id -> Integer,
    }
}
diesel::table! {
    people_to_scan (participant_id) {
        participant_id -> Binary,
    }
}
diesel::table! {
    marks_to_count (bidx) {
        bidx -> Binary,
        kind -> Text,
    }
}
diesel::table! {
    signal_scans (name) {
        name -> Text,
        seen -> Binary,
    }
}
diesel::table! {
    unattended_lookups (account_id, participant_id) {
        account_id -> Binary,
        participant_id -> Binary,
        facility_id -> Nullable<Binary>,
        looked_up_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(signals, signal_subjects);
diesel::allow_tables_to_appear_in_same_query!(enrollment_filers, enrollments);
diesel::allow_tables_to_appear_in_same_query!(contact_marks, household_members);
