DROP TABLE signal_subjects;
DROP TABLE signals;
