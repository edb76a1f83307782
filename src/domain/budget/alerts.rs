//! When finance is told that a pot is being used up.

use crate::domain::rupiah::Rupiah;

/// How far below a threshold the use must fall, in per cent of the ceiling, before reaching it again is told again. Letters lapse and are issued all
/// day; without it a pot that stands at its threshold would tell of every one.
const APART: i128 = 1;

/// The thresholds that are reached now and were not before, and the threshold that stands from now on (0: none).
pub fn crossed(percents: &[i32], standing: i32, used: Rupiah, ceiling: Rupiah) -> (i32, Vec<i32>) {
    let reached = |percent: i128| used > Rupiah::ZERO && i128::from(used.0) * 100 >= i128::from(ceiling.0) * percent;
    let mut raised: Vec<i32> = percents.iter().copied().filter(|percent| *percent > standing && reached((*percent).into())).collect();
    raised.sort_unstable();
    let held = percents.iter().copied().filter(|percent| *percent <= standing && reached(i128::from(*percent) - APART));
    (raised.last().copied().or_else(|| held.max()).unwrap_or(0), raised)
}

/// The thresholds as a setting has them, `50,75,90,100`: each once, smallest first.
pub fn percents(text: &str) -> Option<Vec<i32>> {
    let read: Option<Vec<i32>> = text.split(',').map(|word| word.trim().parse().ok().filter(|percent| (1..=1_000).contains(percent))).collect();
    read.filter(|percents| percents.is_sorted_by(|one, next| one < next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_told_once_until_the_use_has_fallen_well_below_it() {
        let mut standing = 0;
        for (used, expected) in [
            (0, &[][..]),
            (499, &[]),
            (500, &[50]),
            (501, &[]),
            (499, &[]),
            (500, &[]),
            // More than one per cent below: it may be told again.
            (489, &[]),
            (500, &[50]),
            (950, &[75, 90]),
            (1_200, &[100]),
            (5_000, &[]),
            (895, &[]),
            (1_000, &[100]),
            (-10, &[]),
            (1_000, &[50, 75, 90, 100]),
        ] {
            let (level, raised) = crossed(&[50, 75, 90, 100], standing, Rupiah(used), Rupiah(1_000));
            assert_eq!(raised, expected, "{used} while {standing} stands");
            standing = level;
        }
    }

    #[test]
    fn a_pot_without_money_is_used_up_by_anything() {
        assert_eq!(crossed(&[50, 100], 0, Rupiah(1), Rupiah::ZERO), (100, vec![50, 100]));
        assert_eq!(crossed(&[50, 100], 0, Rupiah::ZERO, Rupiah::ZERO), (0, vec![]));
        assert_eq!(crossed(&[50, 100], 0, Rupiah(i64::MAX), Rupiah(i64::MAX)), (100, vec![50, 100]));
    }

    #[test]
    fn thresholds_are_percents_in_order() {
        assert_eq!(percents("50, 75,90,100"), Some(vec![50, 75, 90, 100]));
        for text in ["", "50,", "50,50", "90,75", "0", "-1", "x", "50;75", "1001"] {
            assert_eq!(percents(text), None, "{text}");
        }
    }
}
