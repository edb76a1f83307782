-- What the council gave: a year's budget in two pots, its revisions, and the alerts when it is used up. Each is proposed by one and approved by another.

CREATE TABLE budgets (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    year INTEGER NOT NULL,
    alert_percents TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    proposed_by BLOB NOT NULL CHECK (length(proposed_by) = 16),
    approved_at TEXT,
    approved_by BLOB CHECK (length(approved_by) = 16),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL))
) STRICT;

-- The one budget of a year that was approved.
CREATE TABLE budget_years (
    year INTEGER PRIMARY KEY,
    budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16)
) STRICT;

CREATE TABLE budget_pots (
    budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    alert_level INTEGER NOT NULL,
    PRIMARY KEY (budget_id, pot)
) STRICT, WITHOUT ROWID;

-- A signed change. It counts from the beginning of its date where the city is.
CREATE TABLE budget_revisions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    effective_on TEXT NOT NULL,
    effective_at TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    document_number TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    proposed_by BLOB NOT NULL CHECK (length(proposed_by) = 16),
    approved_at TEXT,
    approved_by BLOB CHECK (length(approved_by) = 16),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL))
) STRICT;
CREATE INDEX budget_revisions_of ON budget_revisions (budget_id);

-- Without a foreign key: it would make who raises an alert, holding the balances, wait for who holds the budget and wants the balances.
CREATE TABLE budget_alerts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    budget_id BLOB NOT NULL CHECK (length(budget_id) = 16),
    year INTEGER NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    percent INTEGER NOT NULL,
    used INTEGER NOT NULL,
    ceiling INTEGER NOT NULL,
    raised_at TEXT NOT NULL,
    acknowledged_at TEXT,
    acknowledged_by BLOB CHECK (length(acknowledged_by) = 16)
) STRICT;
CREATE INDEX budget_alerts_of ON budget_alerts (budget_id);
