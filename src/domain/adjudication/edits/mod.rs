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
    ing_zero_or_negative,
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
