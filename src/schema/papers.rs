//! The tables of documents.

diesel::table! {
    documents (id) {
        id -> Binary,
        kind -> Text,
        media_type -> Text,
        size -> BigInt,
        content_bidx -> Binary,
        content_key_id -> Integer,
        sealed -> Binary,
        facility_id -> Binary,
        uploaded_by -> Binary,
        uploaded_at -> Timestamp,
    }
}

diesel::table! {
    claim_documents (claim_id, document_id) {
        claim_id -> Binary,
        document_id -> Binary,
        participant_id -> Binary,
        attached_at -> Timestamp,
    }
}
