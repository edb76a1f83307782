-- As it was before.
CREATE TABLE claim_documents_alone (
    claim_id BLOB NOT NULL CHECK (length(claim_id) = 16),
    document_id BLOB NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    attached_at TEXT NOT NULL,
    PRIMARY KEY (claim_id, document_id)
) STRICT;
INSERT INTO claim_documents_alone SELECT claim_id, document_id, participant_id, attached_at FROM claim_documents;
DROP TABLE claim_documents;
ALTER TABLE claim_documents_alone RENAME TO claim_documents;
CREATE INDEX claim_documents_by_document ON claim_documents (document_id);
