-- How an enrolment was asked for: who filed it, which way it came, its number, and by when it is to be decided. What was imported has none of it.
ALTER TABLE enrollments ADD COLUMN number TEXT COLLATE "C";
ALTER TABLE enrollments ADD COLUMN channel TEXT COLLATE "C";
ALTER TABLE enrollments ADD COLUMN filer TEXT COLLATE "C";
-- Who filed it by name and NIK, and what was noted; sealed.
ALTER TABLE enrollments ADD COLUMN request BYTEA;
ALTER TABLE enrollments ADD COLUMN filed_by BYTEA CHECK (length(filed_by) = 16);
ALTER TABLE enrollments ADD COLUMN due_at TIMESTAMP;
CREATE UNIQUE INDEX enrollments_by_number ON enrollments (number);
-- One live enrolment for each person.
CREATE UNIQUE INDEX enrollments_live ON enrollments (participant_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'returned', 'approved', 'active', 'suspended');
CREATE INDEX enrollments_by_state ON enrollments (state, id);
CREATE INDEX enrollments_due ON enrollments (due_at) WHERE due_at IS NOT NULL;

-- Every step of an enrolment: what was done, the state that it led to, when, who did it (nobody: a command at the machine), and why (sealed).
CREATE TABLE enrollment_steps (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    enrollment_id BYTEA NOT NULL REFERENCES enrollments (id) CHECK (length(enrollment_id) = 16),
    action TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    taken_by BYTEA CHECK (length(taken_by) = 16),
    sealed BYTEA
);
CREATE INDEX enrollment_steps_of_enrollment ON enrollment_steps (enrollment_id);
