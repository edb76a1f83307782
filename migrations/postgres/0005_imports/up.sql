-- Bulk files: how far each has come, and which of its rows were bad. A fault holds where and why, never the value.

CREATE TABLE imports (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    dry_run BOOLEAN NOT NULL,
    bytes_total BIGINT NOT NULL,
    bytes_done BIGINT NOT NULL,
    rows_read BIGINT NOT NULL,
    rows_created BIGINT NOT NULL,
    rows_changed BIGINT NOT NULL,
    rows_unchanged BIGINT NOT NULL,
    rows_failed BIGINT NOT NULL,
    failure TEXT COLLATE "C",
    asked_by BYTEA NOT NULL CHECK (length(asked_by) = 16),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);

CREATE TABLE import_faults (
    import_id BYTEA NOT NULL REFERENCES imports (id) CHECK (length(import_id) = 16),
    line BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C",
    PRIMARY KEY (import_id, line, ordinal)
);
