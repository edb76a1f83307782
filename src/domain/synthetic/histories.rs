//! What happened to a made-up family: its JKN memberships, its cards, and the events of its members.

use chrono::{Datelike, Duration, NaiveDate};

use super::chance::Chance;
use crate::domain::cards::CardState;
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::participants::{StatusEvent, StatusEventKind};

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    // Only dates of the calendar are written here; the epoch is the harmless answer to a slip, and a test would show it.
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// A family's membership: about 45 in 100 have none, the rest are paid by the state, the city, an employer or themselves.
pub fn membership(chance: &mut Chance, today: NaiveDate) -> Vec<JknPeriod> {
    const MIX: &[(u32, Option<JknSegment>)] = &[
        (45, None),
        (17, Some(JknSegment::PbiApbn)),
        (10, Some(JknSegment::PbiApbd)),
        (18, Some(JknSegment::Ppu)),
        (9, Some(JknSegment::Pbpu)),
        (1, Some(JknSegment::Bp)),
    ];
    let Some(segment) = chance.weighted(MIX) else { return Vec::new() };
    // The programme began in 2014; the city took on the rest of its poor around 2022.
    let (earliest, latest) = match segment {
        JknSegment::PbiApbn => (day(2014, 1, 1), day(2022, 12, 1)),
        JknSegment::PbiApbd => (day(2017, 7, 1), day(2024, 6, 1)),
        JknSegment::Ppu | JknSegment::Pbpu | JknSegment::Bp => (day(2014, 1, 1), today - Duration::days(60)),
    };
    let begun = chance.date(earliest.min(today), latest.min(today));
    let broken = match segment {
        JknSegment::PbiApbn if chance.percent(14) => Some((switch_off(chance, begun, today), JknState::Inactive, 4)),
        JknSegment::PbiApbd if chance.percent(6) => Some((switch_off(chance, begun, today), JknState::Suspended, 40)),
        JknSegment::Ppu if chance.percent(16) => Some((chance.date(begun, today), JknState::Inactive, 55)),
        JknSegment::Pbpu if chance.percent(42) => Some((chance.date(begun, today), JknState::Arrears, 45)),
        JknSegment::PbiApbn | JknSegment::PbiApbd | JknSegment::Ppu | JknSegment::Pbpu | JknSegment::Bp => None,
    };
    let period = |valid_from, valid_to, state| JknPeriod { valid_from, valid_to, segment, state };
    let Some((broken_on, state, mended_percent)) = broken.filter(|(date, _, _)| *date > begun) else {
        return vec![period(begun, None, JknState::Active)];
    };
    let first = period(begun, Some(broken_on - Duration::days(1)), JknState::Active);
    let mended_on = broken_on + Duration::days(i64::from(chance.between(20, 500)));
    if mended_on <= today && chance.percent(mended_percent) {
        vec![first, period(broken_on, Some(mended_on - Duration::days(1)), state), period(mended_on, None, JknState::Active)]
    } else {
        vec![first, period(broken_on, None, state)]
    }
}

/// Lists of the poor are changed in bulk, on the first of February here.
fn switch_off(chance: &mut Chance, begun: NaiveDate, today: NaiveDate) -> NaiveDate {
    let first_year = u32::try_from(begun.year() + 1).unwrap_or(0);
    let year = chance.between(first_year, u32::try_from(today.year()).unwrap_or(0));
    let date = day(i32::try_from(year).unwrap_or(0), 2, 1);
    if date <= today { date } else { begun }
}

/// The family's periods as one member has them: from birth on, and no longer than life.
pub fn of_member(family: &[JknPeriod], born: NaiveDate, died: Option<NaiveDate>) -> Vec<JknPeriod> {
    let last = died.unwrap_or(NaiveDate::MAX);
    let lived = family.iter().filter(|period| period.valid_from <= last && period.valid_to.is_none_or(|to| to >= born));
    lived
        .map(|period| {
            let valid_to = match (period.valid_to, died) {
                (Some(to), Some(died)) => Some(to.min(died)),
                (to, died) => to.or(died),
            };
            JknPeriod { valid_from: period.valid_from.max(born), valid_to, ..*period }
        })
        .collect()
}

/// A family's enrolment in KS-NIK, from its first cards in 2017 to its end in 2019; blanks ran out in September 2018.
pub fn enrollment(chance: &mut Chance, here_since: NaiveDate) -> Option<EnrollmentStanding> {
    let (first, last) = (day(2017, 2, 1).max(here_since), day(2019, 11, 30));
    if first >= last || !chance.percent(70) {
        return None;
    }
    let issued = chance.date(first, last);
    let later = issued + Duration::days(i64::from(chance.between(30, 400)));
    let standing = |state, card_state, issued_on, ended_on| EnrollmentStanding { state, card_state, issued_on, ended_on };
    Some(match chance.below(100) {
        0..=79 => standing(EnrollmentState::Active, CardState::Delivered, Some(issued), None),
        80..=87 => standing(EnrollmentState::Active, CardState::Printed, Some(issued), None),
        88..=90 => standing(EnrollmentState::Active, CardState::Blocked, Some(issued), Some(later)),
        91..=93 => standing(EnrollmentState::Suspended, CardState::Delivered, Some(issued), Some(later)),
        94..=95 => standing(EnrollmentState::Revoked, CardState::Blocked, Some(issued), Some(later)),
        96..=97 => standing(EnrollmentState::Approved, CardState::NotPrinted, None, None),
        98 => standing(EnrollmentState::Submitted, CardState::NotPrinted, None, None),
        _ => standing(EnrollmentState::Rejected, CardState::NotPrinted, None, None),
    })
}

/// The date on which a whole family moved away, if it did.
pub fn departure(chance: &mut Chance, here_since: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let earliest = (here_since + Duration::days(200)).max(day(2017, 1, 1));
    (chance.per_mille(15) && earliest < today).then(|| chance.date(earliest, today))
}

/// What happened to one member: few die, are suspended, or never recorded an electronic identity card. In order of date.
pub fn events(chance: &mut Chance, born: NaiveDate, here_since: NaiveDate, departed: Option<NaiveDate>, today: NaiveDate) -> Vec<StatusEvent> {
    let event = |date, kind| StatusEvent { date, kind, revoked: false };
    let years = today.year() - born.year();
    let earliest = here_since.max(day(2017, 1, 1)).min(today);
    let mut events = Vec::new();
    if chance.per_mille(match years {
        ..40 => 1,
        40..65 => 8,
        _ => 55,
    }) {
        return vec![event(chance.date(earliest, departed.unwrap_or(today)), StatusEventKind::Deceased)];
    }
    events.extend(departed.map(|date| event(date, StatusEventKind::MovedOut)));
    if chance.per_mille(4) {
        let suspended_on = chance.date(earliest, today);
        events.push(event(suspended_on, StatusEventKind::Suspended));
        let lifted_on = suspended_on + Duration::days(i64::from(chance.between(7, 120)));
        if lifted_on <= today && chance.percent(60) {
            events.push(event(lifted_on, StatusEventKind::Reinstated));
        }
    } else if years > 20 && chance.per_mille(5) {
        events.push(event(chance.date(earliest, today), StatusEventKind::NikInactive));
    }
    events.sort();
    events
}
