//! The tables of the population office's file and of what comparing with it found.

diesel::table! {
    population_snapshots (id) {
        id -> Binary,
        as_of -> Date,
        state -> Text,
        digest -> Binary,
        records -> BigInt,
        loaded_to -> Nullable<Binary>,
        made_at -> Timestamp,
        updated_at -> Timestamp,
        smaller_confirmed_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    population_records (snapshot_id, bidx) {
        snapshot_id -> Binary,
        bidx -> Binary,
        key_id -> Integer,
        sealed -> Binary,
    }
}
diesel::table! {
    reconciliations (id) {
        id -> Binary,
        state -> Text,
        compared_to -> Nullable<Binary>,
        compared -> BigInt,
        agree -> BigInt,
        matched -> BigInt,
        not_found -> BigInt,
        moved -> BigInt,
        duplicate -> BigInt,
        different -> BigInt,
        deceased -> BigInt,
        jkn_changed -> BigInt,
        new_findings -> BigInt,
        resolved -> BigInt,
        asked_by -> Nullable<Binary>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    reconciliation_findings (id) {
        id -> Binary,
        run_id -> Binary,
        last_run_id -> Binary,
        participant_id -> Binary,
        other_participant_id -> Nullable<Binary>,
        category -> Text,
        state -> Text,
        village_code -> Text,
        row_key -> Nullable<Text>,
        content -> Binary,
        key_id -> Integer,
        sealed -> Binary,
        found_at -> Timestamp,
        updated_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
    }
}

diesel::allow_tables_to_appear_in_same_query! { population_snapshots, population_records, reconciliations, reconciliation_findings }
