DROP TABLE audit_checkpoints;
DROP TABLE audit_heads;
DROP TABLE audit_subjects;
DROP TABLE audit_events;
DROP TABLE versions;
DROP TABLE keys;
