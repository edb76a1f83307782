DROP INDEX eligibility_checks_override;
DROP TABLE check_voids;
DROP TABLE check_extensions;
DROP TABLE check_papers;
