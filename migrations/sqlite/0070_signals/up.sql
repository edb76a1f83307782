-- What a person should look at. A signal changes no answer and refuses nobody.
CREATE TABLE signals (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'cleared', 'confirmed')),
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
    facility_id BLOB CHECK (length(facility_id) = 16),
    -- A blind index of the kind and of whom or what it is about.
    dedupe BLOB NOT NULL CHECK (length(dedupe) = 16),
    key_id INTEGER NOT NULL,
    -- The evidence, and what was noted with the decision.
    sealed BLOB NOT NULL,
    -- The one about the same that was decided before.
    earlier_id BLOB REFERENCES signals (id) CHECK (length(earlier_id) = 16),
    raised_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16)
) STRICT;
-- One open signal about the same.
CREATE UNIQUE INDEX signals_open ON signals (dedupe) WHERE state = 'open';
CREATE INDEX signals_about_the_same ON signals (dedupe, id);
CREATE INDEX signals_by_state ON signals (state, id);

CREATE TABLE signal_subjects (
    signal_id BLOB NOT NULL REFERENCES signals (id) CHECK (length(signal_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    PRIMARY KEY (signal_id, participant_id)
) STRICT;
CREATE INDEX signal_subjects_of_participant ON signal_subjects (participant_id);
