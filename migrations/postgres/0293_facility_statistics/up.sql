-- How each hospital compares with itself and with others of its class, counted each night from the claims: what the statistical edits ask.
CREATE TABLE facility_statistics (
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    counted_on DATE NOT NULL,
    claims INTEGER NOT NULL,
    busiest_day INTEGER NOT NULL,
    -- In thousandths.
    mean_per_day BIGINT NOT NULL,
    deviation BIGINT NOT NULL,
    mean_cost BIGINT NOT NULL,
    -- Null where too few others of the class claim for this care.
    peer_median BIGINT,
    peer_deviation BIGINT,
    PRIMARY KEY (facility_id, care_type)
);
