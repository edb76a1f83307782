-- To what of a decision a hospital objected, and by which minutes of the panel it was decided. Why it objected stands in the claim's events, sealed.
CREATE TABLE claim_disputes (
    claim_id BYTEA PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    disputed_at TIMESTAMP NOT NULL,
    disputed_by BYTEA CHECK (length(disputed_by) = 16),
    outcome TEXT COLLATE "C" CHECK (outcome IN ('upheld', 'changed')),
    minutes_number TEXT COLLATE "C",
    decided_at TIMESTAMP,
    decided_by BYTEA CHECK (length(decided_by) = 16)
);

CREATE TABLE disputed_lines (
    claim_id BYTEA NOT NULL REFERENCES claim_disputes (claim_id) CHECK (length(claim_id) = 16),
    line INTEGER NOT NULL,
    -- Of an amount that two decide, what the first of them would change.
    proposed_amount BIGINT,
    proposed_reason TEXT COLLATE "C",
    PRIMARY KEY (claim_id, line)
);

CREATE TABLE disputed_documents (
    claim_id BYTEA NOT NULL REFERENCES claim_disputes (claim_id) CHECK (length(claim_id) = 16),
    document_id BYTEA NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    PRIMARY KEY (claim_id, document_id)
);

-- Until now an objection was to all lines, and its minutes were not kept.
INSERT INTO claim_disputes (claim_id, disputed_at, disputed_by)
SELECT claim_id, taken_at, taken_by FROM claim_events WHERE action = 'dispute';
INSERT INTO disputed_lines (claim_id, line)
SELECT claim_lines.claim_id, claim_lines.line FROM claim_lines JOIN claim_disputes ON claim_disputes.claim_id = claim_lines.claim_id;
