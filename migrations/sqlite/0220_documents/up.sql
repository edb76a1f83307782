-- The papers behind claims. The file itself lies outside, named by the id and sealed with a key that is in its row.
CREATE TABLE documents (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('bill', 'medical_resume', 'letter', 'referral', 'er_note', 'identity', 'other')),
    media_type TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    size INTEGER NOT NULL CHECK (size > 0),
    -- Of the content, so that the same one is found again and none is recognised.
    content_bidx BLOB NOT NULL CHECK (length(content_bidx) = 16),
    content_key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    uploaded_by BLOB NOT NULL CHECK (length(uploaded_by) = 16),
    uploaded_at TEXT NOT NULL
) STRICT;

CREATE INDEX documents_by_content ON documents (content_bidx);

-- Which claims a document stands behind. Whose they are is here too, as on every row about a person.
CREATE TABLE claim_documents (
    claim_id BLOB NOT NULL CHECK (length(claim_id) = 16),
    document_id BLOB NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    attached_at TEXT NOT NULL,
    PRIMARY KEY (claim_id, document_id)
) STRICT;

CREATE INDEX claim_documents_by_document ON claim_documents (document_id);
