-- Cards as things of their own: an enrolment may have had several, one after the other. What was imported has no row here until something happens to it:
-- that it was printed would be made up.
CREATE TABLE cards (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    enrollment_id BYTEA NOT NULL REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    serial INTEGER NOT NULL CHECK (serial >= 1),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('not_printed', 'printed', 'delivered', 'blocked')),
    block_reason TEXT COLLATE "C" CHECK (block_reason IN ('lost', 'stolen', 'damaged', 'forged', 'replaced')),
    issued_on DATE,
    printed_on DATE,
    delivered_on DATE,
    -- The first date on which it no longer counts.
    blocked_on DATE,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (enrollment_id, serial)
);
-- One card that counts for each enrolment.
CREATE UNIQUE INDEX cards_unblocked ON cards (enrollment_id) WHERE state <> 'blocked';

-- What happened to a card, on which date, and who recorded it (nobody: a command at the machine); the note is sealed.
CREATE TABLE card_events (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    card_id BYTEA NOT NULL REFERENCES cards (id) CHECK (length(card_id) = 16),
    kind TEXT COLLATE "C" NOT NULL,
    happened_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BYTEA CHECK (length(recorded_by) = 16),
    sealed BYTEA
);
CREATE INDEX card_events_of_card ON card_events (card_id);

-- Which of an enrolment's cards a number was printed on; none where the card has no row of its own.
ALTER TABLE card_registry ADD COLUMN card_id BYTEA CHECK (length(card_id) = 16);

-- Cards that are printed together.
CREATE TABLE card_batches (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by BYTEA NOT NULL CHECK (length(made_by) = 16),
    printed_at TIMESTAMP,
    printed_by BYTEA CHECK (length(printed_by) = 16)
);
CREATE TABLE card_batch_items (
    batch_id BYTEA NOT NULL REFERENCES card_batches (id) CHECK (length(batch_id) = 16),
    position INTEGER NOT NULL,
    card_id BYTEA NOT NULL REFERENCES cards (id) CHECK (length(card_id) = 16),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('waiting', 'printed', 'failed')),
    PRIMARY KEY (batch_id, position)
);
-- A card waits in one batch at a time: it is not printed twice.
CREATE UNIQUE INDEX card_batch_items_waiting ON card_batch_items (card_id) WHERE outcome = 'waiting';

-- Keys of one more purpose sign cards.
ALTER TABLE keys DROP CONSTRAINT keys_purpose_check;
ALTER TABLE keys ADD CONSTRAINT keys_purpose_check CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card'));
