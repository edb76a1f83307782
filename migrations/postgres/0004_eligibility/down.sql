DROP TABLE idempotency;
DROP TABLE number_ranges;
DROP TABLE referrals;
DROP TABLE eligibility_reviews;
DROP TABLE eligibility_checks;
DROP TABLE decision_bases;
DROP TABLE basis_contents;
