//! What those whose it is are told of.

diesel::table! {
    changes (stripe, place) {
        stripe -> Integer,
        place -> BigInt,
        changed_at -> Timestamp,
        facility_id -> Nullable<Binary>,
        kind -> Text,
        object_id -> Binary,
        number -> Nullable<Text>,
        action -> Text,
        state -> Text,
    }
}
