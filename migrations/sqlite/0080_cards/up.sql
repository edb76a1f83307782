-- Cards as things of their own: an enrolment may have had several, one after the other. What was imported has no row here until something happens to it:
-- that it was printed would be made up.
CREATE TABLE cards (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    enrollment_id BLOB NOT NULL REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    serial INTEGER NOT NULL CHECK (serial >= 1),
    state TEXT NOT NULL CHECK (state IN ('not_printed', 'printed', 'delivered', 'blocked')),
    block_reason TEXT CHECK (block_reason IN ('lost', 'stolen', 'damaged', 'forged', 'replaced')),
    issued_on TEXT CHECK (issued_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    printed_on TEXT CHECK (printed_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    delivered_on TEXT CHECK (delivered_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- The first date on which it no longer counts.
    blocked_on TEXT CHECK (blocked_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (enrollment_id, serial)
) STRICT;
-- One card that counts for each enrolment.
CREATE UNIQUE INDEX cards_unblocked ON cards (enrollment_id) WHERE state <> 'blocked';

-- What happened to a card, on which date, and who recorded it (nobody: a command at the machine); the note is sealed.
CREATE TABLE card_events (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    card_id BLOB NOT NULL REFERENCES cards (id) CHECK (length(card_id) = 16),
    kind TEXT NOT NULL,
    happened_on TEXT NOT NULL CHECK (happened_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    recorded_at TEXT NOT NULL,
    recorded_by BLOB CHECK (length(recorded_by) = 16),
    sealed BLOB
) STRICT;
CREATE INDEX card_events_of_card ON card_events (card_id);

-- Which of an enrolment's cards a number was printed on; none where the card has no row of its own.
ALTER TABLE card_registry ADD COLUMN card_id BLOB CHECK (length(card_id) = 16);

-- Cards that are printed together.
CREATE TABLE card_batches (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    printed_at TEXT,
    printed_by BLOB CHECK (length(printed_by) = 16)
) STRICT;
CREATE TABLE card_batch_items (
    batch_id BLOB NOT NULL REFERENCES card_batches (id) CHECK (length(batch_id) = 16),
    position INTEGER NOT NULL,
    card_id BLOB NOT NULL REFERENCES cards (id) CHECK (length(card_id) = 16),
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'printed', 'failed')),
    PRIMARY KEY (batch_id, position)
) WITHOUT ROWID, STRICT;
-- A card waits in one batch at a time: it is not printed twice.
CREATE UNIQUE INDEX card_batch_items_waiting ON card_batch_items (card_id) WHERE outcome = 'waiting';

-- Keys of one more purpose sign cards. A CHECK cannot be changed in place.
CREATE TABLE keys_with_cards (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card')),
    phase TEXT NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BLOB NOT NULL,
    public_key BLOB,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
INSERT INTO keys_with_cards SELECT id, purpose, phase, wrapped, public_key, created_at, retired_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_with_cards RENAME TO keys;
