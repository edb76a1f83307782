//! What is kept as sums, and what of sums about few people may be told.

use super::text_enum::text_enum;

text_enum! {
    /// What is counted together, and anew wherever something of it changed.
    Subject {
        /// Checks and visits of a facility on a day of service.
        Checks = "checks",
        /// Checks and visits of a month by where patients live.
        CheckPlaces = "check_places",
        /// People, families and enrolments of a village.
        Registry = "registry",
        /// Claims of a hospital admitted in a month.
        Claims = "claims",
        /// What the hospitals' sums of a month come to together, where there are too many to add up for each answer.
        ClaimTotals = "claim_totals",
        /// Claims of a month by where patients live, and their diagnoses.
        ClaimPlaces = "claim_places",
    }
}

impl Subject {
    /// Does a part of it span so many people that it is counted anew now and then rather than at once?
    pub const fn is_slow(self) -> bool {
        match self {
            Self::Checks | Self::Claims => false,
            Self::CheckPlaces | Self::Registry | Self::ClaimTotals | Self::ClaimPlaces => true,
        }
    }
}

/// A cell of fewer people is not told (api.md: cells by village, diagnosis or a person's attributes).
pub const FEWEST_PEOPLE: i64 = 5;

/// What is told of a cell about people: nothing where they are few, else the nearest multiples of five, up or down as a coin of the cell falls that nobody
/// outside can know. Whatever is summed up and subtracted of such cells, no small number comes out; and in the mean nothing is lost.
pub const fn published(counted: i64, people: i64, coin: u64) -> i64 {
    if people < FEWEST_PEOPLE {
        return 0;
    }
    let above = counted % FEWEST_PEOPLE;
    if (coin % FEWEST_PEOPLE as u64) < above as u64 { counted - above + FEWEST_PEOPLE } else { counted - above }
}

/// What is told of how many were not told: to the last one it would tell, beside an exact number of all, how few they were.
pub fn in_fives(counted: i64) -> Option<i64> {
    Some(counted - counted % FEWEST_PEOPLE).filter(|told| *told > 0)
}

/// What is told of an amount that belongs to what was counted: as much as the told ones would come to, in three digits. Told as it is, it would tell how many they
/// were, for many things have one price.
pub fn published_share(amount: i64, counted: i64, told: i64) -> i64 {
    if counted == 0 {
        return 0;
    }
    let share = i128::from(amount) * i128::from(told) / i128::from(counted);
    let mut unit = 1;
    while (share / unit).abs() >= 1_000 {
        unit *= 10;
    }
    let rounded = (share + share.signum() * unit / 2) / unit * unit;
    // The told ones are not twice as many, and no sum of the database comes near half of what fits.
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn how_many_were_not_told_is_never_told_to_the_last() {
        assert_eq!([0, 1, 4, 5, 9, 10, 14].map(in_fives), [None, None, None, Some(5), Some(5), Some(10), Some(10)]);
    }

    #[test]
    fn few_are_not_told_and_fives_are_told_as_they_are() {
        for (counted, people, coin, told) in
            [(4, 4, 0, 0), (9, 4, 0, 0), (5, 5, 0, 5), (10, 7, 4, 10), (7, 7, 0, 10), (7, 7, 1, 10), (7, 7, 2, 5), (7, 7, 4, 5), (0, 0, 0, 0)]
        {
            assert_eq!(published(counted, people, coin), told, "{counted} of {people} with {coin}");
        }
    }

    #[test]
    fn amounts_are_told_for_the_told_ones_in_three_digits() {
        for (amount, counted, told, share) in [
            (9_000_000, 4, 0, 0),
            (9_499_999, 5, 5, 9_500_000),
            (7_000_000, 7, 5, 5_000_000),
            (7_000_000, 7, 10, 10_000_000),
            (-1_234_567, 5, 5, -1_230_000),
            (999, 5, 5, 999),
            (0, 5, 5, 0),
            (0, 0, 0, 0),
            (i64::MAX / 2, 5, 5, 4_610_000_000_000_000_000),
        ] {
            assert_eq!(published_share(amount, counted, told), share, "{amount} of {counted} told as {told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_told_is_near_and_in_fives(counted in 5_i64..1_000_000, coin: u64) {
            let told = published(counted, counted, coin);
            prop_assert_eq!(told % 5, 0);
            prop_assert!((told - counted).abs() < 5);
        }

        #[test]
        fn with_one_coin_more_is_never_told_as_less(counted in 5_i64..1_000, more in 0_i64..20, coin: u64) {
            prop_assert!(published(counted + more, counted, coin) >= published(counted, counted, coin));
        }

        #[test]
        fn an_amount_is_told_as_near_as_its_count(amount in 0_i64..1_000_000_000_000, counted in 5_i64..10_000, coin: u64) {
            let told = published(counted, counted, coin);
            let share = published_share(amount, counted, told);
            let exact = amount as f64 * told as f64 / counted as f64;
            prop_assert!((share as f64 - exact).abs() <= (exact / 200.0).max(1.0), "{share} for {exact}");
        }

        #[test]
        fn over_all_coins_nothing_is_lost(counted in 5_i64..1_000_000) {
            prop_assert_eq!((0..5).map(|coin| published(counted, counted, coin)).sum::<i64>(), counted * 5);
        }
    }
}
