DROP TABLE population_office_calls;
DROP TABLE verifications;
