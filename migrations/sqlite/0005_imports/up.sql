-- Bulk files: how far each has come, and which of its rows were bad. A fault holds where and why, never the value.

CREATE TABLE imports (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    bytes_total INTEGER NOT NULL,
    bytes_done INTEGER NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_created INTEGER NOT NULL,
    rows_changed INTEGER NOT NULL,
    rows_unchanged INTEGER NOT NULL,
    rows_failed INTEGER NOT NULL,
    failure TEXT,
    asked_by BLOB NOT NULL CHECK (length(asked_by) = 16),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;

CREATE TABLE import_faults (
    import_id BLOB NOT NULL REFERENCES imports (id) CHECK (length(import_id) = 16),
    line INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    code TEXT NOT NULL,
    row_key TEXT,
    PRIMARY KEY (import_id, line, ordinal)
) STRICT;
