//! What spreadsheets do to text: the guards people put around it, the damage that is left of it, and the formulas that it must never become.

use std::borrow::Cow;

/// A cell without the guards that keep a spreadsheet from reading it as a number: `'0812…` and `="0812…"`.
pub fn unguarded(cell: &str) -> &str {
    let cell = cell.trim();
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.trim();
    }
    match cell.strip_prefix('\'') {
        // An apostrophe before a letter is part of a name: 'Aisyah.
        Some(rest) if !rest.starts_with(char::is_alphabetic) => rest.trim(),
        Some(_) | None => cell,
    }
}

/// `3.27501E+15` or `3,27501E+15`: a number of which only the first digits are left.
pub fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && [whole, fraction, exponent].into_iter().all(is_digits) && exponent.len() <= 2
}

/// Fifteen digits where sixteen belong: read as a number, `0950…` becomes `950…`.
pub fn has_lost_its_zero(cell: &str) -> bool {
    cell.len() == 15 && is_digits(cell)
}

/// `32878`: a date as the number of days since the end of 1899, or since 1904 in some workbooks, which is why it is not converted.
pub fn is_serial_date(cell: &str) -> bool {
    let (days, time) = cell.split_once(['.', ',']).unwrap_or((cell, "0"));
    days.len() <= 6 && is_digits(days) && is_digits(time)
}

/// `5/1/1990`, `05-01-1990`, `5.1.90`: day and month could be either way round, so it is not converted.
pub fn is_local_date(cell: &str) -> bool {
    let mut parts = cell.split(['/', '-', '.']);
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return false };
    [day, month, year].into_iter().all(is_digits) && day.len() <= 2 && month.len() <= 2 && matches!(year.len(), 2 | 4)
}

/// The same text with an apostrophe in front where a spreadsheet would run it as a formula.
pub fn neutralised(cell: &str) -> Cow<'_, str> {
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || cell.starts_with(['\t', '\r', '\n']);
    if is_formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn guards_are_taken_off_and_names_keep_their_apostrophe() {
        for (cell, bare) in [
            ("'3275014501909001", "3275014501909001"),
            ("=\"3275014501909001\"", "3275014501909001"),
            ("  081200000001 ", "081200000001"),
            ("'+6281200000001", "+6281200000001"),
            ("'Aisyah", "'Aisyah"),
            ("Nu'man", "Nu'man"),
            ("=\"", "=\""),
            ("=1+1", "=1+1"),
            ("", ""),
        ] {
            assert_eq!(unguarded(cell), bare, "{cell:?}");
        }
    }

    #[test]
    fn damage_is_told_apart_from_what_is_merely_wrong() {
        for (cell, scientific, lost_zero, serial, local) in [
            ("3.27501E+15", true, false, false, false),
            ("3,27501E+15", true, false, false, false),
            ("3E15", true, false, false, false),
            ("8.12E+11", true, false, false, false),
            ("E+15", false, false, false, false),
            ("3.2.7E+15", false, false, false, false),
            ("3275014501909001", false, false, false, false),
            ("327501450190900", false, true, false, false),
            ("32750145019090O", false, false, false, false),
            ("32878", false, false, true, false),
            ("32878.5", false, false, true, false),
            ("5/1/1990", false, false, false, true),
            ("05-01-90", false, false, false, true),
            ("5.1.1990", false, false, false, true),
            ("1990-01-05", false, false, false, false),
            ("5/1", false, false, false, false),
            ("", false, false, false, false),
        ] {
            let found = (is_scientific(cell), has_lost_its_zero(cell), is_serial_date(cell), is_local_date(cell));
            assert_eq!(found, (scientific, lost_zero, serial, local), "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn no_neutralised_cell_begins_as_a_formula(head in "[=+@\t\r\n ＝＋－＠A-Za-z0-9-]{0,3}", tail in "\\PC{0,10}") {
            let cell = format!("{head}{tail}");
            let safe = neutralised(&cell);
            prop_assert!(!safe.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{:?}", safe);
            prop_assert!(!safe.starts_with(['\t', '\r', '\n']));
            prop_assert!(safe.ends_with(cell.as_str()));
        }

        #[test]
        fn recognisers_take_any_text(cell in "\\PC{0,20}") {
            let _ = (unguarded(&cell), is_scientific(&cell), has_lost_its_zero(&cell), is_serial_date(&cell), is_local_date(&cell));
        }
    }
}
