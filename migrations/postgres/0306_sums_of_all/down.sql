DELETE FROM diagnosis_sums WHERE care_type = 'all';
DELETE FROM open_claims WHERE facility_id = '\x00000000000000000000000000000000'::bytea;
DELETE FROM claim_firsts WHERE facility_id = '\x00000000000000000000000000000000'::bytea;
DELETE FROM claim_steps WHERE facility_id = '\x00000000000000000000000000000000'::bytea;
DROP INDEX diagnosis_sums_told;
DROP INDEX open_claims_of_facility;
DROP INDEX claim_firsts_of_facility;
DROP INDEX claim_steps_of_facility;
