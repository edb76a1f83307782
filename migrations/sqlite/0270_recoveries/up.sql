-- Money that a hospital owes back for a claim that was paid: asked for by one, approved by another, and repaid in parts by transfer or out of later payments.

CREATE TABLE recoveries (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'due', 'repaid', 'cancelled')),
    reason TEXT NOT NULL CHECK (reason IN ('double_funded', 'not_given', 'audit', 'overpaid')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    -- What was repaid, and what the orders that are not settled will keep back.
    repaid_amount INTEGER NOT NULL CHECK (repaid_amount >= 0),
    ordered_amount INTEGER NOT NULL CHECK (ordered_amount >= 0),
    document_number TEXT NOT NULL,
    asked_by BLOB NOT NULL CHECK (length(asked_by) = 16),
    asked_at TEXT NOT NULL,
    approved_by BLOB CHECK (length(approved_by) = 16),
    approved_at TEXT,
    CHECK (repaid_amount + ordered_amount <= amount)
) STRICT;
CREATE INDEX recoveries_of_claim ON recoveries (claim_id);
CREATE INDEX recoveries_of_facility ON recoveries (facility_id, id);
CREATE INDEX recoveries_by_state ON recoveries (state, id);

CREATE TABLE recovery_repayments (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    recovery_id BLOB NOT NULL REFERENCES recoveries (id) CHECK (length(recovery_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    -- The payment out of which it is kept back; none where the hospital transferred it.
    batch_id BLOB REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
    amount INTEGER NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('ordered', 'repaid', 'released')),
    repaid_on TEXT,
    document_number TEXT,
    recorded_by BLOB NOT NULL CHECK (length(recorded_by) = 16),
    recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX recovery_repayments_of_recovery ON recovery_repayments (recovery_id, id);
CREATE INDEX recovery_repayments_of_batch ON recovery_repayments (batch_id) WHERE batch_id IS NOT NULL;
