-- What management sees: sums that are counted anew, part by part, wherever something changed.

-- Where the patient lived on the day of service: what was counted there stays there when somebody moves.
ALTER TABLE eligibility_checks ADD COLUMN village_code TEXT COLLATE "C";
UPDATE eligibility_checks SET village_code = participants.village_code FROM participants WHERE participants.id = eligibility_checks.participant_id;
CREATE INDEX eligibility_checks_of_day ON eligibility_checks (facility_id, service_date);

-- What is to be counted anew. Triggers write it in the transaction of the change itself, so that no way of changing a row can forget to. `tx` keeps
-- transactions from waiting for each other; a part that lacks a facility, a village or a day has zeros, an empty text or the first day of 2000.
CREATE TABLE summary_marks (
    subject TEXT COLLATE "C" NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    village_code TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    tx BIGINT NOT NULL,
    PRIMARY KEY (subject, facility_id, village_code, day, tx)
);

-- Up to when each subject is counted.
CREATE TABLE summary_runs (
    subject TEXT COLLATE "C" PRIMARY KEY,
    counted_to TIMESTAMP NOT NULL,
    -- Who counts it now, and until when the others wait for them.
    counted_by BYTEA CHECK (length(counted_by) = 16),
    held_until TIMESTAMP NOT NULL
);

-- Checks and visits of a facility and day of service; and what they come to together, of a facility's month and of the days and months of all facilities, whose
-- facility has zeros. Hours are those of the city's clock at which was asked.
CREATE TABLE check_sums (
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('decision', 'reason', 'hour', 'visit')),
    grain TEXT COLLATE "C" NOT NULL CHECK (grain IN ('day', 'month')),
    day DATE NOT NULL,
    facility_id BYTEA NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (kind, grain, day, facility_id, care_type, name)
);
CREATE INDEX check_sums_of_facility ON check_sums (facility_id, kind, grain, day);

-- By where patients live, in whole months. `published` is what is told: nothing of fewer than five people, and the rest in fives.
CREATE TABLE check_places (
    month DATE NOT NULL,
    village_code TEXT COLLATE "C" NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('decision', 'reason', 'visit')),
    name TEXT COLLATE "C" NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (month, village_code, care_type, kind, name)
);
CREATE INDEX check_places_of_village ON check_places (village_code, month);

CREATE FUNCTION mark_checks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks SELECT DISTINCT 'checks', facility_id, '', service_date, txid_current() FROM changed ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks SELECT DISTINCT 'check_places', '\x00000000000000000000000000000000'::bytea, '', date_trunc('month', service_date)::date, txid_current() FROM changed
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_checks_of_voids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks SELECT DISTINCT 'checks', c.facility_id, '', c.service_date, txid_current()
        FROM changed JOIN eligibility_checks c ON c.id = changed.check_id ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks SELECT DISTINCT 'check_places', '\x00000000000000000000000000000000'::bytea, '', date_trunc('month', c.service_date)::date, txid_current()
        FROM changed JOIN eligibility_checks c ON c.id = changed.check_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER summary_marks_check_added AFTER INSERT ON eligibility_checks REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks();
CREATE TRIGGER summary_marks_check_changed AFTER UPDATE ON eligibility_checks REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks();
CREATE TRIGGER summary_marks_check_was AFTER UPDATE ON eligibility_checks REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks();
CREATE TRIGGER summary_marks_check_removed AFTER DELETE ON eligibility_checks REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks();
CREATE TRIGGER summary_marks_check_void AFTER INSERT ON check_voids REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks_of_voids();
CREATE TRIGGER summary_marks_check_unvoid AFTER DELETE ON check_voids REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_checks_of_voids();

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'checks', facility_id, '', service_date, 0 FROM eligibility_checks;
INSERT INTO summary_marks SELECT DISTINCT 'check_places', '\x00000000000000000000000000000000'::bytea, '', date_trunc('month', service_date)::date, 0 FROM eligibility_checks;
