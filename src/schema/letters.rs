//! Guarantee letters.

diesel::table! {
    guarantee_letters (id) {
        id -> Binary,
        version -> Integer,
        number -> Text,
        state -> Text,
        check_id -> Binary,
        participant_id -> Binary,
        facility_id -> Binary,
        care_type -> Text,
        ward_class -> Nullable<Text>,
        diagnosis_code -> Text,
        rule_set -> Text,
        valid_from -> Date,
        valid_until -> Date,
        complete_by -> Nullable<Timestamp>,
        extensions -> Integer,
        reserved_amount -> BigInt,
        budget_year -> Integer,
        pot -> Text,
        previous_letter_id -> Nullable<Binary>,
        admitted_on -> Nullable<Date>,
        discharged_on -> Nullable<Date>,
        discharge_status -> Nullable<Text>,
        issued_at -> Timestamp,
        issued_by -> Binary,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    live_letters (check_id, facility_id) {
        check_id -> Binary,
        facility_id -> Binary,
        letter_id -> Binary,
    }
}

diesel::table! {
    letter_events (id) {
        id -> Binary,
        letter_id -> Binary,
        action -> Text,
        state -> Text,
        taken_at -> Timestamp,
        taken_by -> Nullable<Binary>,
        sealed -> Nullable<Binary>,
    }
}
