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

diesel::table! {
    budgets (id) {
        id -> Binary,
        year -> Integer,
        alert_percents -> Text,
        proposed_at -> Timestamp,
        proposed_by -> Binary,
        approved_at -> Nullable<Timestamp>,
        approved_by -> Nullable<Binary>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    budget_years (year) {
        year -> Integer,
        budget_id -> Binary,
    }
}
diesel::table! {
    budget_pots (budget_id, pot) {
        budget_id -> Binary,
        pot -> Text,
        amount -> BigInt,
        alert_level -> Integer,
    }
}
diesel::table! {
    budget_revisions (id) {
        id -> Binary,
        budget_id -> Binary,
        pot -> Text,
        amount -> BigInt,
        effective_on -> Date,
        effective_at -> Timestamp,
        legal_basis -> Text,
        document_number -> Text,
        proposed_at -> Timestamp,
        proposed_by -> Binary,
        approved_at -> Nullable<Timestamp>,
        approved_by -> Nullable<Binary>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    budget_alerts (id) {
        id -> Binary,
        budget_id -> Binary,
        year -> Integer,
        pot -> Text,
        percent -> Integer,
        used -> BigInt,
        ceiling -> BigInt,
        raised_at -> Timestamp,
        acknowledged_at -> Nullable<Timestamp>,
        acknowledged_by -> Nullable<Binary>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ledger_transactions, ledger_entries, budgets, budget_years, budget_pots);
diesel::allow_columns_to_appear_in_same_group_by_clause!(ledger_transactions::pot, ledger_entries::account);
