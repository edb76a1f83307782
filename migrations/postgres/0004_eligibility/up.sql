-- Recorded answers, the basis that each was decided on, requests for review, and referrals.

-- The very texts of rule sets, lists and messages at their first use, by hash: replay never asks today's files.
CREATE TABLE basis_contents (
    hash BYTEA PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('rule_set', 'texts', 'lists')),
    content TEXT COLLATE "C" NOT NULL
);

CREATE TABLE decision_bases (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    rule_set_code TEXT COLLATE "C" NOT NULL,
    rule_set_revision INTEGER NOT NULL,
    rule_set_hash BYTEA NOT NULL REFERENCES basis_contents (hash),
    texts_hash BYTEA NOT NULL REFERENCES basis_contents (hash),
    lists_hash BYTEA NOT NULL REFERENCES basis_contents (hash),
    engine INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (rule_set_hash, texts_hash, lists_hash, engine)
);

CREATE TABLE eligibility_checks (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA CHECK (length(participant_id) = 16),
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    asked_by BYTEA NOT NULL CHECK (length(asked_by) = 16),
    service_date DATE NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    failing TEXT COLLATE "C" NOT NULL,
    basis_id BYTEA NOT NULL CHECK (length(basis_id) = 16),
    language TEXT COLLATE "C" NOT NULL,
    retrospective BOOLEAN NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    valid_until TIMESTAMP NOT NULL,
    complete_by TIMESTAMP,
    override_of BYTEA CHECK (length(override_of) = 16),
    digest BYTEA NOT NULL,
    record BYTEA NOT NULL
);
CREATE INDEX eligibility_checks_of_facility ON eligibility_checks (facility_id, id);

CREATE TABLE eligibility_reviews (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    check_id BYTEA NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    participant_id BYTEA CHECK (length(participant_id) = 16),
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    sealed BYTEA NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    asked_by BYTEA NOT NULL CHECK (length(asked_by) = 16),
    due_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    decided_by BYTEA CHECK (length(decided_by) = 16),
    new_check_id BYTEA CHECK (length(new_check_id) = 16)
);
CREATE INDEX eligibility_reviews_of_facility ON eligibility_reviews (facility_id, id);
-- One open review a check.
CREATE UNIQUE INDEX eligibility_reviews_open ON eligibility_reviews (check_id) WHERE state = 'open';

CREATE TABLE referrals (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16),
    from_facility_id BYTEA NOT NULL CHECK (length(from_facility_id) = 16),
    to_facility_id BYTEA CHECK (length(to_facility_id) = 16),
    issued_on DATE NOT NULL,
    valid_until DATE NOT NULL,
    sealed BYTEA NOT NULL,
    issued_by BYTEA NOT NULL CHECK (length(issued_by) = 16),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX referrals_of_participant ON referrals (participant_id);
CREATE INDEX referrals_from ON referrals (from_facility_id, id);
CREATE INDEX referrals_to ON referrals (to_facility_id, id);

-- The next number of a kind, a year and a facility, taken in the transaction that issues it: gaps are allowed, doubles never.
CREATE TABLE number_ranges (
    kind TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    next BIGINT NOT NULL,
    range_end BIGINT NOT NULL,
    PRIMARY KEY (kind, year, facility_id)
);

-- What was answered to a key, so that a retry gets the same answer. For a check only its id is kept.
CREATE TABLE idempotency (
    key BYTEA PRIMARY KEY CHECK (length(key) = 16),
    fingerprint BYTEA NOT NULL,
    status INTEGER NOT NULL,
    check_id BYTEA CHECK (length(check_id) = 16),
    answer BYTEA,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);
