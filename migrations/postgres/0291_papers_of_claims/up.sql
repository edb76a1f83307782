-- A document stands behind a claim that there is: the claims came after the documents, and the table was made without saying so.
ALTER TABLE claim_documents ADD CONSTRAINT claim_documents_claim_id_fkey FOREIGN KEY (claim_id) REFERENCES claims (id);
