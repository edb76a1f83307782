//! The edits, one file each, in the order of the stages that a claim goes through. To add one: write its file, name it here, and give it its texts.

use super::Edit;

macro_rules! edits {
    ($($file:ident),+ $(,)?) => {
        $(mod $file;)+

        /// Every edit, in the order in which they are told.
        pub const ALL: &[&Edit] = &[$(&$file::EDIT),+];
    };
}

edits! {
    ing_date_order,
    ing_future_service,
    ing_no_discharge,
    ing_late_filing,
    ing_zero_or_negative,
    ing_total_mismatch,
    ing_dx_unknown,
    ing_dx_not_specific,
    ing_dx_not_principal,
    ing_px_unknown,
    ing_docs_missing,
    ing_doc_reused,
    ing_resubmit_unlinked,
    mbr_not_found,
    mbr_demographic_mismatch,
    mbr_nik_birth_conflict,
    mbr_nik_superseded,
    mbr_duplicate_person,
    mbr_not_active,
    mbr_not_resident,
    mbr_waiting_period,
    mbr_deceased,
    mbr_service_after_death_discharge,
    mbr_born_after_service,
    mbr_newborn_window,
    mbr_card_blocked,
    mbr_other_cover_primary,
    mbr_other_cover_unknown,
    mbr_new_high_cost,
    elg_no_token,
    elg_token_mismatch,
    elg_token_reused,
    elg_token_expired,
    elg_backdated,
    elg_issued_after_discharge,
    elg_member_says_no,
    elg_offline_conflict,
    elg_guarantee_honoured,
    prv_not_contracted,
    prv_service_not_licensed,
    prv_care_type,
    prv_doctor_unknown,
    aut_referral_missing,
    aut_referral_expired,
    aut_referral_mismatch,
    aut_preauth_missing,
    aut_preauth_invalid,
    aut_preauth_period,
    aut_preauth_content,
    aut_preauth_amount,
    aut_emergency_not_supported,
    ben_not_covered,
    ben_dx_excluded,
    ben_third_party_traffic,
    ben_third_party_work,
    ben_qty_period,
    ben_frequency,
    ben_once_in_lifetime,
    ben_annual_ceiling,
    ben_family_ceiling,
    ben_room_class,
    ben_budget_guard,
    prc_no_tariff,
    prc_above_tariff,
    prc_below_tariff,
    prc_included,
    prc_multi_procedure,
    prc_med_plus_surg,
    prc_per_diem_days,
    prc_case_quantity,
    prc_recalc,
    dup_exact,
    dup_line,
    dup_near,
    dup_inpatient_overlap,
    dup_outpatient_in_stay,
    dup_same_day_visit,
    dup_multi_facility_day,
    dup_already_paid,
    epi_readmit_30,
    epi_readmit_next_day,
    epi_split_bill,
    epi_one_case,
    epi_er_then_admit,
    epi_los_short,
    epi_los_long,
    epi_day_case_as_inpatient,
    cln_sex_dx,
    cln_sex_px,
    cln_age_dx,
    cln_age_px,
    cln_dx_px,
    cln_pair_conflict,
    cln_units_per_day,
    cln_delivery_interval,
    frd_volume_spike,
    frd_cost_outlier,
    frd_random_sample,
    pay_four_eyes,
    pay_account_changed,
    pay_recovery_offset,
}

/// The edit with this code.
pub fn find(code: &str) -> Option<&'static Edit> {
    ALL.iter().copied().find(|edit| edit.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::texts;
    use crate::domain::texts::Language;

    #[test]
    fn every_edit_tells_what_it_found_and_what_to_do() {
        let texts = texts();
        let keys: Vec<String> = ALL.iter().flat_map(|edit| ["message", "remedy"].map(|part| format!("{}.{part}", edit.code))).collect();
        assert_eq!(texts.check("edits", &keys.iter().map(String::as_str).collect::<Vec<_>>()), []);
        for key in keys {
            for language in [Language::Id, Language::En] {
                let text = texts.get(language, &format!("edits.{key}"), &[("value", "1"), ("limit", "2")]).unwrap();
                assert!(text.ends_with('.') && !text.contains('{'), "{key}: {text}");
            }
        }
    }
}
