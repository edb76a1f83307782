-- What participants are told of letters and payments in their name, whether it has gone out, and what they answered.

CREATE TABLE messages (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('letter_issued', 'claim_paid')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'no_contact')),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    letter_id BYTEA REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    claim_id BYTEA REFERENCES claims (id) CHECK (length(claim_id) = 16),
    care_on DATE NOT NULL,
    -- How often it was given to the gateway, and when it is next: also how long whoever sends it now has it for itself.
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    -- By what it went out.
    driver TEXT COLLATE "C",
    sent_at TIMESTAMP,
    -- The code by which an answer is recognised, and the code itself, for another attempt tells the same one.
    code_bidx BYTEA NOT NULL UNIQUE CHECK (length(code_bidx) = 16),
    sealed BYTEA NOT NULL,
    answer TEXT COLLATE "C" CHECK (answer IN ('me', 'not_me')),
    answered_at TIMESTAMP,
    -- What was said with the answer.
    reply BYTEA,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX messages_due ON messages (next_attempt_at) WHERE state = 'queued';
CREATE INDEX messages_by_state ON messages (state, id);
CREATE INDEX messages_of_letter ON messages (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX messages_of_claim ON messages (claim_id) WHERE claim_id IS NOT NULL;
