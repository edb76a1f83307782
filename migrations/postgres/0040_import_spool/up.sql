-- The key of a job's spool file, sealed. It goes with the job's end, and with it whatever a disk still holds of the file.
ALTER TABLE imports ADD COLUMN spool_key BYTEA;
