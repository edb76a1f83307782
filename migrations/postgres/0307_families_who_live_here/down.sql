DROP TRIGGER summary_marks_participant_of_family ON participants;
DROP TRIGGER summary_marks_member_removed ON household_members;
DROP TRIGGER summary_marks_member_changed ON household_members;
DROP TRIGGER summary_marks_member_added ON household_members;
DROP FUNCTION mark_registry_of_families();
DROP FUNCTION mark_registry_of_changed_members();
DROP FUNCTION mark_registry_of_members();
INSERT INTO summary_marks SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village_code, DATE '2000-01-01', 0 FROM households
    ON CONFLICT DO NOTHING;
