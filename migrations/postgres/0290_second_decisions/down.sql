ALTER TABLE claim_terms DROP COLUMN first_decided_amount;
ALTER TABLE claim_terms DROP COLUMN first_decided_by;
