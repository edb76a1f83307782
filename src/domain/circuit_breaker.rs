//! A circuit breaker: after several failures in a short time nobody waits for a service that is away; after a pause one call tries whether it is back.

use std::collections::VecDeque;

use chrono::Duration;

use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// `closed` lets every call through, `open` none, `half_open` one that tries.
    BreakerState { Closed = "closed", Open = "open", HalfOpen = "half_open" }
}

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// So many failures within the window open it.
    pub failures: usize,
    pub window: Duration,
    /// How long it stays open before a call may try.
    pub pause: Duration,
}

/// Leave to make one call. What became of it is told with the pass; one of an earlier state tells nothing about the present one.
#[derive(Debug)]
#[must_use = "a call whose end is not told leaves a half-open breaker waiting"]
pub struct Pass {
    generation: u64,
}

#[derive(Debug)]
pub struct Breaker {
    terms: Terms,
    state: BreakerState,
    /// Since when it is open, or a call tries.
    since: Option<UtcTime>,
    /// The failures of the window, while it is closed.
    failures: VecDeque<UtcTime>,
    /// Grows with every change of state.
    generation: u64,
}

impl Breaker {
    pub fn new(terms: Terms) -> Self {
        Self { terms, state: BreakerState::Closed, since: None, failures: VecDeque::new(), generation: 0 }
    }

    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Would a call be let through now? Asking takes no leave.
    pub fn would_admit(&self, now: UtcTime) -> bool {
        self.state == BreakerState::Closed || self.pause_is_over(now)
    }

    /// Leave for a call, or none while the service is given its pause.
    pub fn admit(&mut self, now: UtcTime) -> Option<Pass> {
        match self.state {
            BreakerState::Closed => {}
            // A call that tries and never tells its end must not keep it half open for ever.
            BreakerState::Open | BreakerState::HalfOpen if self.pause_is_over(now) => self.change(BreakerState::HalfOpen, Some(now)),
            BreakerState::Open | BreakerState::HalfOpen => return None,
        }
        Some(Pass { generation: self.generation })
    }

    /// The service answered, whatever it said.
    pub fn succeeded(&mut self, pass: Pass) {
        if pass.generation == self.generation && self.state == BreakerState::HalfOpen {
            self.change(BreakerState::Closed, None);
        }
    }

    /// It did not answer, or nothing that can be read.
    pub fn failed(&mut self, pass: Pass, now: UtcTime) {
        if pass.generation != self.generation {
            return;
        }
        match self.state {
            BreakerState::HalfOpen => self.change(BreakerState::Open, Some(now)),
            BreakerState::Closed => {
                self.failures.push_back(now);
                let window = self.terms.window;
                self.failures.retain(|at| now.since(*at) < window);
                if self.failures.len() >= self.terms.failures {
                    self.change(BreakerState::Open, Some(now));
                }
            }
            // No pass is given out while it is open.
            BreakerState::Open => {}
        }
    }

    fn pause_is_over(&self, now: UtcTime) -> bool {
        self.since.is_none_or(|since| now.since(since) >= self.terms.pause)
    }

    fn change(&mut self, state: BreakerState, since: Option<UtcTime>) {
        (self.state, self.since) = (state, since);
        self.failures.clear();
        self.generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use BreakerState::{Closed, HalfOpen, Open};

    const TERMS: Terms = Terms { failures: 3, window: Duration::seconds(30), pause: Duration::seconds(60) };

    fn at(second: i64) -> UtcTime {
        "2026-11-21T03:00:00Z".parse::<UtcTime>().unwrap().plus(Duration::seconds(second))
    }

    /// Makes calls as (second, does it answer) and tells, for each, whether it was let through and the state after it.
    fn after(calls: &[(i64, bool)]) -> Vec<(bool, BreakerState)> {
        let mut breaker = Breaker::new(TERMS);
        calls
            .iter()
            .map(|(second, answers)| {
                let pass = breaker.admit(at(*second));
                let through = pass.is_some();
                match pass {
                    Some(pass) if *answers => breaker.succeeded(pass),
                    Some(pass) => breaker.failed(pass, at(*second)),
                    None => {}
                }
                (through, breaker.state())
            })
            .collect()
    }

    #[test]
    fn it_opens_after_failures_and_closes_after_one_good_call() {
        type Case = (&'static str, &'static [(i64, bool)], &'static [(bool, BreakerState)]);
        let cases: [Case; 6] = [
            ("two failures are not enough", &[(0, false), (1, false), (2, true)], &[(true, Closed), (true, Closed), (true, Closed)]),
            ("the third opens", &[(0, false), (1, false), (2, false), (3, true)], &[(true, Closed), (true, Closed), (true, Open), (false, Open)]),
            (
                "old failures are forgotten",
                &[(0, false), (1, false), (30, false), (31, false)],
                &[(true, Closed), (true, Closed), (true, Closed), (true, Closed)],
            ),
            (
                "a good call closes",
                &[(0, false), (0, false), (0, false), (59, true), (60, true), (61, false)],
                &[(true, Closed), (true, Closed), (true, Open), (false, Open), (true, Closed), (true, Closed)],
            ),
            (
                "a bad one opens anew",
                &[(0, false), (0, false), (0, false), (60, false), (119, true), (120, true)],
                &[(true, Closed), (true, Closed), (true, Open), (true, Open), (false, Open), (true, Closed)],
            ),
            (
                "good calls between do not count",
                &[(0, false), (1, true), (2, false), (3, true), (4, false)],
                &[(true, Closed), (true, Closed), (true, Closed), (true, Closed), (true, Open)],
            ),
        ];
        for (what, calls, expected) in cases {
            assert_eq!(&after(calls)[..expected.len()], expected, "{what}");
        }
    }

    #[test]
    fn only_one_call_tries_and_one_that_is_lost_is_followed_by_another() {
        let mut breaker = Breaker::new(TERMS);
        let early = breaker.admit(at(0)).unwrap();
        for _ in 0..3 {
            let pass = breaker.admit(at(0)).unwrap();
            breaker.failed(pass, at(0));
        }
        breaker.succeeded(early);
        assert_eq!(breaker.state(), Open, "what began before it opened says nothing");
        let lost = breaker.admit(at(60)).unwrap();
        assert_eq!((breaker.state(), breaker.admit(at(119)).is_none()), (HalfOpen, true));
        let second = breaker.admit(at(120)).unwrap();
        breaker.failed(lost, at(120));
        assert_eq!(breaker.state(), HalfOpen, "the second one tells");
        breaker.succeeded(second);
        assert_eq!(breaker.state(), Closed);
    }

    proptest! {
        #[test]
        fn a_service_that_is_away_is_not_called_more_often_than_the_terms_say(gaps in prop::collection::vec(0..90i64, 1..200)) {
            let mut second = 0;
            let calls: Vec<(i64, bool)> = gaps.iter().map(|gap| { second += gap; (second, false) }).collect();
            let through = after(&calls);
            let mut opened_at: Option<i64> = None;
            for ((second, _), (through, state)) in calls.iter().zip(through) {
                if let Some(opened) = opened_at {
                    prop_assert_eq!(through, second - opened >= 60, "at {}", second);
                }
                if state == Open && (through || opened_at.is_none()) {
                    opened_at = Some(*second);
                }
            }
        }

        #[test]
        fn a_service_that_is_well_is_always_called(gaps in prop::collection::vec(0..90i64, 1..50)) {
            let mut second = 0;
            let calls: Vec<(i64, bool)> = gaps.iter().map(|gap| { second += gap; (second, true) }).collect();
            prop_assert!(after(&calls).iter().all(|call| *call == (true, Closed)));
        }
    }
}
