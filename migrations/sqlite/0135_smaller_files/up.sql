-- A file that has far fewer people than what it replaces counts only if whoever brought it has confirmed that it is whole.
ALTER TABLE population_snapshots ADD COLUMN smaller_confirmed_at TEXT;
