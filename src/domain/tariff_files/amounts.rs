//! Amounts as people write them: `Rp 2.000.000,00`, `2.000.000,-`, `2000000`, and numbers of a workbook.

use super::FaultCode;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::HIGHEST;

/// Finer than this a number of a workbook is what computing in binary left of it.
const DIGITS: usize = 6;
const MILLION: i128 = 1_000_000;

/// How a file writes its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The sign before a fraction; the other one of `.` and `,` sets off thousands.
    pub decimal: char,
    /// The amount is so many per cent of the figure.
    pub percent: u32,
    /// Fractions of a rupiah are rounded rather than told.
    pub round: bool,
}

impl Numbers {
    /// The amount of a text.
    pub fn of_text(self, text: &str) -> Result<Rupiah, FaultCode> {
        let bare = text.trim().trim_end_matches(",-").trim_end_matches(".-");
        let bare = ["rp.", "rp", "idr"].iter().find_map(|sign| strip(bare, sign)).unwrap_or(bare);
        let thousands = if self.decimal == ',' { '.' } else { ',' };
        // Some lists set thousands off with spaces, broken or not.
        let bare: String = bare.trim().chars().map(|letter| if letter.is_whitespace() { thousands } else { letter }).collect();
        let (whole, fraction) = match bare.split_once(self.decimal) {
            // A fraction has one or two digits: three of them are thousands that the mapping takes for a fraction.
            Some((whole, fraction)) if (1..=2).contains(&fraction.len()) => (whole, fraction),
            Some(_) => return Err(FaultCode::AmountFormat),
            None => (bare.as_str(), ""),
        };
        let digits = ungrouped(whole, thousands).ok_or(FaultCode::AmountFormat)?;
        self.of_digits(&digits, fraction)
    }

    /// The amount of a number, whose shortest text is exact enough.
    pub fn of_number(self, number: f64) -> Result<Rupiah, FaultCode> {
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        self.of_digits(whole, fraction)
    }

    fn of_digits(self, whole: &str, fraction: &str) -> Result<Rupiah, FaultCode> {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return Err(FaultCode::AmountFormat);
        }
        if whole.len() > 15 {
            return Err(FaultCode::AmountOutOfRange);
        }
        let number = |digits: &str| digits.parse::<i128>().map_err(|_| FaultCode::AmountFormat);
        // One digit more than is kept, to round by.
        let fine = format!("{fraction:0<width$.width$}", width = DIGITS + 1);
        let millionths = number(whole)? * MILLION + (number(&fine)? + 5) / 10;
        if millionths % MILLION != 0 && !self.round {
            return Err(FaultCode::AmountNotWhole);
        }
        let rupiah = (millionths * i128::from(self.percent) / 100 + MILLION / 2) / MILLION;
        match i64::try_from(rupiah) {
            Ok(rupiah) if (1..=HIGHEST.0).contains(&rupiah) => Ok(Rupiah(rupiah)),
            Ok(_) | Err(_) => Err(FaultCode::AmountOutOfRange),
        }
    }
}

fn strip<'a>(text: &'a str, sign: &str) -> Option<&'a str> {
    text.get(..sign.len()).filter(|head| head.eq_ignore_ascii_case(sign)).and_then(|_| text.get(sign.len()..))
}

/// Digits without the signs between thousands, if these stand where they belong: every three digits, or not at all.
fn ungrouped(text: &str, sign: char) -> Option<String> {
    let mut groups = text.split(sign);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_grouped = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    is_grouped.then(|| std::iter::once(first).chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INDONESIAN: Numbers = Numbers { decimal: ',', percent: 100, round: false };

    #[test]
    fn an_amount_is_read_as_it_is_written_or_not_at_all() {
        use FaultCode::{AmountFormat, AmountNotWhole, AmountOutOfRange};
        for (text, amount) in [
            ("2000000", Ok(2_000_000)),
            ("2.000.000,00", Ok(2_000_000)),
            ("Rp 2.000.000,00", Ok(2_000_000)),
            ("Rp. 2.000.000,-", Ok(2_000_000)),
            ("rp2.000.000.-", Ok(2_000_000)),
            ("IDR 2 000 000", Ok(2_000_000)),
            ("12 34", Err(AmountFormat)),
            ("2\u{a0}000\u{a0}000", Ok(2_000_000)),
            (" 750 ", Ok(750)),
            ("0750", Ok(750)),
            ("2,000,000", Err(AmountFormat)),
            ("2,000,000.00", Err(AmountFormat)),
            ("2,000", Err(AmountFormat)),
            ("2.00", Err(AmountFormat)),
            ("2.0000", Err(AmountFormat)),
            ("20.00.000", Err(AmountFormat)),
            (".000", Err(AmountFormat)),
            ("2.000.000,50", Err(AmountNotWhole)),
            ("-2.000", Err(AmountFormat)),
            ("(2.000)", Err(AmountFormat)),
            ("2E+06", Err(AmountFormat)),
            ("dua juta", Err(AmountFormat)),
            ("2.000.000 + 1", Err(AmountFormat)),
            ("Rp", Err(AmountFormat)),
            ("", Err(AmountFormat)),
            ("١٢٣", Err(AmountFormat)),
            ("0", Err(AmountOutOfRange)),
            ("1.000.000.000.000", Ok(1_000_000_000_000)),
            ("1.000.000.000.001", Err(AmountOutOfRange)),
            ("99999999999999999999999999999999999999999999", Err(AmountOutOfRange)),
        ] {
            assert_eq!(INDONESIAN.of_text(text), amount.map(Rupiah), "{text:?}");
        }
        let american = Numbers { decimal: '.', ..INDONESIAN };
        for (text, amount) in [("2,000,000.00", Ok(2_000_000)), ("2.000.000", Err(AmountFormat)), ("2.000", Err(AmountFormat)), ("2,000", Ok(2_000))]
        {
            assert_eq!(american.of_text(text), amount.map(Rupiah), "{text:?}");
        }
    }

    #[test]
    fn numbers_of_a_workbook_are_whole_or_told() {
        use FaultCode::{AmountFormat, AmountNotWhole, AmountOutOfRange};
        for (number, amount) in [
            (2_000_000.0, Ok(2_000_000)),
            (4_571_000.0 * 1.08, Ok(4_936_680)),
            (0.1 + 0.2, Err(AmountNotWhole)),
            (2_000_000.5, Err(AmountNotWhole)),
            (-1.0, Err(AmountFormat)),
            (0.0, Err(AmountOutOfRange)),
            (1e30, Err(AmountOutOfRange)),
            (f64::NAN, Err(AmountFormat)),
            (f64::INFINITY, Err(AmountFormat)),
        ] {
            assert_eq!(INDONESIAN.of_number(number), amount.map(Rupiah), "{number}");
        }
    }

    #[test]
    fn a_percentage_and_a_rounding_are_those_of_the_mapping() {
        let at = |percent, round| Numbers { percent, round, ..INDONESIAN };
        for (numbers, text, amount) in [
            (at(75, false), "2.000.000", Ok(1_500_000)),
            (at(75, false), "2.000.001", Ok(1_500_001)),
            (at(75, false), "2,50", Err(FaultCode::AmountNotWhole)),
            (at(100, true), "2.000.000,49", Ok(2_000_000)),
            (at(100, true), "2.000.000,50", Ok(2_000_001)),
            (at(108, true), "1.000,50", Ok(1_081)),
        ] {
            assert_eq!(numbers.of_text(text), amount.map(Rupiah), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_we_write_we_read(amount in 1..=HIGHEST.0) {
            prop_assert_eq!(INDONESIAN.of_text(&Rupiah(amount).to_string()), Ok(Rupiah(amount)));
            prop_assert_eq!(INDONESIAN.of_number(amount as f64), Ok(Rupiah(amount)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}", number in any::<f64>()) {
            let _ = (INDONESIAN.of_text(&text), INDONESIAN.of_number(number));
        }
    }
}
