//! Sums for the dashboard, and what of them is to be counted anew.

diesel::table! {
    summary_marks (subject, facility_id, village_code, day, tx) {
        subject -> Text,
        facility_id -> Binary,
        village_code -> Text,
        day -> Date,
        tx -> BigInt,
    }
}
diesel::table! {
    summary_runs (subject) {
        subject -> Text,
        counted_to -> Timestamp,
        counted_by -> Nullable<Binary>,
        held_until -> Timestamp,
    }
}
diesel::table! {
    check_sums (kind, grain, day, facility_id, care_type, name) {
        kind -> Text,
        grain -> Text,
        day -> Date,
        facility_id -> Binary,
        care_type -> Text,
        name -> Text,
        counted -> BigInt,
    }
}
diesel::table! {
    registry_cells (village_code, kind, name) {
        village_code -> Text,
        kind -> Text,
        name -> Text,
        counted -> BigInt,
    }
}
diesel::table! {
    answer_times (month, up_to_us) {
        month -> Date,
        up_to_us -> BigInt,
        answers -> BigInt,
    }
}
diesel::table! {
    ready_days (day) {
        day -> Date,
        first_minute -> BigInt,
        last_minute -> BigInt,
        minutes -> BigInt,
    }
}
diesel::table! {
    check_places (month, village_code, care_type, kind, name) {
        month -> Date,
        village_code -> Text,
        care_type -> Text,
        kind -> Text,
        name -> Text,
        published -> BigInt,
    }
}
