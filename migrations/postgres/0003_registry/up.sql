-- The participant registry. Identity is sealed; equality goes over keyed blind indexes in small tables whose key is the value.

CREATE TABLE households (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    village_code TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Every number a household has had: a KK changes when a family moves or splits, and the old number is still asked for.
CREATE TABLE kk_registry (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    household_id BYTEA NOT NULL CHECK (length(household_id) = 16)
);
CREATE INDEX kk_registry_of_household ON kk_registry (household_id);

CREATE TABLE participants (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    sex TEXT COLLATE "C" NOT NULL CHECK (sex IN ('F', 'M')),
    birth_year INTEGER NOT NULL,
    village_code TEXT COLLATE "C" NOT NULL,
    identity BYTEA NOT NULL,
    contact BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX participants_of_village ON participants (village_code, id);

CREATE TABLE nik_registry (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16)
);
CREATE INDEX nik_registry_of_participant ON nik_registry (participant_id);

-- A word of the name hashed together with the birth date, so that counts betray no common name.
CREATE TABLE name_words (
    bidx BYTEA NOT NULL CHECK (length(bidx) = 16),
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16),
    PRIMARY KEY (bidx, participant_id)
);
CREATE INDEX name_words_of_participant ON name_words (participant_id);

CREATE TABLE household_members (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    household_id BYTEA NOT NULL REFERENCES households (id) CHECK (length(household_id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    relation TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE INDEX household_members_of_household ON household_members (household_id);
CREATE INDEX household_members_of_participant ON household_members (participant_id);
-- A person is on exactly one KK at a time.
CREATE UNIQUE INDEX household_members_open ON household_members (participant_id) WHERE valid_to IS NULL;

CREATE TABLE residencies (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    village_code TEXT COLLATE "C" NOT NULL,
    resident_since DATE NOT NULL,
    resident_until DATE
);
CREATE INDEX residencies_of_participant ON residencies (participant_id);
CREATE UNIQUE INDEX residencies_open ON residencies (participant_id) WHERE resident_until IS NULL;

CREATE TABLE jkn_periods (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    segment TEXT COLLATE "C" NOT NULL CHECK (segment IN ('PBI_APBN', 'PBI_APBD', 'PPU', 'PBPU', 'BP')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'inactive', 'arrears', 'suspended')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX jkn_periods_of_participant ON jkn_periods (participant_id, valid_from);
CREATE UNIQUE INDEX jkn_periods_open ON jkn_periods (participant_id) WHERE valid_to IS NULL;

CREATE TABLE participant_events (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    kind TEXT COLLATE "C" NOT NULL,
    happened_on DATE NOT NULL,
    sealed BYTEA NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by BYTEA NOT NULL CHECK (length(recorded_by) = 16),
    revoked_at TIMESTAMP,
    revoked_by BYTEA CHECK (length(revoked_by) = 16)
);
CREATE INDEX participant_events_of_participant ON participant_events (participant_id, happened_on);

-- A correction that one person alone may not make waits here for a second one.
CREATE TABLE participant_changes (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    field TEXT COLLATE "C" NOT NULL CHECK (field IN ('resident_since')),
    new_value TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
    sealed BYTEA NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    asked_by BYTEA NOT NULL CHECK (length(asked_by) = 16),
    decided_at TIMESTAMP,
    decided_by BYTEA CHECK (length(decided_by) = 16)
);
CREATE INDEX participant_changes_of_participant ON participant_changes (participant_id);

CREATE TABLE enrollments (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    state TEXT COLLATE "C" NOT NULL,
    card_state TEXT COLLATE "C" NOT NULL,
    issued_on DATE,
    ended_on DATE,
    card BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX enrollments_of_participant ON enrollments (participant_id);

CREATE TABLE card_registry (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    enrollment_id BYTEA NOT NULL CHECK (length(enrollment_id) = 16)
);
CREATE INDEX card_registry_of_enrollment ON card_registry (enrollment_id);
