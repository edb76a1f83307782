-- What the council gave: a year's budget in two pots, its revisions, and the alerts when it is used up. Each is proposed by one and approved by another.

CREATE TABLE budgets (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    year INTEGER NOT NULL,
    alert_percents TEXT COLLATE "C" NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by BYTEA NOT NULL CHECK (length(proposed_by) = 16),
    approved_at TIMESTAMP,
    approved_by BYTEA CHECK (length(approved_by) = 16),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL))
);

-- The one budget of a year that was approved.
CREATE TABLE budget_years (
    year INTEGER PRIMARY KEY,
    budget_id BYTEA NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16)
);

CREATE TABLE budget_pots (
    budget_id BYTEA NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    alert_level INTEGER NOT NULL,
    PRIMARY KEY (budget_id, pot)
);

-- A signed change. It counts from the beginning of its date where the city is.
CREATE TABLE budget_revisions (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    budget_id BYTEA NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    effective_on DATE NOT NULL,
    effective_at TIMESTAMP NOT NULL,
    legal_basis TEXT COLLATE "C" NOT NULL,
    document_number TEXT COLLATE "C" NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by BYTEA NOT NULL CHECK (length(proposed_by) = 16),
    approved_at TIMESTAMP,
    approved_by BYTEA CHECK (length(approved_by) = 16),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL))
);
CREATE INDEX budget_revisions_of ON budget_revisions (budget_id);

-- Without a foreign key: it would make who raises an alert, holding the balances, wait for who holds the budget and wants the balances.
CREATE TABLE budget_alerts (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    budget_id BYTEA NOT NULL CHECK (length(budget_id) = 16),
    year INTEGER NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    percent INTEGER NOT NULL,
    used BIGINT NOT NULL,
    ceiling BIGINT NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    acknowledged_at TIMESTAMP,
    acknowledged_by BYTEA CHECK (length(acknowledged_by) = 16)
);
CREATE INDEX budget_alerts_of ON budget_alerts (budget_id);
