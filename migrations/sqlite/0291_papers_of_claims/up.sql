-- A document stands behind a claim that there is: the claims came after the documents, and the table was made without saying so.
CREATE TABLE claim_documents_with_claims (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    document_id BLOB NOT NULL REFERENCES documents (id) CHECK (length(document_id) = 16),
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    attached_at TEXT NOT NULL,
    PRIMARY KEY (claim_id, document_id)
) STRICT;
INSERT INTO claim_documents_with_claims SELECT claim_id, document_id, participant_id, attached_at FROM claim_documents;
DROP TABLE claim_documents;
ALTER TABLE claim_documents_with_claims RENAME TO claim_documents;
CREATE INDEX claim_documents_by_document ON claim_documents (document_id);
