-- What happened to claims, letters, reviews and payments, for those whose they are. A row lies where its event lies in the audit log: within a stripe it is
-- committed after all that stand before it, so that whoever has read up to one of them has missed none.
CREATE TABLE changes (
    stripe INTEGER NOT NULL,
    place BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    -- Null where it is for the city alone.
    facility_id BYTEA CHECK (length(facility_id) = 16),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('claim', 'letter', 'review', 'payment')),
    object_id BYTEA NOT NULL CHECK (length(object_id) = 16),
    number TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (stripe, place)
);
CREATE INDEX changes_of_facility ON changes (facility_id, stripe, place);
CREATE INDEX changes_by_time ON changes (changed_at);
