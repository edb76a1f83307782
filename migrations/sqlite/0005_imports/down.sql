DROP TABLE import_faults;
DROP TABLE imports;
