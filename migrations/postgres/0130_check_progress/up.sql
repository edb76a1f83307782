-- What becomes of a recorded check, beside it: the check itself never changes.

-- What the facility brought afterwards for a provisional answer, each kind once.
CREATE TABLE check_papers (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    check_id BYTEA NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    kind TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    brought_at TIMESTAMP NOT NULL,
    brought_by BYTEA NOT NULL CHECK (length(brought_by) = 16),
    UNIQUE (check_id, kind)
);

-- The one extension that may be asked for.
CREATE TABLE check_extensions (
    check_id BYTEA PRIMARY KEY REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    complete_by TIMESTAMP NOT NULL,
    extended_at TIMESTAMP NOT NULL,
    extended_by BYTEA NOT NULL CHECK (length(extended_by) = 16)
);

CREATE TABLE check_voids (
    check_id BYTEA PRIMARY KEY REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    reason TEXT COLLATE "C" NOT NULL CHECK (reason IN ('wrong_person', 'duplicate', 'left')),
    voided_at TIMESTAMP NOT NULL,
    voided_by BYTEA NOT NULL CHECK (length(voided_by) = 16)
);

-- Which check took the place of another.
CREATE INDEX eligibility_checks_override ON eligibility_checks (override_of) WHERE override_of IS NOT NULL;
