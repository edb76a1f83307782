ALTER TABLE imports DROP COLUMN spool_key;
