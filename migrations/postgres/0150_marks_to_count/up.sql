-- Marks that too many cards share, until the scan has counted them once all are there.
CREATE TABLE marks_to_count (
    bidx BYTEA PRIMARY KEY CHECK (length(bidx) = 16),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'address'))
);
