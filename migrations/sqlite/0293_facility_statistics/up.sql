-- How each hospital compares with itself and with others of its class, counted each night from the claims: what the statistical edits ask.
CREATE TABLE facility_statistics (
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    care_type TEXT NOT NULL,
    counted_on TEXT NOT NULL,
    claims INTEGER NOT NULL,
    busiest_day INTEGER NOT NULL,
    -- In thousandths.
    mean_per_day INTEGER NOT NULL,
    deviation INTEGER NOT NULL,
    mean_cost INTEGER NOT NULL,
    -- Null where too few others of the class claim for this care.
    peer_median INTEGER,
    peer_deviation INTEGER,
    PRIMARY KEY (facility_id, care_type)
) STRICT;
