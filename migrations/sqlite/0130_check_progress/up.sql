-- What becomes of a recorded check, beside it: the check itself never changes.

-- What the facility brought afterwards for a provisional answer, each kind once.
CREATE TABLE check_papers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    check_id BLOB NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    brought_at TEXT NOT NULL,
    brought_by BLOB NOT NULL CHECK (length(brought_by) = 16),
    UNIQUE (check_id, kind)
) STRICT;

-- The one extension that may be asked for.
CREATE TABLE check_extensions (
    check_id BLOB PRIMARY KEY REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    complete_by TEXT NOT NULL,
    extended_at TEXT NOT NULL,
    extended_by BLOB NOT NULL CHECK (length(extended_by) = 16)
) STRICT;

CREATE TABLE check_voids (
    check_id BLOB PRIMARY KEY REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    reason TEXT NOT NULL CHECK (reason IN ('wrong_person', 'duplicate', 'left')),
    voided_at TEXT NOT NULL,
    voided_by BLOB NOT NULL CHECK (length(voided_by) = 16)
) STRICT;

-- Which check took the place of another.
CREATE INDEX eligibility_checks_override ON eligibility_checks (override_of) WHERE override_of IS NOT NULL;
