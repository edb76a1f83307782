-- What care costs: schedules of prices. A draft may be changed, a published one never is.
CREATE TABLE tariff_schedules (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published')),
    valid_from DATE NOT NULL,
    valid_to DATE CHECK (valid_to >= valid_from),
    payment_percent INTEGER NOT NULL CHECK (payment_percent BETWEEN 1 AND 200),
    item_count INTEGER NOT NULL CHECK (item_count >= 0),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    published_at TIMESTAMP,
    published_by BYTEA CHECK (length(published_by) = 16),
    content_hash BYTEA CHECK (length(content_hash) = 32),
    CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CHECK ((state = 'published') = (published_by IS NOT NULL)),
    CHECK ((state = 'published') = (content_hash IS NOT NULL))
);

CREATE INDEX tariff_schedules_published ON tariff_schedules (valid_from) WHERE state = 'published';

-- Whoever wrote any of it: they may not publish it.
CREATE TABLE tariff_schedule_writers (
    schedule_id BYTEA NOT NULL REFERENCES tariff_schedules (id) CHECK (length(schedule_id) = 16),
    user_id BYTEA NOT NULL CHECK (length(user_id) = 16),
    PRIMARY KEY (schedule_id, user_id)
);

CREATE TABLE tariff_items (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    schedule_id BYTEA NOT NULL REFERENCES tariff_schedules (id) CHECK (length(schedule_id) = 16),
    code TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    care_type TEXT COLLATE "C" NOT NULL CHECK (care_type IN ('primary', 'outpatient', 'inpatient', 'emergency')),
    ward_class TEXT COLLATE "C" CHECK (ward_class IN ('I', 'II', 'III', 'vip')),
    facility_class TEXT COLLATE "C" CHECK (facility_class IN ('A', 'B', 'C', 'D')),
    ownership TEXT COLLATE "C" CHECK (ownership IN ('government', 'private')),
    region TEXT COLLATE "C" CHECK (length(region) = 4),
    amount BIGINT NOT NULL CHECK (amount > 0)
);

-- An empty field is a value of the key like any other.
CREATE UNIQUE INDEX tariff_items_key ON tariff_items (
    schedule_id, code, care_type, coalesce(ward_class, ''), coalesce(facility_class, ''), coalesce(ownership, ''), coalesce(region, '')
);
CREATE INDEX tariff_items_page ON tariff_items (schedule_id, id);
