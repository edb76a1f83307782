//! How service levels are counted: answers by how long they took, and minutes in which the service was ready.

use std::sync::LazyLock;

use super::figures::quantile;

/// A check is to be answered within this (domain report 6.8 asks for less at most hours; people at a counter notice more).
pub const TARGET_US: i64 = 200_000;
const SHORTEST_US: i64 = 100;
const LONGEST_US: i64 = 60_000_000;

/// How long an answer may take to be counted in each bucket, in microseconds: each bound is a tenth above the one before, so that a quantile is right
/// to a tenth. What took longer than the last is counted in it.
pub static BOUNDS: LazyLock<Vec<i64>> = LazyLock::new(|| {
    let mut bounds = vec![SHORTEST_US];
    let mut last = SHORTEST_US;
    while last < LONGEST_US {
        let next = last + last / 10;
        // The target is a bound itself, so that what kept it is counted exactly.
        last = if last < TARGET_US && next > TARGET_US { TARGET_US } else { next };
        bounds.push(last);
    }
    bounds
});

/// The bucket of an answer.
pub fn bucket(microseconds: i64) -> usize {
    BOUNDS.partition_point(|bound| *bound < microseconds).min(BOUNDS.len() - 1)
}

/// Answers of a month or of several by the bounds of their buckets, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(pub Vec<(i64, i64)>);

impl Answers {
    pub fn count(&self) -> i64 {
        self.0.iter().map(|(_, answers)| answers).sum()
    }

    pub fn quantile(&self, percent: i64) -> Option<i64> {
        quantile(&self.0, percent)
    }

    /// How many of a thousand came within the target.
    pub fn within_target(&self) -> Option<i64> {
        let within: i64 = self.0.iter().filter(|(bound, _)| *bound <= TARGET_US).map(|(_, answers)| answers).sum();
        (self.count() > 0).then(|| within * 1_000 / self.count())
    }
}

/// Minutes in which the service was ready, of all minutes in which it could have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minutes {
    pub ready: i64,
    pub all: i64,
}

impl Minutes {
    /// Minutes of a stretch from its first to the one before `end`, as far as anything was recorded since `began`.
    pub fn between(first: i64, end: i64, began: i64, ready: i64) -> Self {
        // The minute that runs is ready before it is over.
        Self { ready, all: (end - first.max(began)).max(ready) }
    }

    pub fn per_mille(self) -> Option<i64> {
        (self.all > 0).then(|| self.ready * 1_000 / self.all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bounds_rise_by_a_tenth_and_have_the_target_among_them() {
        assert!(BOUNDS.windows(2).all(|pair| pair[0] < pair[1] && pair[1] * 10 <= pair[0] * 11), "{:?}", *BOUNDS);
        assert!(BOUNDS.contains(&TARGET_US) && BOUNDS.len() < 200);
    }

    #[test]
    fn the_minute_that_runs_counts_when_it_was_ready() {
        for ((first, end, began, ready), (all, per_mille)) in [
            ((100, 200, 0, 100), (100, Some(1_000))),
            ((100, 200, 150, 40), (50, Some(800))),
            ((100, 150, 150, 1), (1, Some(1_000))),
            ((100, 100, 100, 0), (0, None)),
            ((100, 90, 0, 0), (0, None)),
        ] {
            let minutes = Minutes::between(first, end, began, ready);
            assert_eq!((minutes.all, minutes.per_mille()), (all, per_mille));
        }
    }

    proptest! {
        #[test]
        fn an_answer_is_at_most_a_tenth_faster_than_its_bucket_says(took in SHORTEST_US..LONGEST_US) {
            let bound = BOUNDS[bucket(took)];
            prop_assert!(took <= bound && bound * 10 <= took * 11 + 10, "{took} in {bound}");
        }

        #[test]
        fn what_keeps_the_target_is_counted_exactly(times in prop::collection::vec(1_i64..400_000, 1..100)) {
            let mut counted = vec![0; BOUNDS.len()];
            times.iter().for_each(|took| counted[bucket(*took)] += 1);
            let answers = Answers(BOUNDS.iter().copied().zip(counted).collect());
            let within = times.iter().filter(|took| **took <= TARGET_US).count() as i64;
            prop_assert_eq!(answers.within_target(), Some(within * 1_000 / times.len() as i64));
        }
    }
}
