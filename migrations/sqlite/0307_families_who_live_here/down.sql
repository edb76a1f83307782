DROP TRIGGER summary_marks_participant_of_family;
DROP TRIGGER summary_marks_member_removed;
DROP TRIGGER summary_marks_member_changed;
DROP TRIGGER summary_marks_member_added;
INSERT INTO summary_marks SELECT DISTINCT 'registry', x'00000000000000000000000000000000', village_code, '2000-01-01', 0 FROM households WHERE true
    ON CONFLICT DO NOTHING;
