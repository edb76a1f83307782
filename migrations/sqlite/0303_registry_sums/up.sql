-- People, families and enrolments as they stand, by where people live.

CREATE TABLE registry_cells (
    village_code TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('state', 'sex', 'birth_year', 'household', 'enrollment', 'card')),
    name TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (village_code, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_cells_of_kind ON registry_cells (kind, name);

-- A village is counted from these alone: the rows themselves are large, for what they hold is sealed.
CREATE INDEX participants_counted ON participants (village_code, state, sex, birth_year);
CREATE INDEX households_counted ON households (village_code);
CREATE INDEX enrollments_counted ON enrollments (participant_id, state, card_state);

CREATE TRIGGER summary_marks_participant_added AFTER INSERT ON participants BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', NEW.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_participant_changed AFTER UPDATE OF state, sex, birth_year, village_code ON participants
    WHEN (OLD.state, OLD.sex, OLD.birth_year, OLD.village_code) IS NOT (NEW.state, NEW.sex, NEW.birth_year, NEW.village_code) BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', OLD.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', NEW.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_participant_removed AFTER DELETE ON participants BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', OLD.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_household_added AFTER INSERT ON households BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', NEW.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_household_changed AFTER UPDATE OF village_code ON households WHEN OLD.village_code <> NEW.village_code BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', OLD.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', NEW.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_household_removed AFTER DELETE ON households BEGIN
    INSERT INTO summary_marks VALUES ('registry', x'00000000000000000000000000000000', OLD.village_code, '2000-01-01', 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_enrollment_added AFTER INSERT ON enrollments BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM participants
        WHERE id = NEW.participant_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_enrollment_changed AFTER UPDATE OF state, card_state, participant_id ON enrollments
    WHEN (OLD.state, OLD.card_state, OLD.participant_id) IS NOT (NEW.state, NEW.card_state, NEW.participant_id) BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM participants
        WHERE id IN (OLD.participant_id, NEW.participant_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_enrollment_removed AFTER DELETE ON enrollments BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM participants
        WHERE id = OLD.participant_id ON CONFLICT DO NOTHING;
END;

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM participants;
INSERT INTO summary_marks SELECT DISTINCT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households WHERE true
    ON CONFLICT DO NOTHING;
