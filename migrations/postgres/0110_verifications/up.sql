-- What the population office (Dukcapil) said of people, and every call that was made to it.

-- Match or no match, never what the office holds. The newest of a person counts.
CREATE TABLE verifications (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('snapshot', 'web_service')),
    verdict TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('match', 'differs', 'not_found', 'inactive', 'deceased')),
    name_match TEXT COLLATE "C" NOT NULL CHECK (name_match IN ('not_given', 'same', 'differs')),
    birth_date_match TEXT COLLATE "C" NOT NULL CHECK (birth_date_match IN ('not_given', 'same', 'differs')),
    as_of TIMESTAMP NOT NULL,
    verified_at TIMESTAMP NOT NULL,
    verified_by BYTEA CHECK (length(verified_by) = 16)
);
CREATE INDEX verifications_of_participant ON verifications (participant_id, id);

-- Who asked, why, and how it ended: the office wants it reported every half year. Never changed and never deleted.
CREATE TABLE population_office_calls (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    asked_at TIMESTAMP NOT NULL,
    asked_by BYTEA CHECK (length(asked_by) = 16),
    role TEXT COLLATE "C",
    facility_id BYTEA CHECK (length(facility_id) = 16),
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('treatment', 'registration', 'claim', 'audit', 'complaint')),
    participant_id BYTEA CHECK (length(participant_id) = 16),
    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('snapshot', 'web_service')),
    result TEXT COLLATE "C" NOT NULL
        CHECK (result IN ('match', 'differs', 'not_found', 'inactive', 'deceased', 'timeout', 'unreachable', 'failed', 'unreadable')),
    duration_ms BIGINT NOT NULL
);
CREATE INDEX population_office_calls_by_time ON population_office_calls (asked_at);
