//! Messages to participants.

diesel::table! {
    messages (id) {
        id -> Binary,
        kind -> Text,
        state -> Text,
        participant_id -> Binary,
        facility_id -> Binary,
        letter_id -> Nullable<Binary>,
        claim_id -> Nullable<Binary>,
        care_on -> Date,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        driver -> Nullable<Text>,
        sent_at -> Nullable<Timestamp>,
        code_bidx -> Binary,
        sealed -> Binary,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        reply -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}
