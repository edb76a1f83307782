-- People whom no NIK names yet: newborns, named by their mother, and patients whose own cannot be used now.

-- One row for each birth of a mother, by a blind index of both: a single birth can never become one of several beside it.
CREATE TABLE births (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    multiple INTEGER NOT NULL CHECK (multiple IN (0, 1))
) WITHOUT ROWID, STRICT;

-- The blind index of mother, birth date and order finds the child, as that of a NIK finds everyone else.
CREATE TABLE newborns (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    participant_id BLOB NOT NULL UNIQUE REFERENCES participants (id) CHECK (length(participant_id) = 16),
    mother_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(mother_id) = 16)
) WITHOUT ROWID, STRICT;

CREATE TABLE temporary_identities (
    participant_id BLOB PRIMARY KEY REFERENCES participants (id) CHECK (length(participant_id) = 16),
    reason TEXT NOT NULL CHECK (reason IN ('unidentified', 'no_nik', 'nik_conflict')),
    sealed BLOB NOT NULL,
    made_at TEXT NOT NULL,
    made_by BLOB NOT NULL CHECK (length(made_by) = 16)
) WITHOUT ROWID, STRICT;

-- Two real people with one NIK: only the civil registry can tell whose it is.
CREATE TABLE registry_cases (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    other_participant_id BLOB REFERENCES participants (id) CHECK (length(other_participant_id) = 16),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    outcome TEXT CHECK (outcome IN ('new_nik', 'same_person', 'no_conflict')),
    sealed BLOB NOT NULL,
    opened_at TEXT NOT NULL,
    opened_by BLOB NOT NULL CHECK (length(opened_by) = 16),
    closed_at TEXT,
    closed_by BLOB CHECK (length(closed_by) = 16)
) STRICT;
CREATE INDEX registry_cases_of_state ON registry_cases (state, id);
