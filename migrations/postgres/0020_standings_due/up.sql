-- Whose standing changes by itself on a later date: an event may be recorded before it happens, and the state of a participant is what holds today.
CREATE TABLE standings_due (
    due_on DATE NOT NULL,
    participant_id BYTEA NOT NULL CHECK (length(participant_id) = 16),
    PRIMARY KEY (due_on, participant_id)
);
