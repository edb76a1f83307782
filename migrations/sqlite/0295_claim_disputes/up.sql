-- To what of a decision a hospital objected, and by which minutes of the panel it was decided. Why it objected stands in the claim's events, sealed.
CREATE TABLE claim_disputes (
    claim_id BLOB PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    disputed_at TEXT NOT NULL,
    disputed_by BLOB CHECK (length(disputed_by) = 16),
    outcome TEXT CHECK (outcome IN ('upheld', 'changed')),
    minutes_number TEXT,
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16)
) STRICT;

CREATE TABLE disputed_lines (
    claim_id BLOB NOT NULL REFERENCES claim_disputes (claim_id) CHECK (length(claim_id) = 16),
    line INTEGER NOT NULL,
    -- Of an amount that two decide, what the first of them would change.
    proposed_amount INTEGER,
    proposed_reason TEXT,
    PRIMARY KEY (claim_id, line)
) STRICT;

CREATE TABLE disputed_documents (
    claim_id BLOB NOT NULL REFERENCES claim_disputes (claim_id) CHECK (length(claim_id) = 16),
    document_id BLOB NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    PRIMARY KEY (claim_id, document_id)
) STRICT;

-- Until now an objection was to all lines, and its minutes were not kept.
INSERT INTO claim_disputes (claim_id, disputed_at, disputed_by)
SELECT claim_id, taken_at, taken_by FROM claim_events WHERE action = 'dispute';
INSERT INTO disputed_lines (claim_id, line)
SELECT claim_lines.claim_id, claim_lines.line FROM claim_lines JOIN claim_disputes ON claim_disputes.claim_id = claim_lines.claim_id;
