-- People whom no NIK names yet: newborns, named by their mother, and patients whose own cannot be used now.

-- One row for each birth of a mother, by a blind index of both: a single birth can never become one of several beside it.
CREATE TABLE births (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    multiple BOOLEAN NOT NULL
);

-- The blind index of mother, birth date and order finds the child, as that of a NIK finds everyone else.
CREATE TABLE newborns (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    participant_id BYTEA NOT NULL UNIQUE REFERENCES participants (id) CHECK (length(participant_id) = 16),
    mother_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(mother_id) = 16)
);

CREATE TABLE temporary_identities (
    participant_id BYTEA PRIMARY KEY REFERENCES participants (id) CHECK (length(participant_id) = 16),
    reason TEXT COLLATE "C" NOT NULL CHECK (reason IN ('unidentified', 'no_nik', 'nik_conflict')),
    sealed BYTEA NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by BYTEA NOT NULL CHECK (length(made_by) = 16)
);

-- Two real people with one NIK: only the civil registry can tell whose it is.
CREATE TABLE registry_cases (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    other_participant_id BYTEA REFERENCES participants (id) CHECK (length(other_participant_id) = 16),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed')),
    outcome TEXT COLLATE "C" CHECK (outcome IN ('new_nik', 'same_person', 'no_conflict')),
    sealed BYTEA NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    opened_by BYTEA NOT NULL CHECK (length(opened_by) = 16),
    closed_at TIMESTAMP,
    closed_by BYTEA CHECK (length(closed_by) = 16)
);
CREATE INDEX registry_cases_of_state ON registry_cases (state, id);
