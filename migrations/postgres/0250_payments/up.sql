-- What hospitals are paid: batches that one orders, another approves, and the treasury settles.

CREATE TABLE payment_batches (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('proposed', 'approved', 'settled', 'cancelled')),
    -- The last month of discharge that it pays, as its first day.
    period_month DATE NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    total_amount BIGINT NOT NULL,
    item_count INTEGER NOT NULL,
    created_by BYTEA NOT NULL CHECK (length(created_by) = 16),
    created_at TIMESTAMP NOT NULL,
    approved_by BYTEA CHECK (length(approved_by) = 16),
    approved_at TIMESTAMP,
    settled_by BYTEA CHECK (length(settled_by) = 16),
    settled_at TIMESTAMP,
    paid_on DATE,
    -- Of the treasury's order (surat perintah pencairan dana).
    sp2d_number TEXT COLLATE "C"
);
CREATE INDEX payment_batches_by_state ON payment_batches (state, id);

CREATE TABLE payment_items (
    batch_id BYTEA NOT NULL REFERENCES payment_batches (id) CHECK (length(batch_id) = 16),
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ordered', 'paid', 'released')),
    PRIMARY KEY (batch_id, claim_id)
);
-- A claim is ordered once at a time.
CREATE UNIQUE INDEX payment_items_ordered ON payment_items (claim_id) WHERE state = 'ordered';
CREATE INDEX payment_items_of_facility ON payment_items (facility_id, batch_id);
