-- Keys wrapped by the root key, the row by which nodes hear each other, and the hash-chained log of everything that happens.

CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint')),
    phase TEXT NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BLOB NOT NULL,
    public_key BLOB,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;

-- One row. A change of what nodes hold in memory raises its number in the same transaction.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sessions INTEGER NOT NULL,
    catalogue INTEGER NOT NULL,
    keys INTEGER NOT NULL
) STRICT;
INSERT INTO versions (id, sessions, catalogue, keys) VALUES (1, 1, 1, 1);

CREATE TABLE audit_events (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    stripe INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id BLOB CHECK (length(user_id) = 16),
    facility_id BLOB CHECK (length(facility_id) = 16),
    header TEXT NOT NULL,
    digest BLOB NOT NULL,
    link BLOB NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_chain ON audit_events (stripe, seq);

-- Which people an event was about: how a person learns who looked.
CREATE TABLE audit_subjects (
    participant_id BLOB NOT NULL CHECK (length(participant_id) = 16),
    event_id BLOB NOT NULL CHECK (length(event_id) = 16),
    PRIMARY KEY (participant_id, event_id)
) WITHOUT ROWID, STRICT;

CREATE TABLE audit_heads (
    stripe INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    link BLOB NOT NULL
) STRICT;

CREATE TABLE audit_checkpoints (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    at TEXT NOT NULL,
    heads TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
