-- The budget ledger: what was moved between the accounts of a year's pot, and how the accounts stand. What was posted never changes.

CREATE TABLE ledger_transactions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    year INTEGER NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    kind TEXT NOT NULL,
    object_id BLOB NOT NULL CHECK (length(object_id) = 16),
    occurred_on TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by BLOB CHECK (length(recorded_by) = 16)
) STRICT;
CREATE INDEX ledger_transactions_by_date ON ledger_transactions (year, pot, occurred_on);
CREATE INDEX ledger_transactions_by_object ON ledger_transactions (object_id);

-- What a transaction did to an account. The amounts of one transaction sum to zero.
CREATE TABLE ledger_entries (
    transaction_id BLOB NOT NULL REFERENCES ledger_transactions (id) CHECK (length(transaction_id) = 16),
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, account)
) STRICT, WITHOUT ROWID;

-- The sums of the entries, kept so that nobody need add them up.
CREATE TABLE ledger_balances (
    year INTEGER NOT NULL,
    pot TEXT NOT NULL,
    account TEXT NOT NULL,
    balance INTEGER NOT NULL,
    PRIMARY KEY (year, pot, account)
) STRICT, WITHOUT ROWID;
