-- The budget ledger: what was moved between the accounts of a year's pot, and how the accounts stand. What was posted never changes.

CREATE TABLE ledger_transactions (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    year INTEGER NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    kind TEXT COLLATE "C" NOT NULL,
    object_id BYTEA NOT NULL CHECK (length(object_id) = 16),
    occurred_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BYTEA CHECK (length(recorded_by) = 16)
);
CREATE INDEX ledger_transactions_by_date ON ledger_transactions (year, pot, occurred_on);
CREATE INDEX ledger_transactions_by_object ON ledger_transactions (object_id);

-- What a transaction did to an account. The amounts of one transaction sum to zero.
CREATE TABLE ledger_entries (
    transaction_id BYTEA NOT NULL REFERENCES ledger_transactions (id) CHECK (length(transaction_id) = 16),
    account TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, account)
);

-- The sums of the entries, kept so that nobody need add them up.
CREATE TABLE ledger_balances (
    year INTEGER NOT NULL,
    pot TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    balance BIGINT NOT NULL,
    PRIMARY KEY (year, pot, account)
);
