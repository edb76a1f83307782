-- A family is counted where somebody of it lives here: neither a card that was given up for another one nor one on which nobody is left. So what changes of its
-- members changes how many families there are.
CREATE FUNCTION mark_registry_of_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, h.village_code, DATE '2000-01-01', txid_current()
        FROM changed JOIN households h ON h.id = changed.household_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_registry_of_changed_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, h.village_code, DATE '2000-01-01', txid_current()
        FROM was JOIN changed USING (id) JOIN households h ON h.id IN (was.household_id, changed.household_id)
        WHERE (was.household_id, was.participant_id, was.valid_to) IS DISTINCT FROM (changed.household_id, changed.participant_id, changed.valid_to)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- Who has a card of another village than where they live. Most changes are none of the state.
CREATE FUNCTION mark_registry_of_families() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM was JOIN changed USING (id) WHERE was.state <> changed.state) THEN
        RETURN NULL;
    END IF;
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, h.village_code, DATE '2000-01-01', txid_current()
        FROM was JOIN changed USING (id) JOIN household_members m ON m.participant_id = changed.id AND m.valid_to IS NULL
        JOIN households h ON h.id = m.household_id
        WHERE was.state <> changed.state
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER summary_marks_member_added AFTER INSERT ON household_members REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_members();
CREATE TRIGGER summary_marks_member_changed AFTER UPDATE ON household_members REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_changed_members();
CREATE TRIGGER summary_marks_member_removed AFTER DELETE ON household_members REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_members();
CREATE TRIGGER summary_marks_participant_of_family AFTER UPDATE ON participants REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_families();

-- Counted so from now on.
DELETE FROM summary_runs WHERE subject = 'registry';
INSERT INTO summary_marks SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village_code, DATE '2000-01-01', 0 FROM households
    ON CONFLICT DO NOTHING;
