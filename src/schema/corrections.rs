//! What was set aside when two records turned out to be one person's, and when an enrolment did not count.

diesel::table! {
    merges (participant_id) {
        participant_id -> Binary,
        into_id -> Binary,
        merged_at -> Timestamp,
        sealed -> Binary,
    }
}

diesel::table! {
    enrollments_set_aside (enrollment_id) {
        enrollment_id -> Binary,
        state -> Text,
        ended_on -> Nullable<Date>,
        due_at -> Nullable<Timestamp>,
        set_aside_at -> Timestamp,
    }
}

diesel::table! {
    enrollment_suspensions (enrollment_id, suspended_on) {
        enrollment_id -> Binary,
        suspended_on -> Date,
        reinstated_on -> Date,
    }
}
