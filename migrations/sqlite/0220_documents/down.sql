DROP TABLE claim_documents;
DROP TABLE documents;
