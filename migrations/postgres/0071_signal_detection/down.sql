DROP TABLE unattended_lookups;
DROP TABLE signal_scans;
DROP TABLE people_to_scan;
DROP TABLE contact_marks;
DROP INDEX enrollments_by_account;
DROP TABLE enrollment_filers;
