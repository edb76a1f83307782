CREATE TABLE keys_without_letters (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card')),
    phase TEXT NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BLOB NOT NULL,
    public_key BLOB,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
INSERT INTO keys_without_letters
    SELECT id, purpose, phase, wrapped, public_key, created_at, retired_at FROM keys WHERE purpose <> 'letter';
DROP TABLE keys;
ALTER TABLE keys_without_letters RENAME TO keys;
DROP TABLE letter_events;
DROP TABLE live_letters;
DROP TABLE guarantee_letters;
