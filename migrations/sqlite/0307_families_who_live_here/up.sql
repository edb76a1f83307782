-- A family is counted where somebody of it lives here: neither a card that was given up for another one nor one on which nobody is left. So what changes of its
-- members changes how many families there are.
CREATE TRIGGER summary_marks_member_added AFTER INSERT ON household_members BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households
        WHERE id = NEW.household_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_member_changed AFTER UPDATE OF household_id, participant_id, valid_to ON household_members BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households
        WHERE id IN (OLD.household_id, NEW.household_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER summary_marks_member_removed AFTER DELETE ON household_members BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households
        WHERE id = OLD.household_id ON CONFLICT DO NOTHING;
END;
-- Who has a card of another village than where they live.
CREATE TRIGGER summary_marks_participant_of_family AFTER UPDATE OF state ON participants WHEN OLD.state <> NEW.state BEGIN
    INSERT INTO summary_marks SELECT 'registry', x'00000000000000000000000000000000', households.village_code, '2000-01-01', 0
        FROM households JOIN household_members ON household_members.household_id = households.id
        WHERE household_members.participant_id = NEW.id AND household_members.valid_to IS NULL ON CONFLICT DO NOTHING;
END;

-- Counted so from now on.
DELETE FROM summary_runs WHERE subject = 'registry';
INSERT INTO summary_marks SELECT DISTINCT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households WHERE true
    ON CONFLICT DO NOTHING;
