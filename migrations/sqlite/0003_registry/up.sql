-- The participant registry. Identity is sealed; equality goes over keyed blind indexes in small tables whose key is the value.

CREATE TABLE households (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    village_code TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Every number a household has had: a KK changes when a family moves or splits, and the old number is still asked for.
CREATE TABLE kk_registry (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    household_id BLOB NOT NULL CHECK (length(household_id) = 16)
) WITHOUT ROWID, STRICT;
CREATE INDEX kk_registry_of_household ON kk_registry (household_id);

CREATE TABLE participants (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    sex TEXT NOT NULL CHECK (sex IN ('F', 'M')),
    birth_year INTEGER NOT NULL,
    village_code TEXT NOT NULL,
    identity BLOB NOT NULL,
    contact BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX participants_of_village ON participants (village_code, id);

CREATE TABLE nik_registry (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    participant_id BLOB NOT NULL CHECK (length(participant_id) = 16)
) WITHOUT ROWID, STRICT;
CREATE INDEX nik_registry_of_participant ON nik_registry (participant_id);

-- A word of the name hashed together with the birth date, so that counts betray no common name.
CREATE TABLE name_words (
    bidx BLOB NOT NULL CHECK (length(bidx) = 16),
    participant_id BLOB NOT NULL CHECK (length(participant_id) = 16),
    PRIMARY KEY (bidx, participant_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX name_words_of_participant ON name_words (participant_id);

CREATE TABLE household_members (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    household_id BLOB NOT NULL REFERENCES households (id) CHECK (length(household_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    relation TEXT NOT NULL,
    valid_from TEXT NOT NULL CHECK (valid_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    valid_to TEXT CHECK (valid_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
) STRICT;
CREATE INDEX household_members_of_household ON household_members (household_id);
CREATE INDEX household_members_of_participant ON household_members (participant_id);
-- A person is on exactly one KK at a time.
CREATE UNIQUE INDEX household_members_open ON household_members (participant_id) WHERE valid_to IS NULL;

CREATE TABLE residencies (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    village_code TEXT NOT NULL,
    resident_since TEXT NOT NULL CHECK (resident_since GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    resident_until TEXT CHECK (resident_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
) STRICT;
CREATE INDEX residencies_of_participant ON residencies (participant_id);
CREATE UNIQUE INDEX residencies_open ON residencies (participant_id) WHERE resident_until IS NULL;

CREATE TABLE jkn_periods (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    segment TEXT NOT NULL CHECK (segment IN ('PBI_APBN', 'PBI_APBD', 'PPU', 'PBPU', 'BP')),
    state TEXT NOT NULL CHECK (state IN ('active', 'inactive', 'arrears', 'suspended')),
    valid_from TEXT NOT NULL CHECK (valid_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    valid_to TEXT CHECK (valid_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX jkn_periods_of_participant ON jkn_periods (participant_id, valid_from);
CREATE UNIQUE INDEX jkn_periods_open ON jkn_periods (participant_id) WHERE valid_to IS NULL;

CREATE TABLE participant_events (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    kind TEXT NOT NULL,
    happened_on TEXT NOT NULL CHECK (happened_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sealed BLOB NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by BLOB NOT NULL CHECK (length(recorded_by) = 16),
    revoked_at TEXT,
    revoked_by BLOB CHECK (length(revoked_by) = 16)
) STRICT;
CREATE INDEX participant_events_of_participant ON participant_events (participant_id, happened_on);

-- A correction that one person alone may not make waits here for a second one.
CREATE TABLE participant_changes (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    field TEXT NOT NULL CHECK (field IN ('resident_since')),
    new_value TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
    sealed BLOB NOT NULL,
    asked_at TEXT NOT NULL,
    asked_by BLOB NOT NULL CHECK (length(asked_by) = 16),
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16)
) STRICT;
CREATE INDEX participant_changes_of_participant ON participant_changes (participant_id);

CREATE TABLE enrollments (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    state TEXT NOT NULL,
    card_state TEXT NOT NULL,
    issued_on TEXT CHECK (issued_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    ended_on TEXT CHECK (ended_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    card BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX enrollments_of_participant ON enrollments (participant_id);

CREATE TABLE card_registry (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    enrollment_id BLOB NOT NULL CHECK (length(enrollment_id) = 16)
) WITHOUT ROWID, STRICT;
CREATE INDEX card_registry_of_enrollment ON card_registry (enrollment_id);
