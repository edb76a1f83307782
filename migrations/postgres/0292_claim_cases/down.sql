DROP TABLE claim_cases;
