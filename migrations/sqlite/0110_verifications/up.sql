-- What the population office (Dukcapil) said of people, and every call that was made to it.

-- Match or no match, never what the office holds. The newest of a person counts.
CREATE TABLE verifications (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    source TEXT NOT NULL CHECK (source IN ('snapshot', 'web_service')),
    verdict TEXT NOT NULL CHECK (verdict IN ('match', 'differs', 'not_found', 'inactive', 'deceased')),
    name_match TEXT NOT NULL CHECK (name_match IN ('not_given', 'same', 'differs')),
    birth_date_match TEXT NOT NULL CHECK (birth_date_match IN ('not_given', 'same', 'differs')),
    as_of TEXT NOT NULL,
    verified_at TEXT NOT NULL,
    verified_by BLOB CHECK (length(verified_by) = 16)
) STRICT;
CREATE INDEX verifications_of_participant ON verifications (participant_id, id);

-- Who asked, why, and how it ended: the office wants it reported every half year. Never changed and never deleted.
CREATE TABLE population_office_calls (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    asked_at TEXT NOT NULL,
    asked_by BLOB CHECK (length(asked_by) = 16),
    role TEXT,
    facility_id BLOB CHECK (length(facility_id) = 16),
    purpose TEXT NOT NULL CHECK (purpose IN ('treatment', 'registration', 'claim', 'audit', 'complaint')),
    participant_id BLOB CHECK (length(participant_id) = 16),
    source TEXT NOT NULL CHECK (source IN ('snapshot', 'web_service')),
    result TEXT NOT NULL
        CHECK (result IN ('match', 'differs', 'not_found', 'inactive', 'deceased', 'timeout', 'unreachable', 'failed', 'unreadable')),
    duration_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX population_office_calls_by_time ON population_office_calls (asked_at);
