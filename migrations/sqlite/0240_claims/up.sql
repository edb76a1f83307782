-- Claims: how each stands, what it asks for line by line, what the edits found, and what was cut.

CREATE TABLE claims (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN (
        'draft', 'submitted', 'returned', 'complete', 'in_verification', 'approved', 'approved_partial', 'rejected', 'disputed', 'payment_ordered', 'paid',
        'recheck', 'expired', 'withdrawn')),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT NOT NULL,
    participant_id BLOB NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    letter_id BLOB REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    check_id BLOB NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    care_type TEXT NOT NULL,
    admitted_on TEXT NOT NULL,
    discharged_on TEXT,
    discharge_status TEXT,
    ward_class TEXT,
    principal_diagnosis TEXT,
    budget_year INTEGER NOT NULL,
    pot TEXT NOT NULL CHECK (pot IN ('rsud', 'others')),
    claimed_amount INTEGER NOT NULL,
    tariff_amount INTEGER NOT NULL,
    hospital_cost INTEGER NOT NULL,
    -- What would be paid by the last adjudication, whether somebody decided yet or not.
    payable_amount INTEGER NOT NULL,
    approved_amount INTEGER NOT NULL,
    paid_amount INTEGER NOT NULL,
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    replaces_claim_id BLOB REFERENCES claims (id) CHECK (length(replaces_claim_id) = 16),
    -- Whoever looks at it now.
    taken_by BLOB CHECK (length(taken_by) = 16),
    created_by BLOB NOT NULL CHECK (length(created_by) = 16),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX claims_of_facility ON claims (facility_id, id);
CREATE INDEX claims_of_participant ON claims (participant_id, admitted_on);
CREATE INDEX claims_of_letter ON claims (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX claims_of_check ON claims (check_id);
CREATE INDEX claims_of_facility_number ON claims (facility_id, facility_claim_number);
CREATE INDEX claims_by_state ON claims (state, id);

-- By what a claim was judged, and what is due when.
CREATE TABLE claim_terms (
    claim_id BLOB PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    rule_set TEXT NOT NULL,
    rule_date TEXT NOT NULL,
    tariff_schedule_id BLOB CHECK (length(tariff_schedule_id) = 16),
    tariff_date TEXT NOT NULL,
    contract_id BLOB CHECK (length(contract_id) = 16),
    payment_percent INTEGER NOT NULL,
    submitted_at TEXT,
    submitted_by BLOB CHECK (length(submitted_by) = 16),
    completed_at TEXT,
    decided_at TEXT,
    decided_by BLOB CHECK (length(decided_by) = 16),
    complete_by TEXT,
    fix_by TEXT,
    pay_by TEXT,
    dispute_by TEXT,
    expires_on TEXT NOT NULL,
    -- How often it was disputed.
    disputes INTEGER NOT NULL,
    sampled INTEGER NOT NULL CHECK (sampled IN (0, 1)),
    -- What a look by a person could save at most.
    recoverable_amount INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_terms_to_complete ON claim_terms (complete_by) WHERE complete_by IS NOT NULL;
CREATE INDEX claim_terms_to_fix ON claim_terms (fix_by) WHERE fix_by IS NOT NULL;

-- What stands in the way of another claim: the keys say so, not a look before the insert.
CREATE TABLE live_claims (
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT NOT NULL,
    claim_id BLOB NOT NULL UNIQUE REFERENCES claims (id) CHECK (length(claim_id) = 16),
    PRIMARY KEY (facility_id, facility_claim_number)
) STRICT;
-- A letter, or a check without one, is billed once.
CREATE TABLE live_claim_grounds (
    ground_id BLOB PRIMARY KEY CHECK (length(ground_id) = 16),
    claim_id BLOB NOT NULL UNIQUE REFERENCES claims (id) CHECK (length(claim_id) = 16)
) STRICT;

CREATE TABLE claim_lines (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    line INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'reduced', 'rejected')),
    tariff_code TEXT NOT NULL,
    service_date TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    claimed_amount INTEGER NOT NULL,
    tariff_amount INTEGER,
    hospital_cost INTEGER,
    payable_amount INTEGER NOT NULL,
    approved_amount INTEGER NOT NULL,
    paid_amount INTEGER NOT NULL,
    reason_code TEXT,
    PRIMARY KEY (claim_id, line)
) STRICT;

CREATE TABLE claim_codes (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    -- 'principal' and 'secondary' are diagnoses by ICD-10, 'procedure' is one by ICD-9-CM.
    kind TEXT NOT NULL CHECK (kind IN ('principal', 'secondary', 'procedure')),
    code TEXT NOT NULL,
    service_date TEXT,
    PRIMARY KEY (claim_id, position)
) STRICT;
CREATE INDEX claim_codes_by_code ON claim_codes (code);

-- What the edits found at the last adjudication.
CREATE TABLE claim_hits (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    edit TEXT NOT NULL,
    edit_version INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('flag', 'cap', 'pend', 'reject')),
    line INTEGER,
    field TEXT NOT NULL,
    value TEXT,
    bound TEXT,
    shadow INTEGER NOT NULL CHECK (shadow IN (0, 1)),
    PRIMARY KEY (claim_id, position)
) STRICT;
CREATE INDEX claim_hits_by_edit ON claim_hits (edit, claim_id);

-- What is asked less these is what is paid.
CREATE TABLE claim_adjustments (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    -- An edit, or the reason of whoever decided.
    source TEXT NOT NULL,
    step TEXT,
    amount INTEGER NOT NULL,
    PRIMARY KEY (claim_id, position)
) STRICT;

CREATE TABLE claim_events (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    -- Several things may happen at one instant.
    position INTEGER NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason_code TEXT,
    taken_at TEXT NOT NULL,
    taken_by BLOB CHECK (length(taken_by) = 16),
    -- What was said with it.
    sealed BLOB
) STRICT;
CREATE UNIQUE INDEX claim_events_of_claim ON claim_events (claim_id, position);

-- What the hospital said, each time that it said it.
CREATE TABLE claim_revisions (
    claim_id BLOB NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    revision INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    told_at TEXT NOT NULL,
    told_by BLOB NOT NULL CHECK (length(told_by) = 16),
    sealed BLOB NOT NULL,
    PRIMARY KEY (claim_id, revision)
) STRICT;
