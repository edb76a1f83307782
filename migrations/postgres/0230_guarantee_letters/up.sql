-- Guarantee letters (SJP), what was done with each, and which are in use.

CREATE TABLE guarantee_letters (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('provisional', 'issued', 'used', 'expired', 'cancelled', 'lapsed')),
    check_id BYTEA NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    ward_class TEXT COLLATE "C",
    diagnosis_code TEXT COLLATE "C" NOT NULL,
    rule_set TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    complete_by TIMESTAMP,
    extensions INTEGER NOT NULL,
    -- What the letter keeps aside in the budget while care is given and nothing is billed.
    reserved_amount BIGINT NOT NULL CHECK (reserved_amount >= 0),
    budget_year INTEGER NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    previous_letter_id BYTEA REFERENCES guarantee_letters (id) CHECK (length(previous_letter_id) = 16),
    admitted_on DATE,
    discharged_on DATE,
    discharge_status TEXT COLLATE "C",
    issued_at TIMESTAMP NOT NULL,
    issued_by BYTEA NOT NULL CHECK (length(issued_by) = 16),
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX guarantee_letters_of_participant ON guarantee_letters (participant_id);
CREATE INDEX guarantee_letters_of_facility ON guarantee_letters (facility_id, id);
CREATE INDEX guarantee_letters_of_check ON guarantee_letters (check_id);
CREATE INDEX guarantee_letters_to_expire ON guarantee_letters (valid_until) WHERE state = 'issued';
CREATE INDEX guarantee_letters_to_lapse ON guarantee_letters (complete_by) WHERE state = 'provisional';

-- One letter in use for a check at each hospital: the key says so, not a look before the insert. After a transfer two hospitals have one.
CREATE TABLE live_letters (
    check_id BYTEA NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    letter_id BYTEA NOT NULL UNIQUE REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    PRIMARY KEY (check_id, facility_id)
);

CREATE TABLE letter_events (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    letter_id BYTEA NOT NULL REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    action TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    taken_by BYTEA CHECK (length(taken_by) = 16),
    -- Why, as it was typed.
    sealed BYTEA
);
CREATE INDEX letter_events_of_letter ON letter_events (letter_id, id);

-- Keys of one more purpose sign letters.
ALTER TABLE keys DROP CONSTRAINT keys_purpose_check;
ALTER TABLE keys ADD CONSTRAINT keys_purpose_check CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card', 'letter'));
