-- Guarantee letters (SJP), what was done with each, and which are in use.

CREATE TABLE guarantee_letters (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('provisional', 'issued', 'used', 'expired', 'cancelled', 'lapsed')),
    check_id BLOB NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    ward_class TEXT,
    diagnosis_code TEXT NOT NULL,
    rule_set TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    complete_by TEXT,
    extensions INTEGER NOT NULL,
    -- What the letter keeps aside in the budget while care is given and nothing is billed.
    reserved_amount INTEGER NOT NULL CHECK (reserved_amount >= 0),
    budget_year INTEGER NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    previous_letter_id BLOB REFERENCES guarantee_letters (id) CHECK (length(previous_letter_id) = 16),
    admitted_on TEXT,
    discharged_on TEXT,
    discharge_status TEXT,
    issued_at TEXT NOT NULL,
    issued_by BLOB NOT NULL CHECK (length(issued_by) = 16),
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX guarantee_letters_of_participant ON guarantee_letters (participant_id);
CREATE INDEX guarantee_letters_of_facility ON guarantee_letters (facility_id, id);
CREATE INDEX guarantee_letters_of_check ON guarantee_letters (check_id);
CREATE INDEX guarantee_letters_to_expire ON guarantee_letters (valid_until) WHERE state = 'issued';
CREATE INDEX guarantee_letters_to_lapse ON guarantee_letters (complete_by) WHERE state = 'provisional';

-- One letter in use for a check at each hospital: the key says so, not a look before the insert. After a transfer two hospitals have one.
CREATE TABLE live_letters (
    check_id BLOB NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    letter_id BLOB NOT NULL UNIQUE REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    PRIMARY KEY (check_id, facility_id)
) STRICT;

CREATE TABLE letter_events (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    letter_id BLOB NOT NULL REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    taken_by BLOB CHECK (length(taken_by) = 16),
    -- Why, as it was typed.
    sealed BLOB
) STRICT;
CREATE INDEX letter_events_of_letter ON letter_events (letter_id, id);

-- Keys of one more purpose sign letters. A CHECK cannot be changed in place.
CREATE TABLE keys_with_letters (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card', 'letter')),
    phase TEXT NOT NULL CHECK (phase IN ('active', 'reading', 'retired')),
    wrapped BLOB NOT NULL,
    public_key BLOB,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
INSERT INTO keys_with_letters SELECT id, purpose, phase, wrapped, public_key, created_at, retired_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_with_letters RENAME TO keys;
