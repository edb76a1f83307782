//! Signals: what a person should look at, because brokers, forgers or mistakes leave such traces. A signal is never an answer: no rule reads one.
//!
//! The score says which to look at first. It is a pure function of the evidence: from 0 to 100, and never less for more of the same.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::eligibility::CareType;
use super::id::Id;
use super::nik::NikOddity;
use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    SignalKind {
        /// The family card changed or the residency began shortly before an enrolment was asked for.
        MovedBeforeRequest = "moved_before_request",
        /// The residency began shortly before a stay in hospital or an emergency.
        MovedBeforeCare = "moved_before_care",
        /// An enrolment was asked for while the person was in hospital.
        RequestWhileAdmitted = "request_while_admitted",
        ManyRequests = "many_requests",
        /// One telephone number on the cards of many families.
        SharedPhone = "shared_phone",
        SharedAddress = "shared_address",
        /// Two people with the same words in their names and the same birth date.
        LikelyDuplicate = "likely_duplicate",
        SequentialNiks = "sequential_niks",
        ImpossibleNik = "impossible_nik",
        /// Somebody looks up many whom nobody then treats or enrols.
        LookupsWithoutVisit = "lookups_without_visit",
        /// A card was shown that was never issued: the database, not the plastic, is the truth.
        CardNotInDatabase = "card_not_in_database",
        /// The participant answered that care in their name was not theirs.
        DeniedByParticipant = "denied_by_participant",
    }
}

text_enum! {
    SignalState { Open = "open", Cleared = "cleared", Confirmed = "confirmed" }
}

text_enum! {
    /// By what those who file were recognised as one.
    FilerMark { Nik = "nik", Account = "account" }
}

/// What was found: codes, dates, counts, thresholds and ids; no names and no numbers of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    MovedBeforeRequest {
        enrollment_id: Id,
        requested_on: NaiveDate,
        /// Where it lies in the window.
        resident_since: Option<NaiveDate>,
        /// On the present family card since; where it lies in the window.
        card_since: Option<NaiveDate>,
        days: i64,
        window_days: i64,
    },
    MovedBeforeCare {
        check_id: Id,
        care_type: CareType,
        service_date: NaiveDate,
        resident_since: NaiveDate,
        days: i64,
        window_days: i64,
    },
    RequestWhileAdmitted {
        enrollment_id: Id,
        requested_on: NaiveDate,
        /// The check that tells of the stay.
        check_id: Id,
        care_type: CareType,
        service_date: NaiveDate,
        days: i64,
        window_days: i64,
    },
    ManyRequests {
        by: FilerMark,
        /// The account, where it is one.
        account_id: Option<Id>,
        requests: i64,
        threshold: i64,
        window_days: i64,
        until: NaiveDate,
    },
    SharedPhone {
        cards: i64,
        threshold: i64,
    },
    SharedAddress {
        cards: i64,
        threshold: i64,
    },
    LikelyDuplicate {
        shared_words: i64,
        /// Of the longer of the two names.
        words: i64,
    },
    SequentialNiks {
        run: i64,
        threshold: i64,
        household_id: Option<Id>,
        registered_by: Option<Id>,
    },
    ImpossibleNik {
        oddities: Vec<NikOddity>,
    },
    LookupsWithoutVisit {
        account_id: Id,
        people: i64,
        threshold: i64,
        window_days: i64,
        until: NaiveDate,
    },
    CardNotInDatabase {
        times: i64,
        facilities: Vec<Id>,
        /// The last characters of the number: enough to know the plastic again.
        card_ending: String,
        first_at: UtcTime,
        last_at: UtcTime,
    },
    DeniedByParticipant {
        message_id: Id,
        letter_id: Option<Id>,
        /// Where it was billed.
        claim_id: Option<Id>,
        care_on: NaiveDate,
        /// The money is gone.
        paid: bool,
    },
}

impl Evidence {
    pub const fn kind(&self) -> SignalKind {
        match self {
            Self::MovedBeforeRequest { .. } => SignalKind::MovedBeforeRequest,
            Self::MovedBeforeCare { .. } => SignalKind::MovedBeforeCare,
            Self::RequestWhileAdmitted { .. } => SignalKind::RequestWhileAdmitted,
            Self::ManyRequests { .. } => SignalKind::ManyRequests,
            Self::SharedPhone { .. } => SignalKind::SharedPhone,
            Self::SharedAddress { .. } => SignalKind::SharedAddress,
            Self::LikelyDuplicate { .. } => SignalKind::LikelyDuplicate,
            Self::SequentialNiks { .. } => SignalKind::SequentialNiks,
            Self::ImpossibleNik { .. } => SignalKind::ImpossibleNik,
            Self::LookupsWithoutVisit { .. } => SignalKind::LookupsWithoutVisit,
            Self::CardNotInDatabase { .. } => SignalKind::CardNotInDatabase,
            Self::DeniedByParticipant { .. } => SignalKind::DeniedByParticipant,
        }
    }

    /// From 0 to 100. The nearer a move is to what followed it, the more; care counts more than a request, because a bed is where brokers wait. What is
    /// counted begins at its threshold with the score of its kind and nears 100 as it grows.
    pub fn score(&self) -> i32 {
        let score = match self {
            Self::MovedBeforeRequest { days, window_days, .. } => nearer(40, 80, *days, *window_days),
            Self::MovedBeforeCare { days, window_days, .. } => nearer(60, 100, *days, *window_days),
            Self::RequestWhileAdmitted { days, window_days, .. } => nearer(60, 90, *days, *window_days),
            Self::ManyRequests { requests, threshold, .. } => grown(30, *requests, *threshold),
            Self::SharedPhone { cards, threshold } => grown(30, *cards, *threshold),
            Self::SharedAddress { cards, threshold } => grown(20, *cards, *threshold),
            Self::LikelyDuplicate { shared_words, words } => match words - shared_words {
                ..=0 if *words > 1 => 80,
                ..=0 => 50,
                _ => 40,
            },
            Self::SequentialNiks { run, threshold, .. } => grown(40, *run, *threshold),
            Self::ImpossibleNik { oddities } => 40 + 20 * count(oddities.len()),
            Self::LookupsWithoutVisit { people, threshold, .. } => grown(30, *people, *threshold),
            // One may be a slip of the keyboard; several, or one card in several places, are not.
            Self::CardNotInDatabase { times, facilities, .. } => {
                20_i64.saturating_add(times.saturating_sub(1).saturating_mul(15)).saturating_add(20 * (count(facilities.len()) - 1).max(0))
            }
            // Somebody who would know says so: more than any pattern, and the more urgent the farther the money has gone.
            Self::DeniedByParticipant { paid: true, .. } => 95,
            Self::DeniedByParticipant { claim_id: Some(_), .. } => 90,
            Self::DeniedByParticipant { .. } => 80,
        };
        i32::try_from(score.clamp(0, 100)).unwrap_or(100)
    }

    /// What is known now that this was found and that was known of the same before.
    pub fn after(self, before: &Self) -> Self {
        match (self, before) {
            (
                Self::CardNotInDatabase { times, mut facilities, card_ending, first_at, last_at },
                Self::CardNotInDatabase { times: earlier, facilities: known, first_at: began, .. },
            ) => {
                facilities.extend(known);
                facilities.sort_unstable();
                facilities.dedup();
                let times = times.saturating_add(*earlier);
                Self::CardNotInDatabase { times, facilities, card_ending, first_at: first_at.min(*began), last_at }
            }
            (found, _) => found,
        }
    }

    /// Does it tell so much more than what is known of the same that this is worth writing down? What is counted tells it by another score or by twice as
    /// many: else the log would grow with every row of a file.
    pub fn outgrows(&self, known: &Self) -> bool {
        match (self, known) {
            (Self::ManyRequests { requests: new, .. }, Self::ManyRequests { requests: old, .. })
            | (Self::LookupsWithoutVisit { people: new, .. }, Self::LookupsWithoutVisit { people: old, .. })
            | (Self::SharedPhone { cards: new, .. }, Self::SharedPhone { cards: old, .. })
            | (Self::SharedAddress { cards: new, .. }, Self::SharedAddress { cards: old, .. })
            | (Self::SequentialNiks { run: new, .. }, Self::SequentialNiks { run: old, .. }) => {
                self.score() != known.score() || *new >= old.saturating_mul(2)
            }
            // Each time that a card is shown is told once, and would be lost.
            (new, known) => new != known,
        }
    }

    /// Does it tell something that whoever decided on that did not see? Of what is counted: as much again as the threshold, or all of it since then.
    pub fn adds_to(&self, decided: &Self) -> bool {
        match (self, decided) {
            // What was found is one more time.
            (Self::CardNotInDatabase { .. }, Self::CardNotInDatabase { .. }) => true,
            (Self::MovedBeforeRequest { enrollment_id: new, .. }, Self::MovedBeforeRequest { enrollment_id: seen, .. })
            | (Self::RequestWhileAdmitted { enrollment_id: new, .. }, Self::RequestWhileAdmitted { enrollment_id: seen, .. }) => new != seen,
            (Self::MovedBeforeCare { resident_since: new, .. }, Self::MovedBeforeCare { resident_since: seen, .. }) => new != seen,
            (
                Self::ManyRequests { requests: new, threshold, window_days, until, .. },
                Self::ManyRequests { requests: seen, until: decided_until, .. },
            )
            | (
                Self::LookupsWithoutVisit { people: new, threshold, window_days, until, .. },
                Self::LookupsWithoutVisit { people: seen, until: decided_until, .. },
            ) => *new >= seen.saturating_add(*threshold) || (*until - *decided_until).num_days() >= *window_days,
            (Self::SharedPhone { cards: new, threshold }, Self::SharedPhone { cards: seen, .. })
            | (Self::SharedAddress { cards: new, threshold }, Self::SharedAddress { cards: seen, .. })
            | (Self::SequentialNiks { run: new, threshold, .. }, Self::SequentialNiks { run: seen, .. }) => *new >= seen.saturating_add(*threshold),
            (new, seen) => new != seen,
        }
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 100)
}

/// From `least` at the end of the window to `most` on its first day.
fn nearer(least: i64, most: i64, days: i64, window: i64) -> i64 {
    let window = window.max(1);
    least + (most - least) * (window - days.clamp(0, window)) / window
}

/// `least` at the threshold, towards 100 with every further one: half of the way at twice as many.
fn grown(least: i64, count: i64, threshold: i64) -> i64 {
    let over = i128::from(count.saturating_sub(threshold).max(0));
    let share = i128::from(100 - least) * over / i128::from(count.max(1));
    least + i64::try_from(share).unwrap_or(100)
}

/// A move that lies so shortly before a date that it is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentMove {
    pub resident_since: Option<NaiveDate>,
    pub card_since: Option<NaiveDate>,
    /// Days between the later of them and the date.
    pub days: i64,
}

/// Did someone come to live here, or onto their family card, less than so many days before this date? Who was born here did not move.
pub fn recent_move(
    born: Option<NaiveDate>,
    resident_since: Option<NaiveDate>,
    card_since: Option<NaiveDate>,
    on: NaiveDate,
    window_days: i64,
) -> Option<RecentMove> {
    let recent = |since: &NaiveDate| (0..window_days).contains(&(on - *since).num_days()) && born.is_none_or(|born| born < *since);
    let (resident_since, card_since) = (resident_since.filter(recent), card_since.filter(recent));
    let latest = resident_since.max(card_since)?;
    Some(RecentMove { resident_since, card_since, days: (on - latest).num_days() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const ONE: Id = Id::from_bytes([1; 16]);
    const OTHER: Id = Id::from_bytes([2; 16]);

    fn moved_before_request(days: i64) -> Evidence {
        let requested_on = day("2026-11-21");
        Evidence::MovedBeforeRequest { enrollment_id: ONE, requested_on, resident_since: None, card_since: None, days, window_days: 180 }
    }

    fn moved_before_care(days: i64) -> Evidence {
        let service_date = day("2026-11-21");
        let resident_since = service_date - chrono::Duration::days(days);
        Evidence::MovedBeforeCare { check_id: ONE, care_type: CareType::Inpatient, service_date, resident_since, days, window_days: 180 }
    }

    fn many_requests(requests: i64, until: &str) -> Evidence {
        Evidence::ManyRequests { by: FilerMark::Nik, account_id: None, requests, threshold: 5, window_days: 30, until: day(until) }
    }

    fn card(times: i64, facilities: &[Id]) -> Evidence {
        let at = "2026-11-21T03:00:00Z".parse().unwrap();
        Evidence::CardNotInDatabase { times, facilities: facilities.to_vec(), card_ending: "123".into(), first_at: at, last_at: at }
    }

    fn denied(claim_id: Option<Id>, paid: bool) -> Evidence {
        Evidence::DeniedByParticipant { message_id: ONE, letter_id: Some(ONE), claim_id, care_on: day("2026-11-18"), paid }
    }

    #[test]
    fn scores_of_evidence() {
        for (evidence, score) in [
            (moved_before_request(0), 80),
            (moved_before_request(90), 60),
            (moved_before_request(179), 40),
            (moved_before_care(0), 100),
            (moved_before_care(10), 97),
            (moved_before_care(179), 60),
            (many_requests(5, "2026-11-21"), 30),
            (many_requests(10, "2026-11-21"), 65),
            (many_requests(i64::MAX, "2026-11-21"), 99),
            (Evidence::SharedPhone { cards: 749_820, threshold: 5 }, 99),
            (Evidence::SharedPhone { cards: 5, threshold: 5 }, 30),
            (Evidence::SharedAddress { cards: 10, threshold: 5 }, 60),
            (Evidence::LikelyDuplicate { shared_words: 3, words: 3 }, 80),
            (Evidence::LikelyDuplicate { shared_words: 1, words: 1 }, 50),
            (Evidence::LikelyDuplicate { shared_words: 2, words: 3 }, 40),
            (Evidence::SequentialNiks { run: 6, threshold: 3, household_id: None, registered_by: None }, 70),
            (Evidence::ImpossibleNik { oddities: vec![NikOddity::ImpossibleDate] }, 60),
            (Evidence::ImpossibleNik { oddities: vec![NikOddity::ImpossibleDate, NikOddity::SerialZero, NikOddity::RegionUnknown] }, 100),
            (card(1, &[ONE]), 20),
            (card(1, &[]), 20),
            (card(2, &[ONE]), 35),
            (card(2, &[ONE, OTHER]), 55),
            (card(i64::MAX, &[ONE, OTHER]), 100),
            (denied(None, false), 80),
            (denied(Some(OTHER), false), 90),
            (denied(Some(OTHER), true), 95),
        ] {
            assert_eq!(evidence.score(), score, "{evidence:?}");
        }
    }

    #[test]
    fn what_a_decision_has_not_seen() {
        let duplicate = |shared_words| Evidence::LikelyDuplicate { shared_words, words: 3 };
        let phone = |cards| Evidence::SharedPhone { cards, threshold: 5 };
        for (new, decided, adds) in [
            (moved_before_request(3), moved_before_request(3), false),
            (moved_before_care(10), moved_before_care(10), false),
            (moved_before_care(9), moved_before_care(10), true),
            (phone(14), phone(10), false),
            (phone(15), phone(10), true),
            (many_requests(9, "2026-11-21"), many_requests(5, "2026-11-20"), false),
            (many_requests(10, "2026-11-21"), many_requests(5, "2026-11-20"), true),
            (many_requests(5, "2026-12-20"), many_requests(5, "2026-11-20"), true),
            (many_requests(5, "2026-12-19"), many_requests(5, "2026-11-20"), false),
            (duplicate(2), duplicate(2), false),
            (duplicate(3), duplicate(2), true),
            (card(1, &[ONE]), card(1, &[ONE]), true),
            (denied(None, false), denied(None, false), false),
            (denied(Some(OTHER), true), denied(Some(OTHER), false), true),
        ] {
            assert_eq!(new.adds_to(&decided), adds, "{new:?} after {decided:?}");
        }
    }

    #[test]
    fn what_is_worth_writing_down_again() {
        let phone = |cards| Evidence::SharedPhone { cards, threshold: 5 };
        for (new, known, outgrows) in [
            (many_requests(2_001, "2026-11-21"), many_requests(2_000, "2026-11-20"), false),
            (many_requests(4_000, "2026-11-21"), many_requests(2_000, "2026-11-20"), true),
            (many_requests(6, "2026-11-21"), many_requests(5, "2026-11-21"), true),
            (phone(400_000), phone(200_001), false),
            (phone(400_002), phone(200_001), true),
            (phone(6), phone(10), true),
            (card(1_001, &[ONE]), card(1_000, &[ONE]), true),
            (moved_before_care(9), moved_before_care(10), true),
            (moved_before_care(9), moved_before_care(9), false),
        ] {
            assert_eq!(new.outgrows(&known), outgrows, "{new:?} after {known:?}");
        }
    }

    #[test]
    fn a_card_that_is_shown_again_is_counted() {
        assert_eq!(card(1, &[OTHER]).after(&card(2, &[ONE])), card(3, &[ONE, OTHER]));
        assert_eq!(moved_before_care(3).after(&moved_before_care(9)), moved_before_care(3));
    }

    #[test]
    fn who_moved_shortly_before() {
        for (born, resident, card, found) in [
            ("1990-02-15", Some("2026-11-11"), Some("2026-11-11"), Some((true, true, 10))),
            ("1990-02-15", Some("2015-03-01"), Some("2026-11-11"), Some((false, true, 10))),
            ("1990-02-15", Some("2026-05-26"), Some("2026-05-26"), Some((true, true, 179))),
            ("1990-02-15", Some("2026-05-25"), Some("2026-05-25"), None),
            ("1990-02-15", Some("2026-11-22"), None, None),
            ("1990-02-15", None, None, None),
            ("2026-11-11", Some("2026-11-11"), Some("2026-11-11"), None),
        ] {
            let moved = recent_move(Some(day(born)), resident.map(day), card.map(day), day("2026-11-21"), 180);
            assert_eq!(moved.map(|moved| (moved.resident_since.is_some(), moved.card_since.is_some(), moved.days)), found, "{resident:?} {card:?}");
        }
    }

    proptest! {
        #[test]
        fn a_score_stays_within_its_bounds_and_grows_with_the_evidence(
            less in 0i64..1_000_000, more in 0i64..1_000_000, threshold in 1i64..1_000, window_days in 1i64..1_000, places in 0usize..6
        ) {
            let (less, more) = (less.min(more), less.max(more));
            let until = day("2026-11-21");
            let facilities: Vec<Id> = (0..=5u8).map(|at| Id::from_bytes([at; 16])).collect();
            let counted = |n: i64| [
                Evidence::ManyRequests { by: FilerMark::Nik, account_id: None, requests: n, threshold, window_days, until },
                Evidence::SharedPhone { cards: n, threshold },
                Evidence::SharedAddress { cards: n, threshold },
                Evidence::SequentialNiks { run: n, threshold, household_id: None, registered_by: None },
                Evidence::LookupsWithoutVisit { account_id: ONE, people: n, threshold, window_days, until },
                card(n, &facilities[..places]),
            ];
            for (small, large) in counted(less).into_iter().zip(counted(more)) {
                prop_assert!((0..=100).contains(&small.score()) && small.score() <= large.score(), "{:?} and {:?}", small, large);
            }
            prop_assert!(card(less, &facilities[..places]).score() <= card(less, &facilities[..=places]).score());
            let near = |days: i64| [
                Evidence::MovedBeforeRequest { enrollment_id: ONE, requested_on: until, resident_since: None, card_since: None, days, window_days },
                Evidence::RequestWhileAdmitted {
                    enrollment_id: ONE, requested_on: until, check_id: ONE, care_type: CareType::Emergency, service_date: until, days, window_days,
                },
            ];
            for (nearer, farther) in near(less).into_iter().zip(near(more)) {
                prop_assert!((0..=100).contains(&nearer.score()) && nearer.score() >= farther.score(), "{:?} and {:?}", nearer, farther);
            }
        }

        #[test]
        fn evidence_reads_as_it_was_written(times in 0i64..100, oddities in prop::collection::vec(prop::sample::select(NikOddity::ALL), 0..4)) {
            for evidence in [card(times, &[ONE]), Evidence::ImpossibleNik { oddities }, moved_before_care(times)] {
                let text = serde_json::to_value(&evidence).unwrap();
                prop_assert_eq!(&text["kind"], evidence.kind().as_str());
                prop_assert_eq!(serde_json::from_value::<Evidence>(text).unwrap(), evidence);
            }
        }
    }
}
