//! Merging two records of one person: what is in the way, and what a clerk should look at before.

use super::text_enum::text_enum;

text_enum! {
    /// Why two records cannot be merged.
    MergeObstacle {
        SameRecord = "same_record", AlreadyMerged = "already_merged", TargetIsMerged = "target_is_merged", TargetHasNoNik = "target_has_no_nik",
    }
}

text_enum! {
    /// What speaks against two records being one person's, or will be otherwise for one of them after the merge.
    MergeWarning {
        SexDiffers = "sex_differs", BirthDateDiffers = "birth_date_differs", NameDiffers = "name_differs",
        /// Both have a live enrolment: that of the record that goes expires.
        BothEnrolled = "both_enrolled",
        /// Both are on a family card: the record that goes leaves its own.
        BothInHouseholds = "both_in_households",
        /// The family card that is left has no head then.
        HeadLeaves = "head_leaves",
        /// JKN periods stay with the record that goes: what of them is right is recorded for the one that stays.
        JknPeriodsOverlap = "jkn_periods_overlap",
    }
}
