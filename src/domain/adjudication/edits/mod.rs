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
    prc_no_tariff,
    prc_above_tariff,
    ben_annual_ceiling,
}

/// The edit with this code.
pub fn find(code: &str) -> Option<&'static Edit> {
    ALL.iter().copied().find(|edit| edit.code == code)
}
