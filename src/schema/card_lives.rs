//! The tables of cards, from the print to the end.

diesel::table! {
    cards (id) {
        id -> Binary,
        version -> Integer,
        enrollment_id -> Binary,
        serial -> Integer,
        state -> Text,
        block_reason -> Nullable<Text>,
        issued_on -> Nullable<Date>,
        printed_on -> Nullable<Date>,
        delivered_on -> Nullable<Date>,
        blocked_on -> Nullable<Date>,
        sealed -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    card_events (id) {
        id -> Binary,
        card_id -> Binary,
        kind -> Text,
        happened_on -> Date,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
        sealed -> Nullable<Binary>,
    }
}
diesel::table! {
    card_batches (id) {
        id -> Binary,
        version -> Integer,
        made_at -> Timestamp,
        made_by -> Binary,
        printed_at -> Nullable<Timestamp>,
        printed_by -> Nullable<Binary>,
    }
}
diesel::table! {
    card_batch_items (batch_id, position) {
        batch_id -> Binary,
        position -> Integer,
        card_id -> Binary,
        outcome -> Text,
    }
}
