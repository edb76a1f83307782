-- Records of one person that became one, and what that changed elsewhere, so that an un-merge gives it back.

-- A row stands while the record is merged into the other. Records may be merged into one that was merged itself; the last one is who is found.
CREATE TABLE merges (
    participant_id BLOB PRIMARY KEY REFERENCES participants (id) CHECK (length(participant_id) = 16),
    into_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(into_id) = 16),
    merged_at TEXT NOT NULL,
    -- The place on a family card that it left.
    sealed BLOB NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX merges_by_into ON merges (into_id);

-- How an enrolment stood that expired because its person has another one through a merge.
CREATE TABLE enrollments_set_aside (
    enrollment_id BLOB PRIMARY KEY REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    state TEXT NOT NULL,
    ended_on TEXT CHECK (ended_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    due_at TEXT,
    set_aside_at TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- When an enrolment that counts again did not count: from the first date until the day before the second.
CREATE TABLE enrollment_suspensions (
    enrollment_id BLOB NOT NULL REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    suspended_on TEXT NOT NULL CHECK (suspended_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    reinstated_on TEXT NOT NULL CHECK (reinstated_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    PRIMARY KEY (enrollment_id, suspended_on)
) WITHOUT ROWID, STRICT;

-- The checks of one person, newest first.
CREATE INDEX eligibility_checks_by_participant ON eligibility_checks (participant_id, id);
