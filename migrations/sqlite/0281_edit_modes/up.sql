-- How each edit stands, where it is not as it began; and what it would have done on past claims.

CREATE TABLE edit_modes (
    edit TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('shadow', 'active')),
    -- The two who said so; nobody where it stands as it began.
    changed_by BLOB CHECK (length(changed_by) = 16),
    confirmed_by BLOB CHECK (length(confirmed_by) = 16),
    changed_at TEXT NOT NULL,
    -- What one admin asked for and another has not said yet.
    asked_mode TEXT CHECK (asked_mode IN ('shadow', 'active')),
    asked_by BLOB CHECK (length(asked_by) = 16),
    asked_at TEXT
) STRICT;

CREATE TABLE edit_back_tests (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    edit TEXT NOT NULL,
    edit_version INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    claims INTEGER NOT NULL,
    -- Claims of these days that were not looked at.
    left_out INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    pended INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    upheld INTEGER NOT NULL,
    overridden INTEGER NOT NULL,
    at_stake INTEGER NOT NULL,
    -- What it would not have paid by itself, and what people did not pay where they agreed.
    would_cut INTEGER NOT NULL,
    cut INTEGER NOT NULL,
    run_by BLOB NOT NULL CHECK (length(run_by) = 16),
    run_at TEXT NOT NULL
) STRICT;
CREATE INDEX edit_back_tests_of_edit ON edit_back_tests (edit, id);
