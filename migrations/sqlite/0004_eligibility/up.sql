-- Recorded answers, the basis that each was decided on, requests for review, and referrals.

-- The very texts of rule sets, lists and messages at their first use, by hash: replay never asks today's files.
CREATE TABLE basis_contents (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('rule_set', 'texts', 'lists')),
    content TEXT NOT NULL
) STRICT;

CREATE TABLE decision_bases (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    rule_set_code TEXT NOT NULL,
    rule_set_revision INTEGER NOT NULL,
    rule_set_hash BLOB NOT NULL REFERENCES basis_contents (hash),
    texts_hash BLOB NOT NULL REFERENCES basis_contents (hash),
    lists_hash BLOB NOT NULL REFERENCES basis_contents (hash),
    engine INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (rule_set_hash, texts_hash, lists_hash, engine)
) STRICT;

CREATE TABLE eligibility_checks (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB CHECK (length(participant_id) = 16),
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    asked_by BLOB NOT NULL CHECK (length(asked_by) = 16),
    service_date TEXT NOT NULL CHECK (service_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    care_type TEXT NOT NULL,
    decision TEXT NOT NULL,
    failing TEXT NOT NULL,
    basis_id BLOB NOT NULL CHECK (length(basis_id) = 16),
    language TEXT NOT NULL,
    retrospective INTEGER NOT NULL CHECK (retrospective IN (0, 1)),
    checked_at TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    complete_by TEXT,
    override_of BLOB CHECK (length(override_of) = 16),
    digest BLOB NOT NULL,
    record BLOB NOT NULL
) STRICT;
CREATE INDEX eligibility_checks_of_facility ON eligibility_checks (facility_id, id);

CREATE TABLE eligibility_reviews (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    check_id BLOB NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    participant_id BLOB CHECK (length(participant_id) = 16),
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    state TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    sealed BLOB NOT NULL,
    asked_at TEXT NOT NULL,
    asked_by BLOB NOT NULL CHECK (length(asked_by) = 16),
    due_at TEXT NOT NULL,
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16),
    new_check_id BLOB CHECK (length(new_check_id) = 16)
) STRICT;
CREATE INDEX eligibility_reviews_of_facility ON eligibility_reviews (facility_id, id);
-- One open review a check.
CREATE UNIQUE INDEX eligibility_reviews_open ON eligibility_reviews (check_id) WHERE state = 'open';

CREATE TABLE referrals (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    number TEXT NOT NULL UNIQUE,
    participant_id BLOB NOT NULL CHECK (length(participant_id) = 16),
    from_facility_id BLOB NOT NULL CHECK (length(from_facility_id) = 16),
    to_facility_id BLOB CHECK (length(to_facility_id) = 16),
    issued_on TEXT NOT NULL CHECK (issued_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    valid_until TEXT NOT NULL CHECK (valid_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sealed BLOB NOT NULL,
    issued_by BLOB NOT NULL CHECK (length(issued_by) = 16),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX referrals_of_participant ON referrals (participant_id);
CREATE INDEX referrals_from ON referrals (from_facility_id, id);
CREATE INDEX referrals_to ON referrals (to_facility_id, id);

-- The next number of a kind, a year and a facility, taken in the transaction that issues it: gaps are allowed, doubles never.
CREATE TABLE number_ranges (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    next INTEGER NOT NULL,
    range_end INTEGER NOT NULL,
    PRIMARY KEY (kind, year, facility_id)
) STRICT;

-- What was answered to a key, so that a retry gets the same answer. For a check only its id is kept.
CREATE TABLE idempotency (
    key BLOB PRIMARY KEY CHECK (length(key) = 16),
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    check_id BLOB CHECK (length(check_id) = 16),
    answer BLOB,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);
