//! What happens in a year at the two hospitals of a made-up city: who comes when, with what, and how it will go. The same seed and date give the same year.

use chrono::{Datelike, Days, NaiveDate};

use super::chance::Chance;
use super::histories::day;
use super::{Person, heroes};
use crate::domain::jkn::JknState;
use crate::domain::kk::KkNumber;

/// So many people for a case a month at each hospital, as far as the bounds allow.
const PEOPLE_A_CASE: usize = 500;
const FEWEST: u32 = 2;
const MOST: u32 = 20;
/// Streams of chance beside those of the households, which count up from 0.
const STREAM: u64 = 1 << 40;
/// Days of residence before the year, so that a whole year is covered: the rules ask for six months.
const SETTLED_DAYS: u64 = 200;

/// Where somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The city's own hospital, for all kinds of care.
    Municipal,
    /// A private one without a contract, for emergencies.
    Private,
}

impl Place {
    pub const ALL: [Self; 2] = [Self::Municipal, Self::Private];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stay {
        nights: u64,
    },
    /// With a referral.
    Outpatient,
    Emergency {
        under_letter: bool,
    },
}

/// What comes of it beside the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Usual,
    /// The insurance covers the patient, and the check says so.
    Uncovered,
    /// The letter is taken back before anybody came.
    Cancelled,
    /// The papers that the letter waits for never come.
    Lapsed,
    /// The participant says that it was somebody else.
    Denied,
}

/// How a verifier decides, where one has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Approve,
    ApprovePartly,
    Reject,
    Return,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub place: Place,
    /// Nothing is the matter with it, so that every payment has something to pay.
    pub is_plain: bool,
    pub arrives_on: NaiveDate,
    /// Of the day.
    pub minute: i64,
    pub kind: Kind,
    pub diagnosis: &'static str,
    pub tariff_code: &'static str,
    pub fate: Fate,
    /// A number from which the patient is drawn.
    pub patient: u32,
    /// Of the tariff.
    pub claimed_percent: i64,
    pub cost_percent: i64,
    pub billed_after: u64,
    /// The papers that the rules demand come with the first bill.
    pub with_papers: bool,
    /// Where they do not: nobody says so, and the clock says that they are complete.
    pub left_to_the_clock: bool,
    pub decided_after: u64,
    pub word: Word,
    pub mended_after: u64,
    /// The hospital objects where it gets less.
    pub objects: bool,
}

const STAYS: &[(u32, (&str, &str))] =
    &[(4, ("J18.9", "J-4-16-I")), (3, ("A97.0", "A-4-14-I")), (3, ("A01.0", "A-4-14-II")), (1, ("N20.0", "A-4-14-I"))];
const VISITS: &[(u32, (&str, &str))] = &[(3, ("E11.9", "Q-5-44-0")), (2, ("J44.9", "RJ-002")), (2, ("N20.0", "RJ-004")), (2, ("I50.9", "RJ-001"))];
const EMERGENCIES: &[(u32, (&str, &str))] =
    &[(3, ("J45.9", "IGD-001")), (2, ("N20.0", "IGD-001")), (2, ("A97.0", "IGD-001")), (1, ("K35.8", "IGD-003"))];

/// The year up to a day, in order.
pub fn year(seed: u64, participants: usize, today: NaiveDate) -> Vec<Episode> {
    let from = begins(today);
    let mut episodes = Vec::new();
    let mut month = from.with_day(1).unwrap_or(from);
    while month <= today {
        for place in Place::ALL {
            let stream = STREAM | u64::from(month.year().unsigned_abs()) << 8 | u64::from(month.month()) << 1 | u64::from(place == Place::Private);
            let mut chance = Chance::of(seed, stream);
            let count = cases(&mut chance, participants, month.month());
            episodes.extend((0..count).map(|number| episode(&mut chance, place, month, number)));
        }
        month = month.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX);
    }
    episodes.retain(|episode| episode.arrives_on >= from && episode.arrives_on <= today);
    episodes.sort_by_key(|episode| (episode.arrives_on, episode.minute, episode.place));
    mark(&mut episodes, today);
    episodes
}

/// The first day of the year that ends on this one.
pub fn begins(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(364)).unwrap_or(today)
}

/// How many come to a hospital in a month in which many do.
fn usual_cases(participants: usize) -> u32 {
    u32::try_from(participants / PEOPLE_A_CASE).unwrap_or(MOST).clamp(FEWEST, MOST)
}

/// How many come in a month: most in the rains of January and in July.
fn cases(chance: &mut Chance, participants: usize, month: u32) -> u32 {
    let percent = match month {
        1 | 7 => 100,
        2 | 6 | 8 | 12 => 80,
        _ => 65,
    };
    (usual_cases(participants) * (percent - chance.below(15)) / 100).max(FEWEST)
}

fn episode(chance: &mut Chance, place: Place, month: NaiveDate, number: u32) -> Episode {
    let last = month.checked_add_months(chrono::Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(month);
    let is_plain = number == 0;
    let stay = Kind::Stay { nights: u64::from(chance.between(2, 6)) };
    let kind = match (place, number) {
        // Also where only two come, some are no stays.
        (Place::Municipal, 1) if month.month().is_multiple_of(2) => Kind::Outpatient,
        (Place::Municipal, 0 | 1) => stay,
        (Place::Municipal, _) => chance.weighted(&[(5, stay), (3, Kind::Outpatient), (2, Kind::Emergency { under_letter: false })]),
        (Place::Private, 0 | 1) => Kind::Emergency { under_letter: true },
        (Place::Private, _) => Kind::Emergency { under_letter: chance.percent(30) },
    };
    let (diagnosis, tariff_code) = chance.weighted(match kind {
        Kind::Stay { .. } => STAYS,
        Kind::Outpatient => VISITS,
        Kind::Emergency { .. } => EMERGENCIES,
    });
    let word = [(60, Word::Approve), (20, Word::ApprovePartly), (8, Word::Reject), (12, Word::Return)];
    // One that comes by then is decided by the payday of the next month.
    let by = if is_plain { month.with_day(20).unwrap_or(last) } else { last };
    Episode {
        place,
        is_plain,
        arrives_on: chance.date(month, by),
        minute: i64::from(chance.between(8 * 60, 15 * 60)),
        kind,
        diagnosis,
        tariff_code,
        fate: if number > 1 && chance.percent(8) { Fate::Uncovered } else { Fate::Usual },
        patient: chance.below(u32::MAX),
        claimed_percent: i64::from(chance.between(95, 130)),
        cost_percent: i64::from(chance.between(112, 165)),
        billed_after: u64::from(chance.between(2, 9)),
        with_papers: chance.percent(80) || is_plain,
        left_to_the_clock: chance.percent(50),
        decided_after: u64::from(chance.between(2, 8)),
        word: if is_plain { Word::Approve } else { chance.weighted(&word) },
        mended_after: u64::from(chance.between(2, 7)),
        objects: chance.percent(5) && !is_plain,
    }
}

/// What happens once or twice in every year, however small the city is.
fn mark(episodes: &mut [Episode], today: NaiveDate) {
    let days_ago = |episode: &Episode| (today - episode.arrives_on).num_days();
    let is_stay = |episode: &Episode| matches!(episode.kind, Kind::Stay { .. });
    let usual = |episode: &&mut Episode| episode.fate == Fate::Usual && !episode.is_plain;
    // Long enough ago that the answer is there, and lately enough that nobody has decided.
    if let Some(denied) = episodes.iter_mut().rev().filter(usual).find(|episode| is_stay(episode) && days_ago(episode) >= 25) {
        (denied.fate, denied.with_papers) = (Fate::Denied, true);
    }
    for weeks in [12, 30] {
        if let Some(cancelled) = episodes.iter_mut().rev().filter(usual).find(|episode| is_stay(episode) && days_ago(episode) >= weeks * 7) {
            cancelled.fate = Fate::Cancelled;
        }
    }
    let is_guaranteed = |episode: &Episode| episode.kind == Kind::Emergency { under_letter: true };
    if let Some(lapsed) = episodes.iter_mut().rev().filter(usual).find(|episode| is_guaranteed(episode) && days_ago(episode) >= 60) {
        lapsed.fate = Fate::Lapsed;
    }
    // More than the tariff is cut, and the hospital objects.
    for at_least in [100, 160] {
        if let Some(cut) = episodes.iter_mut().rev().filter(usual).find(|episode| is_stay(episode) && days_ago(episode) >= at_least) {
            (cut.objects, cut.claimed_percent, cut.with_papers) = (true, 125, true);
        }
    }
}

/// Who may come to the hospital in such a year: those that the rules cover all the time, and those that the insurance does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    City,
    Insurance,
}

/// How a person is covered in the whole year up to a day. None where that changes within it or something else is the matter: they stay at home.
pub fn coverage(person: &Person, today: NaiveDate) -> Option<Coverage> {
    let from = begins(today);
    let settled = from.checked_sub_days(Days::new(SETTLED_DAYS))?;
    let registration = &person.registration;
    // Newborns are covered through their mothers, and the oldest have events.
    let is_plain = person.events.is_empty() && person.resident_until.is_none() && !person.birth_date_corrected;
    if !is_plain || registration.resident_since > settled || registration.birth_date > day(from.year() - 3, 1, 1) {
        return None;
    }
    let mut active = person.jkn.iter().filter(|period| period.state == JknState::Active);
    let of_year = |from_: NaiveDate, to: Option<NaiveDate>| from_ <= today && to.is_none_or(|to| to >= from);
    match active.find(|period| of_year(period.valid_from, period.valid_to)) {
        None => Some(Coverage::City),
        Some(period) if period.valid_from <= from && period.valid_to.is_none() => Some(Coverage::Insurance),
        Some(_) => None,
    }
}

/// The family cards of the named persons, to whom nothing happens: their answers are known.
pub fn named_families(today: NaiveDate) -> Vec<KkNumber> {
    heroes(today).into_iter().map(|hero| hero.household.kk_number).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(episodes: &[Episode], place: Place, month: (i32, u32)) -> usize {
        episodes.iter().filter(|episode| episode.place == place && (episode.arrives_on.year(), episode.arrives_on.month()) == month).count()
    }

    #[test]
    fn more_come_to_a_larger_city_and_in_january() {
        let today = day(2026, 11, 30);
        for (participants, least, most) in [(0, 2, 2), (500, 2, 2), (5_000, 5, 10), (20_000, 10, 20), (10_000_000, 10, 20)] {
            let episodes = year(1, participants, today);
            for place in Place::ALL {
                for month in 1..=11 {
                    let count = counted(&episodes, place, (2026, month));
                    assert!((least..=most).contains(&count), "{participants} people, {place:?}, month {month}: {count}");
                }
            }
        }
        let episodes = year(1, 20_000, today);
        assert!(counted(&episodes, Place::Municipal, (2026, 1)) > counted(&episodes, Place::Municipal, (2026, 4)));
    }

    proptest! {
        #[test]
        fn every_year_has_what_there_is_to_show(seed: u64, participants in 0_usize..50_000, days in 0_u64..4_000) {
            let today = day(2024, 1, 1).checked_add_days(Days::new(days)).unwrap();
            let episodes = year(seed, participants, today);
            prop_assert_eq!(&episodes, &year(seed, participants, today));
            let from = begins(today);
            prop_assert!(episodes.iter().all(|episode| episode.arrives_on >= from && episode.arrives_on <= today));
            prop_assert!(episodes.is_sorted_by_key(|episode| episode.arrives_on));
            let fated = |fate| episodes.iter().filter(|episode| episode.fate == fate).count();
            prop_assert_eq!((fated(Fate::Denied), fated(Fate::Cancelled), fated(Fate::Lapsed)), (1, 2, 1));
            for episode in &episodes {
                let is_private_stay = episode.place == Place::Private && !matches!(episode.kind, Kind::Emergency { .. });
                prop_assert!(!is_private_stay && (95..=130).contains(&episode.claimed_percent) && episode.cost_percent > 100);
            }
        }
    }
}
