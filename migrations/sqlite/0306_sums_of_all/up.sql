-- What steps and open claims of all hospitals come to together is kept too, with zeros for the facility and the first day of 2000 for the part; and diagnoses of
-- all kinds of care, as 'all'. They are added to by what changes of each hospital: all of it is counted once more. Whoever counts it now begins anew, and until
-- it is done no answer says that it is.
DELETE FROM claim_steps;
DELETE FROM claim_firsts;
DELETE FROM open_claims;
DELETE FROM diagnosis_sums;
DELETE FROM summary_runs WHERE subject IN ('claims', 'claim_places');
INSERT INTO summary_marks SELECT DISTINCT 'claims', facility_id, '', substr(admitted_on, 1, 8) || '01', 0 FROM claims WHERE true ON CONFLICT DO NOTHING;
INSERT INTO summary_marks SELECT DISTINCT 'claim_places', x'00000000000000000000000000000000', '', substr(admitted_on, 1, 8) || '01', 0 FROM claims WHERE true
    ON CONFLICT DO NOTHING;

CREATE INDEX claim_steps_of_facility ON claim_steps (facility_id, step, grain, day);
CREATE INDEX claim_firsts_of_facility ON claim_firsts (facility_id, grain, day);
-- Each facility's are added up from here alone, in its order.
CREATE INDEX open_claims_of_facility ON open_claims (facility_id, day, claims, claimed, approved, care_type);
