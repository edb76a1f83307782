-- Marks that too many cards share, until the scan has counted them once all are there.
CREATE TABLE marks_to_count (
    bidx BLOB PRIMARY KEY CHECK (length(bidx) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('phone', 'address'))
) STRICT;
