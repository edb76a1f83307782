//! The tables of the budget and its ledger.

diesel::table! {
    ledger_transactions (id) {
        id -> Binary,
        year -> Integer,
        pot -> Text,
        kind -> Text,
        object_id -> Binary,
        occurred_on -> Date,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Binary>,
    }
}
diesel::table! {
    ledger_entries (transaction_id, account) {
        transaction_id -> Binary,
        account -> Text,
        amount -> BigInt,
    }
}
diesel::table! {
    ledger_balances (year, pot, account) {
        year -> Integer,
        pot -> Text,
        account -> Text,
        balance -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ledger_transactions, ledger_entries);
