-- What signals are found by.

-- Who filed a request, by a blind index of their NIK.
CREATE TABLE enrollment_filers (
    enrollment_id BYTEA PRIMARY KEY REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    bidx BYTEA NOT NULL CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    filed_at TIMESTAMP NOT NULL
);
CREATE INDEX enrollment_filers_by_filer ON enrollment_filers (bidx, filed_at);
CREATE INDEX enrollments_by_account ON enrollments (filed_by, created_at) WHERE filed_by IS NOT NULL;

-- What many people should not share, by a blind index: a telephone number, an address, the beginning of a NIK that one account registered. The scan
-- keeps them.
CREATE TABLE contact_marks (
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'address', 'registered_nik')),
    bidx BYTEA NOT NULL CHECK (length(bidx) = 16),
    key_id INTEGER NOT NULL,
    PRIMARY KEY (participant_id, kind)
);
CREATE INDEX contact_marks_shared ON contact_marks (bidx, participant_id);

-- People who were changed after the scan had seen them.
CREATE TABLE people_to_scan (
    participant_id BYTEA PRIMARY KEY CHECK (length(participant_id) = 16)
);

-- How far each scan has come: the last id that it has seen.
CREATE TABLE signal_scans (
    name TEXT COLLATE "C" PRIMARY KEY,
    seen BYTEA NOT NULL CHECK (length(seen) = 16)
);

-- Whom an account looked up and nobody of its facility has attended to since.
CREATE TABLE unattended_lookups (
    account_id BYTEA NOT NULL CHECK (length(account_id) = 16),
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16),
    facility_id BYTEA CHECK (length(facility_id) = 16),
    looked_up_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, participant_id)
);
CREATE INDEX unattended_lookups_of_participant ON unattended_lookups (participant_id);
CREATE INDEX unattended_lookups_by_age ON unattended_lookups (looked_up_at);
