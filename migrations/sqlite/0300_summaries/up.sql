-- What management sees: sums that are counted anew, part by part, wherever something changed.

-- Where the patient lived on the day of service: what was counted there stays there when somebody moves.
ALTER TABLE eligibility_checks ADD COLUMN village_code TEXT;
UPDATE eligibility_checks SET village_code = participants.village_code FROM participants WHERE participants.id = eligibility_checks.participant_id;
CREATE INDEX eligibility_checks_of_day ON eligibility_checks (facility_id, service_date);

-- What is to be counted anew. Triggers write it in the transaction of the change itself, so that no way of changing a row can forget to. `tx` keeps
-- transactions from waiting for each other; a part that lacks a facility, a village or a day has zeros, an empty text or the first day of 2000.
CREATE TABLE summary_marks (
    subject TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    village_code TEXT NOT NULL,
    day TEXT NOT NULL,
    tx INTEGER NOT NULL,
    PRIMARY KEY (subject, facility_id, village_code, day, tx)
) STRICT, WITHOUT ROWID;

-- Up to when each subject is counted.
CREATE TABLE summary_runs (
    subject TEXT PRIMARY KEY,
    counted_to TEXT NOT NULL,
    -- Who counts it now, and until when the others wait for them.
    counted_by BLOB CHECK (length(counted_by) = 16),
    held_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Checks and visits of a facility and day of service; and what they come to together, of a facility's month and of the days and months of all facilities, whose
-- facility has zeros. Hours are those of the city's clock at which was asked.
CREATE TABLE check_sums (
    kind TEXT NOT NULL CHECK (kind IN ('decision', 'reason', 'hour', 'visit')),
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month')),
    day TEXT NOT NULL,
    facility_id BLOB NOT NULL CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    name TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (kind, grain, day, facility_id, care_type, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX check_sums_of_facility ON check_sums (facility_id, kind, grain, day);

-- By where patients live, in whole months. `published` is what is told: nothing of fewer than five people, and the rest in fives.
CREATE TABLE check_places (
    month TEXT NOT NULL,
    village_code TEXT NOT NULL,
    care_type TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('decision', 'reason', 'visit')),
    name TEXT NOT NULL,
    published INTEGER NOT NULL,
    PRIMARY KEY (month, village_code, care_type, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX check_places_of_village ON check_places (village_code, month);

CREATE TRIGGER summary_marks_check_added AFTER INSERT ON eligibility_checks BEGIN
    INSERT INTO summary_marks VALUES ('checks', NEW.facility_id, '', NEW.service_date, 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('check_places', x'00000000000000000000000000000000', '', substr(NEW.service_date, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_check_changed AFTER UPDATE ON eligibility_checks BEGIN
    INSERT INTO summary_marks VALUES ('checks', NEW.facility_id, '', NEW.service_date, 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('check_places', x'00000000000000000000000000000000', '', substr(NEW.service_date, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('checks', OLD.facility_id, '', OLD.service_date, 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('check_places', x'00000000000000000000000000000000', '', substr(OLD.service_date, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_check_removed AFTER DELETE ON eligibility_checks BEGIN
    INSERT INTO summary_marks VALUES ('checks', OLD.facility_id, '', OLD.service_date, 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('check_places', x'00000000000000000000000000000000', '', substr(OLD.service_date, 1, 8) || '01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_check_void AFTER INSERT ON check_voids BEGIN
    INSERT INTO summary_marks SELECT 'checks', facility_id, '', service_date, 0 FROM eligibility_checks WHERE id = NEW.check_id ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks SELECT 'check_places', x'00000000000000000000000000000000', '', substr(service_date, 1, 8) || '01', 0 FROM eligibility_checks WHERE id = NEW.check_id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_check_unvoid AFTER DELETE ON check_voids BEGIN
    INSERT INTO summary_marks SELECT 'checks', facility_id, '', service_date, 0 FROM eligibility_checks WHERE id = OLD.check_id ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks SELECT 'check_places', x'00000000000000000000000000000000', '', substr(service_date, 1, 8) || '01', 0 FROM eligibility_checks WHERE id = OLD.check_id
        ON CONFLICT DO NOTHING;
END;

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'checks', facility_id, '', service_date, 0 FROM eligibility_checks;
INSERT INTO summary_marks SELECT DISTINCT 'check_places', x'00000000000000000000000000000000', '', substr(service_date, 1, 8) || '01', 0 FROM eligibility_checks;
