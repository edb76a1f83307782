-- Where care is given, under which contracts, and who may sign in.

CREATE TABLE facilities (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('hospital', 'puskesmas', 'clinic')),
    class TEXT CHECK (class IN ('A', 'B', 'C', 'D')),
    government INTEGER NOT NULL CHECK (government IN (0, 1)),
    inside_city INTEGER NOT NULL CHECK (inside_city IN (0, 1)),
    village_code TEXT,
    beds INTEGER,
    address TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE contracts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    facility_id BLOB NOT NULL REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    valid_from TEXT NOT NULL CHECK (valid_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    valid_to TEXT CHECK (valid_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    contract_number TEXT,
    terminated_on TEXT CHECK (terminated_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    termination_reason TEXT,
    termination_document TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX contracts_of_facility ON contracts (facility_id, valid_from);

CREATE TABLE users (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    facility_id BLOB REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE service_accounts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    facility_id BLOB REFERENCES facilities (id) CHECK (length(facility_id) = 16),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE service_account_secrets (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB NOT NULL REFERENCES service_accounts (id) CHECK (length(account_id) = 16),
    secret_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX service_account_secrets_of_account ON service_account_secrets (account_id);

-- A session is a family of refresh tokens; ending it ends every access token made from it.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
    client BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT
) STRICT;
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_ended ON sessions (ended_at);

CREATE TABLE refresh_tokens (
    token_hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) CHECK (length(session_id) = 16),
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    rotated_at TEXT,
    replaced INTEGER NOT NULL CHECK (replaced IN (0, 1))
) STRICT;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);

-- Failed sign-ins and look-ups that found nobody, by keyed hash of who tried: a count within a window, and until when the door stays shut.
CREATE TABLE throttles (
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    window_start TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locks INTEGER NOT NULL,
    locked_until TEXT,
    PRIMARY KEY (scope, subject)
) STRICT;

-- From where a user has signed in lately: the right password from there works even while strangers have locked the account.
CREATE TABLE known_addresses (
    user_id BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
    address BLOB NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (user_id, address)
) WITHOUT ROWID, STRICT;
