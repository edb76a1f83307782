-- Of an amount that two decide, who decided first, and how much.
ALTER TABLE claim_terms ADD COLUMN first_decided_by BLOB CHECK (length(first_decided_by) = 16);
ALTER TABLE claim_terms ADD COLUMN first_decided_amount INTEGER;
