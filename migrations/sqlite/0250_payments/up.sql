-- What hospitals are paid: batches that one orders, another approves, and the treasury settles.

CREATE TABLE payment_batches (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'settled', 'cancelled')),
    -- The last month of discharge that it pays, as its first day.
    period_month TEXT NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    total_amount INTEGER NOT NULL,
    item_count INTEGER NOT NULL,
    created_by BLOB NOT NULL CHECK (length(created_by) = 16),
    created_at TEXT NOT NULL,
    approved_by BLOB CHECK (length(approved_by) = 16),
    approved_at TEXT,
    settled_by BLOB CHECK (length(settled_by) = 16),
    settled_at TEXT,
    paid_on TEXT,
    -- Of the treasury's order (surat perintah pencairan dana).
    sp2d_number TEXT
) STRICT;
CREATE INDEX payment_batches_by_state ON payment_batches (state, id);

CREATE TABLE payment_items (
    batch_id BLOB NOT NULL REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    state TEXT NOT NULL CHECK (state IN ('ordered', 'paid', 'released')),
    PRIMARY KEY (batch_id, claim_id)
) STRICT;
-- A claim is ordered once at a time.
CREATE UNIQUE INDEX payment_items_ordered ON payment_items (claim_id) WHERE state = 'ordered';
CREATE INDEX payment_items_of_facility ON payment_items (facility_id, batch_id);
