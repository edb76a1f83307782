-- What the steps of all hospitals come to together is kept too: with zeros for the facility, and the first day of 2000 for the part.
CREATE INDEX claim_steps_of_facility ON claim_steps (facility_id, step, grain, day);
CREATE INDEX claim_firsts_of_facility ON claim_firsts (facility_id, grain, day);

-- It is added to by what changes of each hospital: all of it is counted once more.
DELETE FROM claim_steps;
DELETE FROM claim_firsts;
INSERT INTO summary_marks SELECT DISTINCT 'claims', facility_id, '', substr(admitted_on, 1, 8) || '01', 0 FROM claims WHERE true ON CONFLICT DO NOTHING;
