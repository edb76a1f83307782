-- The population office's file as of a date, and what comparing the registry with it found.

-- One row for each file. Its records count from the moment at which it is current, which only one can be.
CREATE TABLE population_snapshots (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    as_of DATE NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('loading', 'current', 'replaced', 'abandoned')),
    digest BYTEA NOT NULL,
    records BIGINT NOT NULL,
    loaded_to BYTEA CHECK (length(loaded_to) = 16),
    made_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX population_snapshots_current ON population_snapshots (state) WHERE state = 'current';

-- What a file says under one NIK. They are put in the order of their key.
CREATE TABLE population_records (
    snapshot_id BYTEA NOT NULL CHECK (length(snapshot_id) = 16),
    bidx BYTEA NOT NULL CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (snapshot_id, bidx)
);

-- One comparison of the registry with a file: how far it has come, and what it counted. It has the id of its snapshot.
CREATE TABLE reconciliations (
    id BYTEA PRIMARY KEY REFERENCES population_snapshots (id) CHECK (length(id) = 16),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('loading', 'comparing', 'done', 'superseded', 'abandoned')),
    compared_to BYTEA CHECK (length(compared_to) = 16),
    compared BIGINT NOT NULL,
    agree BIGINT NOT NULL,
    matched BIGINT NOT NULL,
    not_found BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    different BIGINT NOT NULL,
    deceased BIGINT NOT NULL,
    jkn_changed BIGINT NOT NULL,
    new_findings BIGINT NOT NULL,
    resolved BIGINT NOT NULL,
    asked_by BYTEA CHECK (length(asked_by) = 16),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);

-- A finding is one and the same in every run that shows the same content, so that a person decides it once.
CREATE TABLE reconciliation_findings (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    run_id BYTEA NOT NULL REFERENCES reconciliations (id) CHECK (length(run_id) = 16),
    last_run_id BYTEA NOT NULL REFERENCES reconciliations (id) CHECK (length(last_run_id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    other_participant_id BYTEA REFERENCES participants (id) CHECK (length(other_participant_id) = 16),
    category TEXT COLLATE "C" NOT NULL CHECK (category IN ('not_found', 'moved', 'duplicate', 'different', 'deceased', 'jkn_changed')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'applied', 'dismissed', 'resolved')),
    village_code TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C",
    content BYTEA NOT NULL CHECK (length(content) = 16),
    key_id INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    found_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    decided_by BYTEA CHECK (length(decided_by) = 16),
    UNIQUE (participant_id, category, content)
);
CREATE INDEX reconciliation_findings_of_state ON reconciliation_findings (state, category, id);
CREATE INDEX reconciliation_findings_of_run ON reconciliation_findings (last_run_id, id);
CREATE INDEX reconciliation_findings_of_village ON reconciliation_findings (village_code, id);
