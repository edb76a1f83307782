DROP TABLE reconciliation_findings;
DROP TABLE reconciliations;
DROP TABLE population_records;
DROP TABLE population_snapshots;
