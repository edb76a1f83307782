-- Keys wrapped by the root key, the row by which nodes hear each other, and the hash-chained log of everything that happens.

CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint')),
    phase TEXT COLLATE "C" NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BYTEA NOT NULL,
    public_key BYTEA,
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

-- One row. A change of what nodes hold in memory raises its number in the same transaction.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sessions BIGINT NOT NULL,
    catalogue BIGINT NOT NULL,
    keys BIGINT NOT NULL
);
INSERT INTO versions (id, sessions, catalogue, keys) VALUES (1, 1, 1, 1);

CREATE TABLE audit_events (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    stripe INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    user_id BYTEA CHECK (length(user_id) = 16),
    facility_id BYTEA CHECK (length(facility_id) = 16),
    header TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    link BYTEA NOT NULL,
    payload BYTEA NOT NULL
);
CREATE INDEX audit_events_chain ON audit_events (stripe, seq);

-- Which people an event was about: how a person learns who looked.
CREATE TABLE audit_subjects (
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16),
    event_id BYTEA NOT NULL CHECK (length(event_id) = 16),
    PRIMARY KEY (participant_id, event_id)
);

CREATE TABLE audit_heads (
    stripe INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    link BYTEA NOT NULL
);

CREATE TABLE audit_checkpoints (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    at TIMESTAMP NOT NULL,
    heads TEXT COLLATE "C" NOT NULL,
    key_id INTEGER NOT NULL,
    signature BYTEA NOT NULL
);
