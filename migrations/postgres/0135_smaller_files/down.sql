ALTER TABLE population_snapshots DROP COLUMN smaller_confirmed_at;
