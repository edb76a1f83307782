-- What participants are told of letters and payments in their name, whether it has gone out, and what they answered.

CREATE TABLE messages (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('letter_issued', 'claim_paid')),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'no_contact')),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    letter_id BLOB REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    claim_id BLOB REFERENCES claims (id) CHECK (length(claim_id) = 16),
    care_on TEXT NOT NULL,
    -- How often it was given to the gateway, and when it is next: also how long whoever sends it now has it for itself.
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    -- By what it went out.
    driver TEXT,
    sent_at TEXT,
    -- The code by which an answer is recognised, and the code itself, for another attempt tells the same one.
    code_bidx BLOB NOT NULL UNIQUE CHECK (length(code_bidx) = 16),
    sealed BLOB NOT NULL,
    answer TEXT CHECK (answer IN ('me', 'not_me')),
    answered_at TEXT,
    -- What was said with the answer.
    reply BLOB,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX messages_due ON messages (next_attempt_at) WHERE state = 'queued';
CREATE INDEX messages_by_state ON messages (state, id);
CREATE INDEX messages_of_letter ON messages (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX messages_of_claim ON messages (claim_id) WHERE claim_id IS NOT NULL;
