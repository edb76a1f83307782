//! Sums of claims for the dashboard.

diesel::table! {
    claim_sums (basis, grain, day, facility_id, care_type, pot, state, part) {
        basis -> Text,
        grain -> Text,
        day -> Date,
        facility_id -> Binary,
        care_type -> Text,
        pot -> Text,
        state -> Text,
        part -> Date,
        claims -> BigInt,
        claimed -> BigInt,
        tariff -> BigInt,
        hospital_cost -> BigInt,
        approved -> BigInt,
        paid -> BigInt,
    }
}
diesel::table! {
    open_claims (day, facility_id, care_type, state, part) {
        day -> Date,
        facility_id -> Binary,
        care_type -> Text,
        state -> Text,
        part -> Date,
        claims -> BigInt,
        claimed -> BigInt,
        approved -> BigInt,
    }
}
diesel::table! {
    claim_steps (step, grain, day, facility_id, care_type, part) {
        step -> Text,
        grain -> Text,
        day -> Date,
        facility_id -> Binary,
        care_type -> Text,
        part -> Date,
        histogram -> Text,
    }
}
diesel::table! {
    claim_firsts (grain, day, facility_id, care_type, part) {
        grain -> Text,
        day -> Date,
        facility_id -> Binary,
        care_type -> Text,
        part -> Date,
        decided -> BigInt,
        first_pass -> BigInt,
    }
}
diesel::table! {
    tariff_gap_sums (month, facility_id, care_type) {
        month -> Date,
        facility_id -> Binary,
        care_type -> Text,
        lines -> BigInt,
        claimed -> BigInt,
        tariff -> BigInt,
        approved -> BigInt,
        costed_lines -> BigInt,
        hospital_cost -> BigInt,
        shortfall -> BigInt,
    }
}
diesel::table! {
    tariff_gap_codes (facility_id, month, code, care_type) {
        facility_id -> Binary,
        month -> Date,
        code -> Text,
        care_type -> Text,
        lines -> BigInt,
        claimed -> BigInt,
        tariff -> BigInt,
        approved -> BigInt,
        costed_lines -> BigInt,
        hospital_cost -> BigInt,
        shortfall -> BigInt,
    }
}
diesel::table! {
    edit_sums (month, facility_id, care_type, edit, shadow) {
        month -> Date,
        facility_id -> Binary,
        care_type -> Text,
        edit -> Text,
        shadow -> Bool,
        findings -> BigInt,
        pended -> BigInt,
        decided -> BigInt,
        agreed -> BigInt,
        overturned -> BigInt,
        at_stake -> BigInt,
        cut -> BigInt,
        adjusted -> BigInt,
    }
}
diesel::table! {
    diagnosis_sums (facility_id, district_code, month, code, care_type) {
        facility_id -> Binary,
        district_code -> Text,
        month -> Date,
        code -> Text,
        care_type -> Text,
        claims -> BigInt,
        people -> BigInt,
        approved -> BigInt,
        told_claims -> BigInt,
        told_people -> BigInt,
        told_approved -> BigInt,
    }
}
diesel::table! {
    claim_places (month, village_code, care_type, state) {
        month -> Date,
        village_code -> Text,
        care_type -> Text,
        state -> Text,
        claims -> BigInt,
        claimed -> BigInt,
        tariff -> BigInt,
        hospital_cost -> BigInt,
        approved -> BigInt,
        paid -> BigInt,
    }
}
