-- Figures as they were told to somebody: numbered, hashed and never changed.
CREATE TABLE reports (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('figure', 'monthly')),
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    -- The very bytes of which the hash is told.
    content TEXT COLLATE "C" NOT NULL,
    content_hash BYTEA NOT NULL CHECK (length(content_hash) = 32),
    made_by BYTEA NOT NULL CHECK (length(made_by) = 16),
    made_at TIMESTAMP NOT NULL
);
