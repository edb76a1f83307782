DROP INDEX eligibility_checks_by_participant;
DROP TABLE enrollment_suspensions;
DROP TABLE enrollments_set_aside;
DROP TABLE merges;
