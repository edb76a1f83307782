-- What management sees of claims: sums that are counted anew, a hospital's month of admission at a time.

CREATE INDEX claims_of_admission ON claims (facility_id, admitted_on);

-- Each claim by the days on which it came to something: of service, handed in, approved, paid. `grain` says whether `day` is that day or the first of its
-- month, so that a year is twelve cells rather than 365. `part` is the month of admission, which is counted anew as a whole. What all hospitals come to together
-- has zeros for the facility, and the first day of 2000 for the part.
CREATE TABLE claim_sums (
    basis TEXT COLLATE "C" NOT NULL CHECK (basis IN ('service', 'submitted', 'approved', 'paid')),
    grain TEXT COLLATE "C" NOT NULL CHECK (grain IN ('day', 'month')),
    day DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    pot TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    part DATE NOT NULL,
    claims BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    tariff BIGINT NOT NULL,
    hospital_cost BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    PRIMARY KEY (basis, grain, day, facility_id, care_type, pot, state, part)
);
CREATE INDEX claim_sums_of_part ON claim_sums (facility_id, part);
CREATE INDEX claim_sums_of_facility ON claim_sums (facility_id, basis, grain, day);

-- What was handed in and is not over, by the day on which it was handed in first.
CREATE TABLE open_claims (
    day DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    part DATE NOT NULL,
    claims BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    PRIMARY KEY (day, facility_id, care_type, state, part)
);
CREATE INDEX open_claims_of_part ON open_claims (facility_id, part);

-- How many days each step took, by the day on which it ended: how often each number of days occurred, as `days:claims` with spaces between.
CREATE TABLE claim_steps (
    step TEXT COLLATE "C" NOT NULL CHECK (step IN ('complete', 'verify', 'pay')),
    grain TEXT COLLATE "C" NOT NULL CHECK (grain IN ('day', 'month')),
    day DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    part DATE NOT NULL,
    histogram TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (step, grain, day, facility_id, care_type, part)
);
CREATE INDEX claim_steps_of_part ON claim_steps (facility_id, part);

-- What was decided, by the day of the first decision, and how much of it at once.
CREATE TABLE claim_firsts (
    grain TEXT COLLATE "C" NOT NULL CHECK (grain IN ('day', 'month')),
    day DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    part DATE NOT NULL,
    decided BIGINT NOT NULL,
    first_pass BIGINT NOT NULL,
    PRIMARY KEY (grain, day, facility_id, care_type, part)
);
CREATE INDEX claim_firsts_of_part ON claim_firsts (facility_id, part);

-- Decided lines of a month of admission.
CREATE TABLE tariff_gap_sums (
    month DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    lines BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    tariff BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    costed_lines BIGINT NOT NULL,
    hospital_cost BIGINT NOT NULL,
    shortfall BIGINT NOT NULL,
    PRIMARY KEY (month, facility_id, care_type)
);
CREATE INDEX tariff_gap_sums_of_facility ON tariff_gap_sums (facility_id, month);

-- The same by code. The whole city's have zeros for the facility.
CREATE TABLE tariff_gap_codes (
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    month DATE NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL,
    lines BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    tariff BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    costed_lines BIGINT NOT NULL,
    hospital_cost BIGINT NOT NULL,
    shortfall BIGINT NOT NULL,
    PRIMARY KEY (facility_id, month, code, care_type)
);
CREATE INDEX tariff_gap_codes_of_month ON tariff_gap_codes (month);

-- What edits found on decided claims of a month of admission, and what people said to it.
CREATE TABLE edit_sums (
    month DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    edit TEXT COLLATE "C" NOT NULL,
    shadow BOOLEAN NOT NULL,
    findings BIGINT NOT NULL,
    pended BIGINT NOT NULL,
    decided BIGINT NOT NULL,
    agreed BIGINT NOT NULL,
    overturned BIGINT NOT NULL,
    at_stake BIGINT NOT NULL,
    cut BIGINT NOT NULL,
    adjusted BIGINT NOT NULL,
    PRIMARY KEY (month, facility_id, care_type, edit, shadow)
);
CREATE INDEX edit_sums_of_facility ON edit_sums (facility_id, month);

-- Principal diagnoses of a month of admission: of a facility, of a district (then the facility is zeros), or of the city (then the district is empty too). What
-- is told of each is rounded by itself, and nothing is told of fewer than five people.
CREATE TABLE diagnosis_sums (
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    district_code TEXT COLLATE "C" NOT NULL,
    month DATE NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL,
    claims BIGINT NOT NULL,
    people BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    told_claims BIGINT NOT NULL,
    told_people BIGINT NOT NULL,
    told_approved BIGINT NOT NULL,
    PRIMARY KEY (facility_id, district_code, month, code, care_type)
);
CREATE INDEX diagnosis_sums_of_month ON diagnosis_sums (facility_id, month);

-- Claims of a month of admission by where patients lived. All of it is what is told, and nothing of fewer than five people.
CREATE TABLE claim_places (
    month DATE NOT NULL,
    village_code TEXT COLLATE "C" NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    claims BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    tariff BIGINT NOT NULL,
    hospital_cost BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    PRIMARY KEY (month, village_code, care_type, state)
);
CREATE INDEX claim_places_of_village ON claim_places (village_code, month);

-- Lines, findings, terms and payments of a claim never change without the claim itself.
CREATE FUNCTION mark_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks SELECT DISTINCT 'claims', facility_id, '', date_trunc('month', admitted_on)::date, txid_current() FROM changed ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks SELECT DISTINCT 'claim_places', '\x00000000000000000000000000000000'::bytea, '', date_trunc('month', admitted_on)::date, txid_current() FROM changed
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER summary_marks_claim_added AFTER INSERT ON claims REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_claims();
CREATE TRIGGER summary_marks_claim_changed AFTER UPDATE ON claims REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_claims();
CREATE TRIGGER summary_marks_claim_was AFTER UPDATE ON claims REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_claims();
CREATE TRIGGER summary_marks_claim_removed AFTER DELETE ON claims REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_claims();

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'claims', facility_id, '', date_trunc('month', admitted_on)::date, 0 FROM claims;
INSERT INTO summary_marks SELECT DISTINCT 'claim_places', '\x00000000000000000000000000000000'::bytea, '', date_trunc('month', admitted_on)::date, 0 FROM claims;
