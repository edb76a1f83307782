-- What a year leaves unpaid: acknowledged claim by claim, and owed by the year after.

CREATE TABLE debt_acknowledgements (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    number TEXT NOT NULL UNIQUE,
    year INTEGER NOT NULL,
    document_number TEXT NOT NULL,
    total_amount INTEGER NOT NULL,
    item_count INTEGER NOT NULL,
    -- What was treated by then and not billed, as it was estimated when this was proposed; no part of the debt.
    unbilled_estimate INTEGER NOT NULL,
    -- SHA-256 of the list of claims.
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    proposed_by BLOB NOT NULL CHECK (length(proposed_by) = 16),
    proposed_at TEXT NOT NULL,
    approved_by BLOB CHECK (length(approved_by) = 16),
    approved_at TEXT
) STRICT;
CREATE INDEX debt_acknowledgements_of_year ON debt_acknowledgements (year, id);

CREATE TABLE debt_items (
    acknowledgement_id BLOB NOT NULL REFERENCES debt_acknowledgements (id) CHECK (length(acknowledgement_id) = 16),
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    claim_number TEXT NOT NULL,
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (acknowledgement_id, claim_id)
) STRICT;

-- A claim is carried over once, and the year that owes it is told here.
CREATE TABLE carried_debts (
    claim_id BLOB PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    acknowledgement_id BLOB NOT NULL REFERENCES debt_acknowledgements (id) CHECK (length(acknowledgement_id) = 16),
    owed_by_year INTEGER NOT NULL
) STRICT;

-- Bills are listed by hospital and month of discharge.
CREATE INDEX claims_of_facility_by_discharge ON claims (facility_id, discharged_on);
CREATE INDEX claims_of_year_by_state ON claims (budget_year, state, id);
