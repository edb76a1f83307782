CREATE TABLE keys_without_cards (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint')),
    phase TEXT NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BLOB NOT NULL,
    public_key BLOB,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
INSERT INTO keys_without_cards
    SELECT id, purpose, phase, wrapped, public_key, created_at, retired_at FROM keys WHERE purpose <> 'card';
DROP TABLE keys;
ALTER TABLE keys_without_cards RENAME TO keys;
DROP TABLE card_batch_items;
DROP TABLE card_batches;
ALTER TABLE card_registry DROP COLUMN card_id;
DROP TABLE card_events;
DROP TABLE cards;
