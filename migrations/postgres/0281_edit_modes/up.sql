-- How each edit stands, where it is not as it began; and what it would have done on past claims.

CREATE TABLE edit_modes (
    edit TEXT COLLATE "C" PRIMARY KEY,
    version INTEGER NOT NULL,
    mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('shadow', 'active')),
    -- The two who said so; nobody where it stands as it began.
    changed_by BYTEA CHECK (length(changed_by) = 16),
    confirmed_by BYTEA CHECK (length(confirmed_by) = 16),
    changed_at TIMESTAMP NOT NULL,
    -- What one admin asked for and another has not said yet.
    asked_mode TEXT COLLATE "C" CHECK (asked_mode IN ('shadow', 'active')),
    asked_by BYTEA CHECK (length(asked_by) = 16),
    asked_at TIMESTAMP
);

CREATE TABLE edit_back_tests (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    edit TEXT COLLATE "C" NOT NULL,
    edit_version INTEGER NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    claims INTEGER NOT NULL,
    -- Claims of these days that were not looked at.
    left_out INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    pended INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    upheld INTEGER NOT NULL,
    overridden INTEGER NOT NULL,
    at_stake BIGINT NOT NULL,
    -- What it would not have paid by itself, and what people did not pay where they agreed.
    would_cut BIGINT NOT NULL,
    cut BIGINT NOT NULL,
    run_by BYTEA NOT NULL CHECK (length(run_by) = 16),
    run_at TIMESTAMP NOT NULL
);
CREATE INDEX edit_back_tests_of_edit ON edit_back_tests (edit, id);
