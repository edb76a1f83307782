DROP INDEX enrollments_unprinted;
