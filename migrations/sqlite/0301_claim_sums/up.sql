-- What management sees of claims: sums that are counted anew, a hospital's month of admission at a time.

CREATE INDEX claims_of_admission ON claims (facility_id, admitted_on);

-- Each claim by the days on which it came to something: of service, handed in, approved, paid. `grain` says whether `day` is that day or the first of its
-- month, so that a year is twelve cells rather than 365. `part` is the month of admission, which is counted anew as a whole. What all hospitals come to together
-- has zeros for the facility, and the first day of 2000 for the part.
CREATE TABLE claim_sums (
    basis TEXT NOT NULL CHECK (basis IN ('service', 'submitted', 'approved', 'paid')),
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month')),
    day TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    pot TEXT NOT NULL,
    state TEXT NOT NULL,
    part TEXT NOT NULL,
    claims INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    tariff INTEGER NOT NULL,
    hospital_cost INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    PRIMARY KEY (basis, grain, day, facility_id, care_type, pot, state, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_sums_of_part ON claim_sums (facility_id, part);
CREATE INDEX claim_sums_of_facility ON claim_sums (facility_id, basis, grain, day);

-- What was handed in and is not over, by the day on which it was handed in first.
CREATE TABLE open_claims (
    day TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    state TEXT NOT NULL,
    part TEXT NOT NULL,
    claims INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    PRIMARY KEY (day, facility_id, care_type, state, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_claims_of_part ON open_claims (facility_id, part);

-- How many days each step took, by the day on which it ended: how often each number of days occurred, as `days:claims` with spaces between.
CREATE TABLE claim_steps (
    step TEXT NOT NULL CHECK (step IN ('complete', 'verify', 'pay')),
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month')),
    day TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    part TEXT NOT NULL,
    histogram TEXT NOT NULL,
    PRIMARY KEY (step, grain, day, facility_id, care_type, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_steps_of_part ON claim_steps (facility_id, part);

-- What was decided, by the day of the first decision, and how much of it at once.
CREATE TABLE claim_firsts (
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month')),
    day TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    part TEXT NOT NULL,
    decided INTEGER NOT NULL,
    first_pass INTEGER NOT NULL,
    PRIMARY KEY (grain, day, facility_id, care_type, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_firsts_of_part ON claim_firsts (facility_id, part);

-- Decided lines of a month of admission.
CREATE TABLE tariff_gap_sums (
    month TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    lines INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    tariff INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    costed_lines INTEGER NOT NULL,
    hospital_cost INTEGER NOT NULL,
    shortfall INTEGER NOT NULL,
    PRIMARY KEY (month, facility_id, care_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX tariff_gap_sums_of_facility ON tariff_gap_sums (facility_id, month);

-- The same by code. The whole city's have zeros for the facility.
CREATE TABLE tariff_gap_codes (
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    month TEXT NOT NULL,
    code TEXT NOT NULL,
    care_type TEXT NOT NULL,
    lines INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    tariff INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    costed_lines INTEGER NOT NULL,
    hospital_cost INTEGER NOT NULL,
    shortfall INTEGER NOT NULL,
    PRIMARY KEY (facility_id, month, code, care_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX tariff_gap_codes_of_month ON tariff_gap_codes (month);

-- What edits found on decided claims of a month of admission, and what people said to it.
CREATE TABLE edit_sums (
    month TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    edit TEXT NOT NULL,
    shadow INTEGER NOT NULL CHECK (shadow IN (0, 1)),
    findings INTEGER NOT NULL,
    pended INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    agreed INTEGER NOT NULL,
    overturned INTEGER NOT NULL,
    at_stake INTEGER NOT NULL,
    cut INTEGER NOT NULL,
    adjusted INTEGER NOT NULL,
    PRIMARY KEY (month, facility_id, care_type, edit, shadow)
) STRICT, WITHOUT ROWID;
CREATE INDEX edit_sums_of_facility ON edit_sums (facility_id, month);

-- Principal diagnoses of a month of admission: of a facility, of a district (then the facility is zeros), or of the city (then the district is empty too). What
-- is told of each is rounded by itself, and nothing is told of fewer than five people.
CREATE TABLE diagnosis_sums (
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    district_code TEXT NOT NULL,
    month TEXT NOT NULL,
    code TEXT NOT NULL,
    care_type TEXT NOT NULL,
    claims INTEGER NOT NULL,
    people INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    told_claims INTEGER NOT NULL,
    told_people INTEGER NOT NULL,
    told_approved INTEGER NOT NULL,
    PRIMARY KEY (facility_id, district_code, month, code, care_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX diagnosis_sums_of_month ON diagnosis_sums (facility_id, month);

-- Claims of a month of admission by where patients lived. All of it is what is told, and nothing of fewer than five people.
CREATE TABLE claim_places (
    month TEXT NOT NULL,
    village_code TEXT NOT NULL,
    care_type TEXT NOT NULL,
    state TEXT NOT NULL,
    claims INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    tariff INTEGER NOT NULL,
    hospital_cost INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    PRIMARY KEY (month, village_code, care_type, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_places_of_village ON claim_places (village_code, month);

-- Lines, findings, terms and payments of a claim never change without the claim itself.
CREATE TRIGGER summary_marks_claim_added AFTER INSERT ON claims BEGIN
    INSERT INTO summary_marks VALUES ('claims', NEW.facility_id, '', substr(NEW.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('claim_places', x'00000000000000000000000000000000', '', substr(NEW.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_claim_changed AFTER UPDATE ON claims BEGIN
    INSERT INTO summary_marks VALUES ('claims', NEW.facility_id, '', substr(NEW.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('claim_places', x'00000000000000000000000000000000', '', substr(NEW.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('claims', OLD.facility_id, '', substr(OLD.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('claim_places', x'00000000000000000000000000000000', '', substr(OLD.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_claim_removed AFTER DELETE ON claims BEGIN
    INSERT INTO summary_marks VALUES ('claims', OLD.facility_id, '', substr(OLD.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('claim_places', x'00000000000000000000000000000000', '', substr(OLD.admitted_on, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'claims', facility_id, '', substr(admitted_on, 1, 8) || '01', 0 FROM claims;
INSERT INTO summary_marks SELECT DISTINCT 'claim_places', x'00000000000000000000000000000000', '', substr(admitted_on, 1, 8) || '01', 0 FROM claims;
