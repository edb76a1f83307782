//! How many failures someone may have before the door shuts, and for how long: those who guess at passwords and secrets.

use chrono::Duration;

use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// What is counted, and by whom.
    Scope {
        /// Guesses at the password of an account, from addresses that the account does not know.
        Account = "account",
        /// Guesses at the password of an account from one address that it knows: counted apart, so that strangers cannot shut this door.
        KnownAddress = "known_address",
        /// Guesses at any password from one address.
        Address = "address",
        /// Guesses at the secret of a system from one address.
        Client = "client",
        /// Guesses at the secret of any system from one address.
        ClientAddress = "client_address",
        /// Guesses at the current password by someone who is signed in.
        OwnPassword = "own_password",
        /// Guesses at the birth date that belongs to the number of a request for enrolment.
        Tracking = "tracking",
        /// Guesses at any such number from one address.
        TrackingAddress = "tracking_address",
        /// Guesses at the code of any message from one address.
        ConfirmationAddress = "confirmation_address",
    }
}

/// How much is let pass. Failures are forgotten after a window without any, so no window ever holds more than the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub most: i32,
    pub window: Duration,
    pub longest_lock: Duration,
}

/// What is known of one who failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// When the last one failed.
    pub window_start: UtcTime,
    pub failures: i32,
    /// How often the door was shut lately: each time it stays shut twice as long.
    pub locks: i32,
    pub locked_until: Option<UtcTime>,
}

impl Throttle {
    pub const fn fresh(now: UtcTime) -> Self {
        Self { window_start: now, failures: 0, locks: 0, locked_until: None }
    }

    /// The seconds for which the door stays shut.
    pub fn shut_for(&self, now: UtcTime) -> Option<u32> {
        let left = self.locked_until.filter(|until| now < *until)?.since(now);
        // Rounded up: who comes back when told must not find it shut.
        Some(u32::try_from((left.num_milliseconds() + 999) / 1000).unwrap_or(u32::MAX).max(1))
    }

    /// One more failure. The one that reaches the most shuts the door: for a window, then twice that, up to the longest.
    pub fn count(self, policy: &Policy, now: UtcTime) -> Self {
        let mut next = self.as_of(policy, now);
        next.failures += 1;
        next.window_start = now;
        if next.failures >= policy.most {
            next.locked_until = Some(now.plus(next.next_lock(policy)));
            next.locks += 1;
        }
        next
    }

    /// A failure that turned out to be none: guesses are counted before they are judged.
    pub fn take_back(self, policy: &Policy, now: UtcTime) -> Self {
        let reopens = self.shut_for(now).is_some() && self.failures <= policy.most;
        Self {
            failures: (self.failures - 1).max(0),
            locks: if reopens { (self.locks - 1).max(0) } else { self.locks },
            locked_until: if reopens { None } else { self.locked_until },
            ..self
        }
    }

    /// With everything forgotten that is over.
    fn as_of(self, policy: &Policy, now: UtcTime) -> Self {
        let lock_is_over = self.locked_until.is_some_and(|until| until <= now);
        let reformed = self.locked_until.is_none_or(|until| until.plus(policy.longest_lock) <= now);
        let window_is_over = self.window_start.plus(policy.window) <= now;
        Self {
            failures: if lock_is_over && self.failures >= policy.most || window_is_over { 0 } else { self.failures },
            locks: if reformed { 0 } else { self.locks },
            ..self
        }
    }

    fn next_lock(&self, policy: &Policy) -> Duration {
        let doubled = u32::try_from(self.locks).ok().and_then(|locks| 1_i32.checked_shl(locks)).filter(|factor| *factor > 0);
        doubled.and_then(|factor| policy.window.checked_mul(factor)).map_or(policy.longest_lock, |lock| lock.min(policy.longest_lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_unix_millis(seconds * 1000).unwrap()
    }

    const POLICY: Policy = Policy { most: 3, window: Duration::seconds(60), longest_lock: Duration::seconds(240) };

    #[test]
    fn each_lock_is_twice_the_last_up_to_the_longest_and_never_for_ever() {
        let (mut throttle, mut now, mut locks) = (Throttle::fresh(at(0)), 0, Vec::new());
        for _ in 0..5 {
            for _ in 0..3 {
                assert_eq!(throttle.shut_for(at(now)), None);
                throttle = throttle.count(&POLICY, at(now));
            }
            let until = throttle.locked_until.unwrap();
            locks.push(until.since(at(now)).num_seconds());
            now = until.unix_seconds();
        }
        assert_eq!(locks, [60, 120, 240, 240, 240]);
        // After as long a time without a lock the next one is short again.
        let later = at(now + 240);
        let again = (0..3).fold(throttle, |throttle, _| throttle.count(&POLICY, later));
        assert_eq!(again.shut_for(later), Some(60));
    }

    #[test]
    fn what_is_taken_back_was_never_counted() {
        let twice = Throttle::fresh(at(0)).count(&POLICY, at(0)).count(&POLICY, at(0));
        let locked = twice.count(&POLICY, at(0));
        assert!(locked.shut_for(at(0)).is_some());
        assert_eq!(locked.take_back(&POLICY, at(0)), twice);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_guesses_than_allowed(pauses in proptest::collection::vec(0_i64..200, 1..200)) {
            let (mut throttle, mut now, mut guesses) = (Throttle::fresh(at(0)), 0, Vec::new());
            for pause in pauses {
                now += pause;
                if throttle.shut_for(at(now)).is_none() {
                    guesses.push(now);
                    throttle = throttle.count(&POLICY, at(now));
                }
            }
            for first in &guesses {
                let within = guesses.iter().filter(|guess| (*first..*first + 60).contains(guess)).count();
                prop_assert!(within <= 3, "{within} guesses within a window in {guesses:?}");
            }
        }
    }
}
