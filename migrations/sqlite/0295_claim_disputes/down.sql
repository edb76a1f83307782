DROP TABLE disputed_documents;
DROP TABLE disputed_lines;
DROP TABLE claim_disputes;
