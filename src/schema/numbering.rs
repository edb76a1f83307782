//! Referrals, the numbers that people read, keys of repeated requests, files that are read, and people without a NIK.

diesel::table! {
    referrals (id) {
        id -> Binary,
        number -> Text,
        participant_id -> Binary,
        from_facility_id -> Binary,
        to_facility_id -> Nullable<Binary>,
        issued_on -> Date,
        valid_until -> Date,
        sealed -> Binary,
        issued_by -> Binary,
        created_at -> Timestamp,
    }
}
diesel::table! {
    number_ranges (kind, year, facility_id) {
        kind -> Text,
        year -> Integer,
        facility_id -> Binary,
        next -> BigInt,
        range_end -> BigInt,
    }
}
diesel::table! {
    idempotency (key) {
        key -> Binary,
        fingerprint -> Binary,
        status -> Integer,
        check_id -> Nullable<Binary>,
        answer -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}
diesel::table! {
    imports (id) {
        id -> Binary,
        kind -> Text,
        state -> Text,
        dry_run -> Bool,
        bytes_total -> BigInt,
        bytes_done -> BigInt,
        rows_read -> BigInt,
        rows_created -> BigInt,
        rows_changed -> BigInt,
        rows_unchanged -> BigInt,
        rows_failed -> BigInt,
        failure -> Nullable<Text>,
        asked_by -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        spool_key -> Nullable<Binary>,
    }
}
diesel::table! {
    import_faults (import_id, line, ordinal) {
        import_id -> Binary,
        line -> BigInt,
        ordinal -> Integer,
        column_name -> Text,
        code -> Text,
        row_key -> Nullable<Text>,
    }
}
diesel::table! {
    births (bidx) {
        bidx -> Binary,
        key_id -> Integer,
        multiple -> Bool,
    }
}
diesel::table! {
    newborns (bidx) {
        bidx -> Binary,
        key_id -> Integer,
        participant_id -> Binary,
        mother_id -> Binary,
    }
}
diesel::table! {
    temporary_identities (participant_id) {
        participant_id -> Binary,
        reason -> Text,
        sealed -> Binary,
        made_at -> Timestamp,
        made_by -> Binary,
    }
}
