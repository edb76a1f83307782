//! Reports that were made of figures.

diesel::table! {
    reports (id) {
        id -> Binary,
        number -> Text,
        kind -> Text,
        from_day -> Date,
        to_day -> Date,
        language -> Text,
        content -> Text,
        content_hash -> Binary,
        made_by -> Binary,
        made_at -> Timestamp,
    }
}
