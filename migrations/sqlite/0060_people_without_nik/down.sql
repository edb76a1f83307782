DROP TABLE registry_cases;
DROP TABLE temporary_identities;
DROP TABLE newborns;
DROP TABLE births;
