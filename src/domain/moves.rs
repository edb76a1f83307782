//! Moves: where someone lived follows from the first registered stay, if there is one, and the dated moves after it, so that a move recorded in error
//! can be taken back. Whoever came without a name and a NIK has lived nowhere until they move in.

use chrono::NaiveDate;

use super::residency::{ResidencyPeriod, VillageCode};

/// Leaving the city, or coming to a village of it: from elsewhere, or from another of its villages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The first day of the new standing.
    pub date: NaiveDate,
    /// `None`: out of the city.
    pub to: Option<VillageCode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveFault {
    /// Nobody moves before they have lived somewhere.
    BeforeFirstStay,
    /// Someone who has left does not leave again.
    AlreadyAway,
}

/// All stays, by date, in whatever order the moves come.
pub fn after_moves(first: Option<&ResidencyPeriod>, moves: &[Move]) -> Result<Vec<ResidencyPeriod>, MoveFault> {
    let mut moves = moves.to_vec();
    // On the same day someone leaves one place before coming to the next.
    moves.sort_by_key(|a_move| (a_move.date, a_move.to.is_some()));
    let mut stays = Vec::with_capacity(moves.len() + 1);
    let mut stay = first.map(|first| ResidencyPeriod { until: None, ..*first });
    for Move { date, to } in moves {
        if first.is_some_and(|first| date <= first.from) {
            return Err(MoveFault::BeforeFirstStay);
        }
        match (stay, to) {
            (None, None) => return Err(MoveFault::AlreadyAway),
            // Two arrivals on one day: the later word stands.
            (Some(current), Some(_)) if current.from == date => {}
            (Some(current), _) => stays.push(ResidencyPeriod { until: date.pred_opt(), ..current }),
            (None, Some(_)) => {}
        }
        stay = to.map(|village_code| ResidencyPeriod { from: date, until: None, village_code });
    }
    stays.extend(stay);
    Ok(stays)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const HERE: &str = "3275011001";
    const THERE: &str = "3275021002";

    fn stay(from: &str, until: Option<&str>, village: &str) -> ResidencyPeriod {
        ResidencyPeriod { from: day(from), until: until.map(day), village_code: village.parse().unwrap() }
    }

    #[test]
    fn stays_follow_from_moves() {
        let first = stay("2015-03-01", None, HERE);
        let out = |date: &str| Move { date: day(date), to: None };
        let to = |date: &str, village: &str| Move { date: day(date), to: Some(village.parse().unwrap()) };
        for (moves, expected) in [
            (vec![], Ok(vec![stay("2015-03-01", None, HERE)])),
            (vec![out("2020-01-01")], Ok(vec![stay("2015-03-01", Some("2019-12-31"), HERE)])),
            (
                vec![to("2021-01-01", THERE), out("2020-01-01")],
                Ok(vec![stay("2015-03-01", Some("2019-12-31"), HERE), stay("2021-01-01", None, THERE)]),
            ),
            (vec![to("2020-01-01", THERE)], Ok(vec![stay("2015-03-01", Some("2019-12-31"), HERE), stay("2020-01-01", None, THERE)])),
            (
                vec![to("2020-01-01", THERE), out("2020-01-01")],
                Ok(vec![stay("2015-03-01", Some("2019-12-31"), HERE), stay("2020-01-01", None, THERE)]),
            ),
            (
                vec![to("2020-01-01", THERE), to("2020-01-01", HERE)],
                Ok(vec![stay("2015-03-01", Some("2019-12-31"), HERE), stay("2020-01-01", None, HERE)]),
            ),
            (vec![out("2020-01-01"), out("2020-02-01")], Err(MoveFault::AlreadyAway)),
            (vec![out("2015-03-01")], Err(MoveFault::BeforeFirstStay)),
            (vec![to("2014-01-01", THERE)], Err(MoveFault::BeforeFirstStay)),
        ] {
            assert_eq!(after_moves(Some(&first), &moves), expected, "{moves:?}");
        }
    }

    #[test]
    fn whoever_lived_nowhere_lives_where_they_move_in() {
        let (comes, goes) = (Move { date: day("2020-01-01"), to: Some(HERE.parse().unwrap()) }, Move { date: day("2021-01-01"), to: None });
        for (moves, expected) in [
            (vec![], Ok(vec![])),
            (vec![comes], Ok(vec![stay("2020-01-01", None, HERE)])),
            (vec![goes, comes], Ok(vec![stay("2020-01-01", Some("2020-12-31"), HERE)])),
            (vec![goes], Err(MoveFault::AlreadyAway)),
        ] {
            assert_eq!(after_moves(None, &moves), expected, "{moves:?}");
        }
    }

    proptest! {
        #[test]
        fn stays_never_overlap_and_only_the_last_is_open(moves in proptest::collection::vec((1i64..60, any::<bool>()), 0..8)) {
            let first = stay("2020-01-01", None, HERE);
            let moves: Vec<Move> = moves
                .into_iter()
                .map(|(offset, here)| Move { date: first.from + chrono::Duration::days(offset), to: here.then(|| HERE.parse().unwrap()) })
                .collect();
            let Ok(stays) = after_moves(Some(&first), &moves) else { return Ok(()) };
            prop_assert_eq!(stays[0].from, first.from);
            for pair in stays.windows(2) {
                prop_assert!(pair[0].until.is_some_and(|until| pair[0].from <= until && until < pair[1].from), "{:?}", stays);
            }
            let last = moves.iter().map(|a_move| (a_move.date, a_move.to.is_some())).max();
            prop_assert_eq!(stays.last().is_some_and(|stay| stay.until.is_none()), last.is_none_or(|(_, comes)| comes));
        }
    }
}
