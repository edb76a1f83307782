//! What care costs.

diesel::table! {
    tariff_schedules (id) {
        id -> Binary,
        version -> Integer,
        name -> Text,
        state -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        payment_percent -> Integer,
        item_count -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        published_at -> Nullable<Timestamp>,
        published_by -> Nullable<Binary>,
        content_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    tariff_schedule_writers (schedule_id, user_id) {
        schedule_id -> Binary,
        user_id -> Binary,
    }
}

diesel::table! {
    tariff_items (id) {
        id -> Binary,
        schedule_id -> Binary,
        code -> Text,
        description -> Text,
        care_type -> Text,
        ward_class -> Nullable<Text>,
        facility_class -> Nullable<Text>,
        ownership -> Nullable<Text>,
        region -> Nullable<Text>,
        amount -> BigInt,
    }
}
