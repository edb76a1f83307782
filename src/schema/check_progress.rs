//! What becomes of recorded checks.

diesel::table! {
    check_papers (id) {
        id -> Binary,
        check_id -> Binary,
        kind -> Text,
        sealed -> Binary,
        brought_at -> Timestamp,
        brought_by -> Binary,
    }
}

diesel::table! {
    check_extensions (check_id) {
        check_id -> Binary,
        complete_by -> Timestamp,
        extended_at -> Timestamp,
        extended_by -> Binary,
    }
}

diesel::table! {
    check_voids (check_id) {
        check_id -> Binary,
        reason -> Text,
        voided_at -> Timestamp,
        voided_by -> Binary,
    }
}
