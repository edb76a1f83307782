-- People, families and enrolments as they stand, by where people live.

CREATE TABLE registry_cells (
    village_code TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('state', 'sex', 'birth_year', 'household', 'enrollment', 'card')),
    name TEXT COLLATE "C" NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (village_code, kind, name)
);
CREATE INDEX registry_cells_of_kind ON registry_cells (kind, name);

-- A village is counted from these alone: the rows themselves are large, for what they hold is sealed.
CREATE INDEX participants_counted ON participants (village_code, state, sex, birth_year);
CREATE INDEX households_counted ON households (village_code);
CREATE INDEX enrollments_counted ON enrollments (participant_id, state, card_state);

CREATE FUNCTION mark_registry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village_code, DATE '2000-01-01', txid_current() FROM changed
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_registry_of_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village.code, DATE '2000-01-01', txid_current()
        FROM was JOIN changed USING (id), LATERAL (VALUES (was.village_code), (changed.village_code)) AS village (code)
        WHERE (was.state, was.sex, was.birth_year, was.village_code) IS DISTINCT FROM (changed.state, changed.sex, changed.birth_year, changed.village_code)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_registry_of_households() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village.code, DATE '2000-01-01', txid_current()
        FROM was JOIN changed USING (id), LATERAL (VALUES (was.village_code), (changed.village_code)) AS village (code)
        WHERE was.village_code <> changed.village_code
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_registry_of_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, p.village_code, DATE '2000-01-01', txid_current()
        FROM changed JOIN participants p ON p.id = changed.participant_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_registry_of_changed_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO summary_marks
        SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, p.village_code, DATE '2000-01-01', txid_current()
        FROM was JOIN changed USING (id) JOIN participants p ON p.id IN (was.participant_id, changed.participant_id)
        WHERE (was.state, was.card_state, was.participant_id) IS DISTINCT FROM (changed.state, changed.card_state, changed.participant_id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER summary_marks_participant_added AFTER INSERT ON participants REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry();
CREATE TRIGGER summary_marks_participant_changed AFTER UPDATE ON participants REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_people();
CREATE TRIGGER summary_marks_participant_removed AFTER DELETE ON participants REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry();
CREATE TRIGGER summary_marks_household_added AFTER INSERT ON households REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry();
CREATE TRIGGER summary_marks_household_changed AFTER UPDATE ON households REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_households();
CREATE TRIGGER summary_marks_household_removed AFTER DELETE ON households REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry();
CREATE TRIGGER summary_marks_enrollment_added AFTER INSERT ON enrollments REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_enrollments();
CREATE TRIGGER summary_marks_enrollment_changed AFTER UPDATE ON enrollments REFERENCING OLD TABLE AS was NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_changed_enrollments();
CREATE TRIGGER summary_marks_enrollment_removed AFTER DELETE ON enrollments REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_registry_of_enrollments();

-- What is there already.
INSERT INTO summary_marks SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village_code, DATE '2000-01-01', 0 FROM participants;
INSERT INTO summary_marks SELECT DISTINCT 'registry', '\x00000000000000000000000000000000'::bytea, village_code, DATE '2000-01-01', 0 FROM households
    ON CONFLICT DO NOTHING;
