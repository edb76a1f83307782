-- The population office's file as of a date, and what comparing the registry with it found.

-- One row for each file. Its records count from the moment at which it is current, which only one can be.
CREATE TABLE population_snapshots (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    as_of TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('loading', 'current', 'replaced', 'abandoned')),
    digest BLOB NOT NULL,
    records INTEGER NOT NULL,
    loaded_to BLOB CHECK (length(loaded_to) = 16),
    made_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX population_snapshots_current ON population_snapshots (state) WHERE state = 'current';

-- What a file says under one NIK. They are put in the order of their key.
CREATE TABLE population_records (
    snapshot_id BLOB NOT NULL CHECK (length(snapshot_id) = 16),
    bidx BLOB NOT NULL CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (snapshot_id, bidx)
) WITHOUT ROWID, STRICT;

-- One comparison of the registry with a file: how far it has come, and what it counted. It has the id of its snapshot.
CREATE TABLE reconciliations (
    id BLOB PRIMARY KEY REFERENCES population_snapshots (id) CHECK (length(id) = 16),
    state TEXT NOT NULL CHECK (state IN ('loading', 'comparing', 'done', 'superseded', 'abandoned')),
    compared_to BLOB CHECK (length(compared_to) = 16),
    compared INTEGER NOT NULL,
    agree INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    not_found INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    different INTEGER NOT NULL,
    deceased INTEGER NOT NULL,
    jkn_changed INTEGER NOT NULL,
    new_findings INTEGER NOT NULL,
    resolved INTEGER NOT NULL,
    asked_by BLOB CHECK (length(asked_by) = 16),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;

-- A finding is one and the same in every run that shows the same content, so that a person decides it once.
CREATE TABLE reconciliation_findings (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    run_id BLOB NOT NULL REFERENCES reconciliations (id) CHECK (length(run_id) = 16),
    last_run_id BLOB NOT NULL REFERENCES reconciliations (id) CHECK (length(last_run_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    other_participant_id BLOB REFERENCES participants (id) CHECK (length(other_participant_id) = 16),
    category TEXT NOT NULL CHECK (category IN ('not_found', 'moved', 'duplicate', 'different', 'deceased', 'jkn_changed')),
    state TEXT NOT NULL CHECK (state IN ('open', 'applied', 'dismissed', 'resolved')),
    village_code TEXT NOT NULL,
    row_key TEXT,
    content BLOB NOT NULL CHECK (length(content) = 16),
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    found_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16),
    UNIQUE (participant_id, category, content)
) STRICT;
CREATE INDEX reconciliation_findings_of_state ON reconciliation_findings (state, category, id);
CREATE INDEX reconciliation_findings_of_run ON reconciliation_findings (last_run_id, id);
CREATE INDEX reconciliation_findings_of_village ON reconciliation_findings (village_code, id);
