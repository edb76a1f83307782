DROP TABLE recovery_repayments;
DROP TABLE recoveries;
