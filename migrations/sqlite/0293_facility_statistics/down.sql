DROP TABLE facility_statistics;
