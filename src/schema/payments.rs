//! Payments to hospitals.

diesel::table! {
    payment_batches (id) {
        id -> Binary,
        version -> Integer,
        number -> Text,
        state -> Text,
        period_month -> Date,
        pot -> Text,
        total_amount -> BigInt,
        item_count -> Integer,
        created_by -> Binary,
        created_at -> Timestamp,
        approved_by -> Nullable<Binary>,
        approved_at -> Nullable<Timestamp>,
        settled_by -> Nullable<Binary>,
        settled_at -> Nullable<Timestamp>,
        paid_on -> Nullable<Date>,
        sp2d_number -> Nullable<Text>,
    }
}

diesel::table! {
    treasury_orders (sp2d_number) {
        sp2d_number -> Text,
        batch_id -> Binary,
    }
}

diesel::table! {
    payment_items (batch_id, claim_id) {
        batch_id -> Binary,
        claim_id -> Binary,
        facility_id -> Binary,
        amount -> BigInt,
        state -> Text,
    }
}
