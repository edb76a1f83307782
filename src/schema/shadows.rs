//! How edits of claims stand, and what they would have done.

diesel::table! {
    edit_modes (edit) {
        edit -> Text,
        version -> Integer,
        mode -> Text,
        changed_by -> Nullable<Binary>,
        confirmed_by -> Nullable<Binary>,
        changed_at -> Timestamp,
        asked_mode -> Nullable<Text>,
        asked_by -> Nullable<Binary>,
        asked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    edit_back_tests (id) {
        id -> Binary,
        edit -> Text,
        edit_version -> Integer,
        first_day -> Date,
        last_day -> Date,
        claims -> Integer,
        left_out -> Integer,
        hits -> Integer,
        pended -> Integer,
        decided -> Integer,
        upheld -> Integer,
        overridden -> Integer,
        at_stake -> BigInt,
        would_cut -> BigInt,
        cut -> BigInt,
        run_by -> Binary,
        run_at -> Timestamp,
    }
}
