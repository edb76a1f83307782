//! Claims.

diesel::table! {
    claims (id) {
        id -> Binary,
        version -> Integer,
        number -> Text,
        revision -> Integer,
        state -> Text,
        facility_id -> Binary,
        facility_claim_number -> Text,
        participant_id -> Binary,
        letter_id -> Nullable<Binary>,
        check_id -> Binary,
        care_type -> Text,
        admitted_on -> Date,
        discharged_on -> Nullable<Date>,
        discharge_status -> Nullable<Text>,
        ward_class -> Nullable<Text>,
        principal_diagnosis -> Nullable<Text>,
        budget_year -> Integer,
        pot -> Text,
        claimed_amount -> BigInt,
        tariff_amount -> BigInt,
        hospital_cost -> BigInt,
        payable_amount -> BigInt,
        approved_amount -> BigInt,
        paid_amount -> BigInt,
        late -> Bool,
        replaces_claim_id -> Nullable<Binary>,
        taken_by -> Nullable<Binary>,
        created_by -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    claim_terms (claim_id) {
        claim_id -> Binary,
        rule_set -> Text,
        rule_date -> Date,
        tariff_schedule_id -> Nullable<Binary>,
        tariff_date -> Date,
        contract_id -> Nullable<Binary>,
        payment_percent -> Integer,
        submitted_at -> Nullable<Timestamp>,
        submitted_by -> Nullable<Binary>,
        completed_at -> Nullable<Timestamp>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
        complete_by -> Nullable<Date>,
        fix_by -> Nullable<Date>,
        pay_by -> Nullable<Date>,
        dispute_by -> Nullable<Date>,
        expires_on -> Date,
        disputes -> Integer,
        sampled -> Bool,
        recoverable_amount -> BigInt,
        first_decided_by -> Nullable<Binary>,
        first_decided_amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    live_claims (facility_id, facility_claim_number) {
        facility_id -> Binary,
        facility_claim_number -> Text,
        claim_id -> Binary,
    }
}

diesel::table! {
    live_claim_grounds (ground_id) {
        ground_id -> Binary,
        claim_id -> Binary,
    }
}

diesel::table! {
    claim_lines (claim_id, line) {
        claim_id -> Binary,
        line -> Integer,
        state -> Text,
        tariff_code -> Text,
        service_date -> Date,
        quantity -> Integer,
        claimed_amount -> BigInt,
        tariff_amount -> Nullable<BigInt>,
        hospital_cost -> Nullable<BigInt>,
        payable_amount -> BigInt,
        approved_amount -> BigInt,
        paid_amount -> BigInt,
        reason_code -> Nullable<Text>,
    }
}

diesel::table! {
    claim_codes (claim_id, position) {
        claim_id -> Binary,
        position -> Integer,
        kind -> Text,
        code -> Text,
        service_date -> Nullable<Date>,
    }
}

diesel::table! {
    claim_hits (claim_id, position) {
        claim_id -> Binary,
        position -> Integer,
        edit -> Text,
        edit_version -> Integer,
        outcome -> Text,
        line -> Nullable<Integer>,
        field -> Text,
        value -> Nullable<Text>,
        bound -> Nullable<Text>,
        shadow -> Bool,
    }
}

diesel::table! {
    claim_adjustments (claim_id, position) {
        claim_id -> Binary,
        position -> Integer,
        line -> Integer,
        source -> Text,
        step -> Nullable<Text>,
        amount -> BigInt,
    }
}

diesel::table! {
    claim_events (id) {
        id -> Binary,
        claim_id -> Binary,
        position -> Integer,
        action -> Text,
        state -> Text,
        reason_code -> Nullable<Text>,
        taken_at -> Timestamp,
        taken_by -> Nullable<Binary>,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    claim_revisions (claim_id, revision) {
        claim_id -> Binary,
        revision -> Integer,
        id -> Binary,
        told_at -> Timestamp,
        told_by -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    claim_cases (claim_id, revision) {
        claim_id -> Binary,
        revision -> Integer,
        id -> Binary,
        basis_id -> Binary,
        edits_hash -> Binary,
        outcome_hash -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    facility_statistics (facility_id, care_type) {
        facility_id -> Binary,
        care_type -> Text,
        counted_on -> Date,
        claims -> Integer,
        busiest_day -> Integer,
        mean_per_day -> BigInt,
        deviation -> BigInt,
        mean_cost -> BigInt,
        peer_median -> Nullable<BigInt>,
        peer_deviation -> Nullable<BigInt>,
    }
}
