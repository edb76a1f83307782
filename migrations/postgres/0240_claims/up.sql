-- Claims: how each stands, what it asks for line by line, what the edits found, and what was cut.

CREATE TABLE claims (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN (
        'draft', 'submitted', 'returned', 'complete', 'in_verification', 'approved', 'approved_partial', 'rejected', 'disputed', 'payment_ordered', 'paid',
        'recheck', 'expired', 'withdrawn')),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT COLLATE "C" NOT NULL,
    participant_id BYTEA NOT NULL REFERENCES participants (id) CHECK (length(participant_id) = 16),
    letter_id BYTEA REFERENCES guarantee_letters (id) CHECK (length(letter_id) = 16),
    check_id BYTEA NOT NULL REFERENCES eligibility_checks (id) CHECK (length(check_id) = 16),
    care_type TEXT COLLATE "C" NOT NULL,
    admitted_on DATE NOT NULL,
    discharged_on DATE,
    discharge_status TEXT COLLATE "C",
    ward_class TEXT COLLATE "C",
    principal_diagnosis TEXT COLLATE "C",
    budget_year INTEGER NOT NULL,
    pot TEXT COLLATE "C" NOT NULL CHECK (pot IN ('rsud', 'others')),
    claimed_amount BIGINT NOT NULL,
    tariff_amount BIGINT NOT NULL,
    hospital_cost BIGINT NOT NULL,
    -- What would be paid by the last adjudication, whether somebody decided yet or not.
    payable_amount BIGINT NOT NULL,
    approved_amount BIGINT NOT NULL,
    paid_amount BIGINT NOT NULL,
    late BOOLEAN NOT NULL,
    replaces_claim_id BYTEA REFERENCES claims (id) CHECK (length(replaces_claim_id) = 16),
    -- Whoever looks at it now.
    taken_by BYTEA CHECK (length(taken_by) = 16),
    created_by BYTEA NOT NULL CHECK (length(created_by) = 16),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX claims_of_facility ON claims (facility_id, id);
CREATE INDEX claims_of_participant ON claims (participant_id, admitted_on);
CREATE INDEX claims_of_letter ON claims (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX claims_of_check ON claims (check_id);
CREATE INDEX claims_of_facility_number ON claims (facility_id, facility_claim_number);
CREATE INDEX claims_by_state ON claims (state, id);

-- By what a claim was judged, and what is due when.
CREATE TABLE claim_terms (
    claim_id BYTEA PRIMARY KEY REFERENCES claims (id) CHECK (length(claim_id) = 16),
    rule_set TEXT COLLATE "C" NOT NULL,
    rule_date DATE NOT NULL,
    tariff_schedule_id BYTEA CHECK (length(tariff_schedule_id) = 16),
    tariff_date DATE NOT NULL,
    contract_id BYTEA CHECK (length(contract_id) = 16),
    payment_percent INTEGER NOT NULL,
    submitted_at TIMESTAMP,
    submitted_by BYTEA CHECK (length(submitted_by) = 16),
    completed_at TIMESTAMP,
    decided_at TIMESTAMP,
    decided_by BYTEA CHECK (length(decided_by) = 16),
    complete_by DATE,
    fix_by DATE,
    pay_by DATE,
    dispute_by DATE,
    expires_on DATE NOT NULL,
    -- How often it was disputed.
    disputes INTEGER NOT NULL,
    sampled BOOLEAN NOT NULL,
    -- What a look by a person could save at most.
    recoverable_amount BIGINT NOT NULL
);
CREATE INDEX claim_terms_to_complete ON claim_terms (complete_by) WHERE complete_by IS NOT NULL;
CREATE INDEX claim_terms_to_fix ON claim_terms (fix_by) WHERE fix_by IS NOT NULL;

-- What stands in the way of another claim: the keys say so, not a look before the insert.
CREATE TABLE live_claims (
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    facility_claim_number TEXT COLLATE "C" NOT NULL,
    claim_id BYTEA NOT NULL UNIQUE REFERENCES claims (id) CHECK (length(claim_id) = 16),
    PRIMARY KEY (facility_id, facility_claim_number)
);
-- A letter, or a check without one, is billed once.
CREATE TABLE live_claim_grounds (
    ground_id BYTEA PRIMARY KEY CHECK (length(ground_id) = 16),
    claim_id BYTEA NOT NULL UNIQUE REFERENCES claims (id) CHECK (length(claim_id) = 16)
);

CREATE TABLE claim_lines (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    line INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'reduced', 'rejected')),
    tariff_code TEXT COLLATE "C" NOT NULL,
    service_date DATE NOT NULL,
    quantity INTEGER NOT NULL,
    claimed_amount BIGINT NOT NULL,
    tariff_amount BIGINT,
    hospital_cost BIGINT,
    payable_amount BIGINT NOT NULL,
    approved_amount BIGINT NOT NULL,
    paid_amount BIGINT NOT NULL,
    reason_code TEXT COLLATE "C",
    PRIMARY KEY (claim_id, line)
);

CREATE TABLE claim_codes (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    -- 'principal' and 'secondary' are diagnoses by ICD-10, 'procedure' is one by ICD-9-CM.
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('principal', 'secondary', 'procedure')),
    code TEXT COLLATE "C" NOT NULL,
    service_date DATE,
    PRIMARY KEY (claim_id, position)
);
CREATE INDEX claim_codes_by_code ON claim_codes (code);

-- What the edits found at the last adjudication.
CREATE TABLE claim_hits (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    edit TEXT COLLATE "C" NOT NULL,
    edit_version INTEGER NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('flag', 'cap', 'pend', 'reject')),
    line INTEGER,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C",
    bound TEXT COLLATE "C",
    shadow BOOLEAN NOT NULL,
    PRIMARY KEY (claim_id, position)
);
CREATE INDEX claim_hits_by_edit ON claim_hits (edit, claim_id);

-- What is asked less these is what is paid.
CREATE TABLE claim_adjustments (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    -- An edit, or the reason of whoever decided.
    source TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C",
    amount BIGINT NOT NULL,
    PRIMARY KEY (claim_id, position)
);

CREATE TABLE claim_events (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    -- Several things may happen at one instant.
    position INTEGER NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason_code TEXT COLLATE "C",
    taken_at TIMESTAMP NOT NULL,
    taken_by BYTEA CHECK (length(taken_by) = 16),
    -- What was said with it.
    sealed BYTEA
);
CREATE UNIQUE INDEX claim_events_of_claim ON claim_events (claim_id, position);

-- What the hospital said, each time that it said it.
CREATE TABLE claim_revisions (
    claim_id BYTEA NOT NULL REFERENCES claims (id) CHECK (length(claim_id) = 16),
    revision INTEGER NOT NULL,
    id BYTEA NOT NULL UNIQUE CHECK (length(id) = 16),
    told_at TIMESTAMP NOT NULL,
    told_by BYTEA NOT NULL CHECK (length(told_by) = 16),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (claim_id, revision)
);
