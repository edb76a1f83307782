DROP TABLE marks_to_count;
