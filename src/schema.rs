//! The tables as diesel sees them, once for both databases. Kept by hand; a test compares them with what the migrations make.

mod billing;
mod card_lives;
mod check_progress;
mod civil_registry;
mod claim_figures;
mod corrections;
mod dashboards;
mod feed;
mod finance;
mod frozen;
mod letters;
mod numbering;
mod objections;
mod office;
mod outbox;
mod oversight;
mod owing;
mod papers;
mod payments;
mod population;
mod shadows;
mod tariffs;
pub use billing::*;
pub use card_lives::*;
pub use check_progress::*;
pub use civil_registry::*;
pub use claim_figures::*;
pub use corrections::*;
pub use dashboards::*;
pub use feed::*;
pub use finance::*;
pub use frozen::*;
pub use letters::*;
pub use numbering::*;
pub use objections::*;
pub use office::*;
pub use outbox::*;
pub use oversight::*;
pub use owing::*;
pub use papers::*;
pub use payments::*;
pub use population::*;
pub use shadows::*;
pub use tariffs::*;

diesel::table! {
    keys (id) {
        id -> Integer,
        purpose -> Text,
        phase -> Text,
        wrapped -> Binary,
        public_key -> Nullable<Binary>,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    versions (id) {
        id -> Integer,
        sessions -> BigInt,
        catalogue -> BigInt,
        keys -> BigInt,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Binary,
        stripe -> Integer,
        seq -> BigInt,
        at -> Timestamp,
        kind -> Text,
        user_id -> Nullable<Binary>,
        facility_id -> Nullable<Binary>,
        header -> Text,
        digest -> Binary,
        link -> Binary,
        payload -> Binary,
    }
}

diesel::table! {
    audit_subjects (participant_id, event_id) {
        participant_id -> Binary,
        event_id -> Binary,
    }
}

diesel::table! {
    audit_heads (stripe) {
        stripe -> Integer,
        seq -> BigInt,
        link -> Binary,
    }
}

diesel::table! {
    audit_checkpoints (id) {
        id -> Binary,
        at -> Timestamp,
        heads -> Text,
        key_id -> Integer,
        signature -> Binary,
    }
}

diesel::table! {
    facilities (id) {
        id -> Binary,
        version -> Integer,
        code -> Nullable<Text>,
        name -> Text,
        kind -> Text,
        class -> Nullable<Text>,
        government -> Bool,
        inside_city -> Bool,
        village_code -> Nullable<Text>,
        beds -> Nullable<Integer>,
        address -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contracts (id) {
        id -> Binary,
        facility_id -> Binary,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        contract_number -> Nullable<Text>,
        terminated_on -> Nullable<Date>,
        termination_reason -> Nullable<Text>,
        termination_document -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        version -> Integer,
        username -> Text,
        name -> Text,
        role -> Text,
        facility_id -> Nullable<Binary>,
        password_hash -> Text,
        must_change_password -> Bool,
        active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    service_accounts (id) {
        id -> Binary,
        version -> Integer,
        client_id -> Text,
        name -> Text,
        role -> Text,
        facility_id -> Nullable<Binary>,
        active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    service_account_secrets (id) {
        id -> Binary,
        account_id -> Binary,
        secret_hash -> Binary,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        client -> Binary,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> Binary,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        rotated_at -> Nullable<Timestamp>,
        replaced -> Bool,
    }
}

diesel::table! {
    throttles (scope, subject) {
        scope -> Text,
        subject -> Binary,
        window_start -> Timestamp,
        failures -> Integer,
        locks -> Integer,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    known_addresses (user_id, address) {
        user_id -> Binary,
        address -> Binary,
        last_at -> Timestamp,
    }
}

diesel::table! {
    households (id) {
        id -> Binary,
        version -> Integer,
        village_code -> Text,
        sealed -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    kk_registry (bidx) {
        bidx -> Binary,
        key_id -> Integer,
        household_id -> Binary,
    }
}

diesel::table! {
    participants (id) {
        id -> Binary,
        version -> Integer,
        state -> Text,
        sex -> Text,
        birth_year -> Integer,
        village_code -> Text,
        identity -> Binary,
        contact -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    nik_registry (bidx) {
        bidx -> Binary,
        key_id -> Integer,
        participant_id -> Binary,
    }
}
diesel::table! {
    name_words (bidx, participant_id) {
        bidx -> Binary,
        participant_id -> Binary,
    }
}
diesel::table! {
    household_members (id) {
        id -> Binary,
        household_id -> Binary,
        participant_id -> Binary,
        relation -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}
diesel::table! {
    residencies (id) {
        id -> Binary,
        participant_id -> Binary,
        village_code -> Text,
        resident_since -> Date,
        resident_until -> Nullable<Date>,
    }
}
diesel::table! {
    jkn_periods (id) {
        id -> Binary,
        participant_id -> Binary,
        segment -> Text,
        state -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
    }
}
diesel::table! {
    participant_events (id) {
        id -> Binary,
        participant_id -> Binary,
        kind -> Text,
        happened_on -> Date,
        sealed -> Binary,
        recorded_at -> Timestamp,
        recorded_by -> Binary,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Binary>,
    }
}
diesel::table! {
    standings_due (due_on, participant_id) {
        due_on -> Date,
        participant_id -> Binary,
    }
}
diesel::table! {
    participant_changes (id) {
        id -> Binary,
        participant_id -> Binary,
        field -> Text,
        new_value -> Text,
        state -> Text,
        sealed -> Binary,
        asked_at -> Timestamp,
        asked_by -> Binary,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
    }
}
diesel::table! {
    enrollments (id) {
        id -> Binary,
        version -> Integer,
        participant_id -> Binary,
        state -> Text,
        card_state -> Text,
        issued_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        card -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        number -> Nullable<Text>,
        channel -> Nullable<Text>,
        filer -> Nullable<Text>,
        request -> Nullable<Binary>,
        filed_by -> Nullable<Binary>,
        due_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    enrollment_steps (id) {
        id -> Binary,
        enrollment_id -> Binary,
        action -> Text,
        state -> Text,
        taken_at -> Timestamp,
        taken_by -> Nullable<Binary>,
        sealed -> Nullable<Binary>,
    }
}
diesel::table! {
    card_registry (bidx) {
        bidx -> Binary,
        key_id -> Integer,
        enrollment_id -> Binary,
        card_id -> Nullable<Binary>,
    }
}
diesel::table! {
    basis_contents (hash) {
        hash -> Binary,
        kind -> Text,
        content -> Text,
    }
}
diesel::table! {
    decision_bases (id) {
        id -> Binary,
        rule_set_code -> Text,
        rule_set_revision -> Integer,
        rule_set_hash -> Binary,
        texts_hash -> Binary,
        lists_hash -> Binary,
        engine -> Integer,
        created_at -> Timestamp,
    }
}
diesel::table! {
    eligibility_checks (id) {
        id -> Binary,
        participant_id -> Nullable<Binary>,
        facility_id -> Binary,
        asked_by -> Binary,
        service_date -> Date,
        care_type -> Text,
        decision -> Text,
        failing -> Text,
        basis_id -> Binary,
        language -> Text,
        retrospective -> Bool,
        checked_at -> Timestamp,
        valid_until -> Timestamp,
        complete_by -> Nullable<Timestamp>,
        override_of -> Nullable<Binary>,
        digest -> Binary,
        record -> Binary,
        village_code -> Nullable<Text>,
    }
}
diesel::table! {
    eligibility_reviews (id) {
        id -> Binary,
        version -> Integer,
        check_id -> Binary,
        participant_id -> Nullable<Binary>,
        facility_id -> Binary,
        state -> Text,
        sealed -> Binary,
        asked_at -> Timestamp,
        asked_by -> Binary,
        due_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
        new_check_id -> Nullable<Binary>,
    }
}
// In braces, where the formatter lets several names stand in a line.
diesel::allow_tables_to_appear_in_same_query! {
    keys, versions, audit_events, audit_subjects, audit_heads, audit_checkpoints, facilities, contracts, users, service_accounts,
    service_account_secrets, sessions, refresh_tokens, throttles, known_addresses, households, kk_registry, participants, nik_registry, name_words,
    household_members, residencies, jkn_periods, participant_events, standings_due, participant_changes, enrollments, basis_contents, births,
    card_batch_items, card_batches, card_events, card_registry, cards, decision_bases, eligibility_checks, eligibility_reviews, enrollment_steps,
    idempotency, import_faults, imports, newborns, number_ranges, population_office_calls, referrals, registry_cases, temporary_identities,
    check_extensions, check_papers, check_voids, claim_adjustments, claim_codes, claim_documents, claim_events, claim_hits, claim_lines, claim_revisions, claim_terms, claims, documents, enrollment_suspensions, enrollments_set_aside, guarantee_letters, letter_events, live_claim_grounds, live_claims, live_letters, merges, verifications,
    payment_batches, payment_items, recoveries, recovery_repayments, debt_acknowledgements, debt_items, carried_debts,
}
