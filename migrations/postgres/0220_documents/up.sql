-- The papers behind claims. The file itself lies outside, named by the id and sealed with a key that is in its row.
CREATE TABLE documents (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('bill', 'medical_resume', 'letter', 'referral', 'er_note', 'identity', 'other')),
    media_type TEXT COLLATE "C" NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    size BIGINT NOT NULL CHECK (size > 0),
    -- Of the content, so that the same one is found again and none is recognised.
    content_bidx BYTEA NOT NULL CHECK (length(content_bidx) = 16),
    content_key_id INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    uploaded_by BYTEA NOT NULL CHECK (length(uploaded_by) = 16),
    uploaded_at TIMESTAMP NOT NULL
);

CREATE INDEX documents_by_content ON documents (content_bidx);

-- Which claims a document stands behind. Whose they are is here too, as on every row about a person.
CREATE TABLE claim_documents (
    claim_id BYTEA NOT NULL CHECK (length(claim_id) = 16),
    document_id BYTEA NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    attached_at TIMESTAMP NOT NULL,
    PRIMARY KEY (claim_id, document_id)
);

CREATE INDEX claim_documents_by_document ON claim_documents (document_id);
