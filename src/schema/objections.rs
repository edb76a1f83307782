//! Objections to the decision of a claim.

diesel::table! {
    claim_disputes (claim_id) {
        claim_id -> Binary,
        disputed_at -> Timestamp,
        disputed_by -> Nullable<Binary>,
        outcome -> Nullable<Text>,
        minutes_number -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
    }
}

diesel::table! {
    disputed_lines (claim_id, line) {
        claim_id -> Binary,
        line -> Integer,
        proposed_amount -> Nullable<BigInt>,
        proposed_reason -> Nullable<Text>,
    }
}

diesel::table! {
    disputed_documents (claim_id, document_id) {
        claim_id -> Binary,
        document_id -> Binary,
    }
}
