DROP INDEX merges_made;
DROP INDEX temporary_identities_made;
DROP INDEX registry_cases_opened;
DROP INDEX reconciliation_findings_found;
DROP INDEX signals_raised;
DROP TABLE ready_days;
DROP TABLE answer_times;
