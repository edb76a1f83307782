-- Figures as they were told to somebody: numbered, hashed and never changed.
CREATE TABLE reports (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('figure', 'monthly')),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The very bytes of which the hash is told.
    content TEXT NOT NULL,
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    made_at TEXT NOT NULL
) STRICT;
