//! What is owed: by hospitals for what was paid too much, and by one year for another.

diesel::table! {
    recoveries (id) {
        id -> Binary,
        version -> Integer,
        claim_id -> Binary,
        facility_id -> Binary,
        pot -> Text,
        state -> Text,
        reason -> Text,
        amount -> BigInt,
        repaid_amount -> BigInt,
        ordered_amount -> BigInt,
        document_number -> Text,
        asked_by -> Binary,
        asked_at -> Timestamp,
        approved_by -> Nullable<Binary>,
        approved_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recovery_repayments (id) {
        id -> Binary,
        recovery_id -> Binary,
        facility_id -> Binary,
        batch_id -> Nullable<Binary>,
        amount -> BigInt,
        state -> Text,
        repaid_on -> Nullable<Date>,
        document_number -> Nullable<Text>,
        recorded_by -> Binary,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    debt_acknowledgements (id) {
        id -> Binary,
        number -> Text,
        year -> Integer,
        document_number -> Text,
        total_amount -> BigInt,
        item_count -> Integer,
        unbilled_estimate -> BigInt,
        content_hash -> Binary,
        proposed_by -> Binary,
        proposed_at -> Timestamp,
        approved_by -> Nullable<Binary>,
        approved_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    debt_items (acknowledgement_id, claim_id) {
        acknowledgement_id -> Binary,
        claim_id -> Binary,
        claim_number -> Text,
        facility_id -> Binary,
        facility_claim_number -> Text,
        pot -> Text,
        amount -> BigInt,
    }
}

diesel::table! {
    carried_debts (claim_id) {
        claim_id -> Binary,
        acknowledgement_id -> Binary,
        owed_by_year -> Integer,
    }
}
