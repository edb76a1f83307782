-- What each revision of a claim was judged on, beside what the hospital said, and what came out: so that it can be judged again.
CREATE TABLE claim_cases (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    revision INTEGER NOT NULL,
    id BYTEA NOT NULL UNIQUE CHECK (length(id) = 16),
    -- The rule set of then, as the checks keep theirs.
    basis_id BYTEA NOT NULL REFERENCES decision_bases (id) CHECK (length(basis_id) = 16),
    -- SHA-256 of the edits with their versions, and of the outcome.
    edits_hash BYTEA NOT NULL CHECK (length(edits_hash) = 32),
    outcome_hash BYTEA NOT NULL CHECK (length(outcome_hash) = 32),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (claim_id, revision)
);
