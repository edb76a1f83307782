-- What a year leaves unpaid: acknowledged claim by claim, and owed by the year after.

CREATE TABLE debt_acknowledgements (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    year INTEGER NOT NULL,
    document_number TEXT COLLATE "C" NOT NULL,
    total_amount BIGINT NOT NULL,
    item_count INTEGER NOT NULL,
    -- What was treated by then and not billed, as it was estimated when this was proposed; no part of the debt.
    unbilled_estimate BIGINT NOT NULL,
    -- SHA-256 of the list of claims.
    content_hash BYTEA NOT NULL CHECK (length(content_hash) = 32),
    proposed_by BYTEA NOT NULL CHECK (length(proposed_by) = 16),
    proposed_at TIMESTAMP NOT NULL,
    approved_by BYTEA CHECK (length(approved_by) = 16),
    approved_at TIMESTAMP
);
CREATE INDEX debt_acknowledgements_of_year ON debt_acknowledgements (year, id);

CREATE TABLE debt_items (
    acknowledgement_id BYTEA NOT NULL REFERENCES debt_acknowledgements (id) CHECK (length(acknowledgement_id) = 16),
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    claim_number TEXT COLLATE "C" NOT NULL,
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT COLLATE "C" NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (acknowledgement_id, claim_id)
);

-- A claim is carried over once, and the year that owes it is told here.
CREATE TABLE carried_debts (
    claim_id BYTEA PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    acknowledgement_id BYTEA NOT NULL REFERENCES debt_acknowledgements (id) CHECK (length(acknowledgement_id) = 16),
    owed_by_year INTEGER NOT NULL
);

-- Bills are listed by hospital and month of discharge.
CREATE INDEX claims_of_facility_by_discharge ON claims (facility_id, discharged_on);
CREATE INDEX claims_of_year_by_state ON claims (budget_year, state, id);
