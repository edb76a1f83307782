//! What happened to claims, letters, reviews and payments, as those whose they are may follow it.

use super::id::Id;
use super::text_enum::text_enum;

text_enum! {
    ChangeKind { Claim = "claim", Letter = "letter", Review = "review", Payment = "payment" }
}

/// It names no person: who may know more reads the object by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// None where it is for the city alone.
    pub facility_id: Option<Id>,
    pub kind: ChangeKind,
    pub object_id: Id,
    pub number: Option<String>,
    pub action: String,
    pub state: String,
}

/// Those of one stripe come in the order of their places; those of several are put in order by when they happened, without leaving one of a stripe behind for
/// a later one of it.
pub fn oldest_first<T>(stripes: Vec<Vec<T>>, at: impl Fn(&T) -> super::time::UtcTime, limit: usize) -> Vec<T> {
    let mut stripes: Vec<_> = stripes.into_iter().map(|stripe| stripe.into_iter().peekable()).collect();
    let mut merged = Vec::new();
    while merged.len() < limit {
        let heads = stripes.iter_mut().enumerate().filter_map(|(at_stripe, stripe)| Some((at(stripe.peek()?), at_stripe)));
        let Some(next) = heads.min().and_then(|(_, at_stripe)| stripes.get_mut(at_stripe)?.next()) else { break };
        merged.push(next);
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::time::UtcTime;

    fn at(second: i64) -> UtcTime {
        UtcTime::from_unix_millis(1_000 * second).unwrap()
    }

    #[test]
    fn the_older_comes_first_and_no_stripe_is_turned_around() {
        // What was begun early and committed late stands behind its stripe's others, whatever its instant.
        let merged = oldest_first(vec![vec![(0, 5), (0, 1)], vec![(1, 2), (1, 9)]], |(_, second)| at(*second), 3);
        assert_eq!(merged, [(1, 2), (0, 5), (0, 1)]);
    }

    proptest! {
        #[test]
        fn pages_miss_nothing_and_repeat_nothing(stripes in prop::collection::vec(prop::collection::vec(0_i64..20, 0..12), 0..5), limit in 1_usize..7) {
            let all: Vec<Vec<(usize, usize, i64)>> =
                stripes.iter().enumerate().map(|(stripe, seconds)| seconds.iter().enumerate().map(|(place, second)| (stripe, place, *second)).collect()).collect();
            let mut read: Vec<usize> = vec![0; all.len()];
            let mut seen = Vec::new();
            loop {
                let rest: Vec<Vec<_>> = all.iter().zip(&read).map(|(stripe, from)| stripe[*from..].iter().copied().take(limit).collect()).collect();
                let page = oldest_first(rest, |(.., second)| at(*second), limit);
                if page.is_empty() {
                    break;
                }
                for (stripe, place, _) in &page {
                    prop_assert_eq!(read[*stripe], *place);
                    read[*stripe] = place + 1;
                }
                seen.extend(page);
            }
            prop_assert_eq!(seen.len(), stripes.iter().map(Vec::len).sum::<usize>());
        }
    }
}
