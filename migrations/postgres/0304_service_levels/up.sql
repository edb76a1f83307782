-- How fast the check desk answered, and when the service was there to be asked.

-- Answers of a month by how long they took: each row counts those of at most so many microseconds and of more than the row before allows.
CREATE TABLE answer_times (
    month DATE NOT NULL,
    up_to_us BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (month, up_to_us)
);

-- Minutes of a day in which the service was ready, whichever of its nodes said so: the first and the last of them since 1970, and how many.
CREATE TABLE ready_days (
    day DATE PRIMARY KEY,
    first_minute BIGINT NOT NULL,
    last_minute BIGINT NOT NULL,
    minutes BIGINT NOT NULL
);

-- What is counted from the rows themselves, of a period.
CREATE INDEX signals_raised ON signals (raised_at, kind, state);
CREATE INDEX reconciliation_findings_found ON reconciliation_findings (found_at, category, state);
CREATE INDEX registry_cases_opened ON registry_cases (opened_at);
CREATE INDEX temporary_identities_made ON temporary_identities (made_at);
CREATE INDEX merges_made ON merges (merged_at);
