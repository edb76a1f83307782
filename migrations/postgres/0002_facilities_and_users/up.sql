-- Where care is given, under which contracts, and who may sign in.

CREATE TABLE facilities (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    code TEXT COLLATE "C" UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('hospital', 'puskesmas', 'clinic')),
    class TEXT COLLATE "C" CHECK (class IN ('A', 'B', 'C', 'D')),
    government BOOLEAN NOT NULL,
    inside_city BOOLEAN NOT NULL,
    village_code TEXT COLLATE "C",
    beds INTEGER,
    address TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE contracts (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    facility_id BYTEA NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    valid_from DATE NOT NULL,
    valid_to DATE,
    contract_number TEXT COLLATE "C",
    terminated_on DATE,
    termination_reason TEXT COLLATE "C",
    termination_document TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX contracts_of_facility ON contracts (facility_id, valid_from);

CREATE TABLE users (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    username TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    facility_id BYTEA REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    password_hash TEXT COLLATE "C" NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE service_accounts (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    facility_id BYTEA REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE service_account_secrets (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    account_id BYTEA NOT NULL REFERENCES service_accounts (id) CHECK (length(account_id) = 16),
    secret_hash BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX service_account_secrets_of_account ON service_account_secrets (account_id);

-- A session is a family of refresh tokens; ending it ends every access token made from it.
CREATE TABLE sessions (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    user_id BYTEA NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
    client BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    end_reason TEXT COLLATE "C"
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_ended ON sessions (ended_at);

CREATE TABLE refresh_tokens (
    token_hash BYTEA PRIMARY KEY,
    session_id BYTEA NOT NULL REFERENCES sessions (id) CHECK (length(session_id) = 16),
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    rotated_at TIMESTAMP,
    replaced BOOLEAN NOT NULL
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

-- Failed sign-ins and look-ups that found nobody, by keyed hash of who tried: a count within a window, and until when the door stays shut.
CREATE TABLE throttles (
    scope TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    window_start TIMESTAMP NOT NULL,
    failures INTEGER NOT NULL,
    locks INTEGER NOT NULL,
    locked_until TIMESTAMP,
    PRIMARY KEY (scope, subject)
);

-- From where a user has signed in lately: the right password from there works even while strangers have locked the account.
CREATE TABLE known_addresses (
    user_id BYTEA NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
    address BYTEA NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, address)
);
