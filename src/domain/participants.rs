//! Participants: the people in the registry, and how their standing follows from dated events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;

text_enum! {
    /// Sex as the population registry records it.
    Sex { F = "F", M = "M" }
}

text_enum! {
    /// The standing of a participant on a date.
    ParticipantState {
        Active = "active", MovedOut = "moved_out", Deceased = "deceased", Suspended = "suspended", NikInactive = "nik_inactive",
        Duplicate = "duplicate", Temporary = "temporary", Merged = "merged",
    }
}

impl ParticipantState {
    /// Is the record that of somebody who lives in the city? A duplicate and a merged record are somebody's who has another.
    pub const fn lives_here(self) -> bool {
        match self {
            Self::Active | Self::Suspended | Self::NikInactive | Self::Temporary => true,
            Self::MovedOut | Self::Deceased | Self::Duplicate | Self::Merged => false,
        }
    }
}

text_enum! {
    /// The age that people reach in a year, as statistics tell it.
    AgeBand { Infant = "0-4", Child = "5-17", Young = "18-39", Middle = "40-59", Old = "60+" }
}

impl AgeBand {
    pub const fn of(birth_year: i32, year: i32) -> Self {
        match year - birth_year {
            ..=4 => Self::Infant,
            5..=17 => Self::Child,
            18..=39 => Self::Young,
            40..=59 => Self::Middle,
            60.. => Self::Old,
        }
    }
}

text_enum! {
    /// What happened to a participant's record on a date.
    StatusEventKind {
        MovedOut = "moved_out", MovedIn = "moved_in", Deceased = "deceased", Suspended = "suspended", Reinstated = "reinstated",
        NikInactive = "nik_inactive", Duplicate = "duplicate", Merged = "merged", Unmerged = "unmerged",
    }
}

text_enum! {
    /// What may not be known of someone who came without a NIK.
    Guess { Name = "name", BirthDate = "birth_date", Sex = "sex" }
}

text_enum! {
    /// Why someone has no NIK that can be used now: nobody knows who it is, there is none, or another real person has the same.
    TemporaryReason { Unidentified = "unidentified", NoNik = "no_nik", NikConflict = "nik_conflict" }
}

text_enum! {
    /// A case for the civil registry.
    CaseState { Open = "open", Closed = "closed" }
}

text_enum! {
    /// What the civil registry found: one of the two gets another number, both are one person, or the number was not shared.
    CaseOutcome { NewNik = "new_nik", SamePerson = "same_person", NoConflict = "no_conflict" }
}

text_enum! {
    /// A correction that needs a second person, before and after that person has spoken.
    ChangeState { Proposed = "proposed", Approved = "approved", Rejected = "rejected" }
}

/// A dated event. One that was recorded in error is revoked, never deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatusEvent {
    pub date: NaiveDate,
    pub kind: StatusEventKind,
    #[serde(default)]
    pub revoked: bool,
}

/// Everything that stands against a record on a date, each with the date since which it does. A person can have moved out and then died.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub merged: Option<NaiveDate>,
    pub deceased: Option<NaiveDate>,
    pub duplicate: Option<NaiveDate>,
    pub moved_out: Option<NaiveDate>,
    pub nik_inactive: Option<NaiveDate>,
    pub suspended: Option<NaiveDate>,
    pub temporary: bool,
}

impl Standing {
    /// The standing on a date, in whatever order the events come. Where something begins and ends on the same date, it has ended: nobody is
    /// reinstated before being suspended. A death is undone only by revoking it.
    pub fn on<'a>(date: NaiveDate, temporary: bool, events: impl IntoIterator<Item = &'a StatusEvent> + Clone) -> Self {
        use StatusEventKind::*;
        let since = |begins: StatusEventKind, ends: Option<StatusEventKind>| {
            let so_far = || events.clone().into_iter().filter(|event| !event.revoked && event.date <= date);
            let ended = so_far().filter(|event| Some(event.kind) == ends).map(|event| event.date).max();
            so_far().filter(|event| event.kind == begins && ended.is_none_or(|ended| ended < event.date)).map(|event| event.date).min()
        };
        Self {
            merged: since(Merged, Some(Unmerged)),
            deceased: since(Deceased, None),
            duplicate: since(Duplicate, Some(Reinstated)),
            moved_out: since(MovedOut, Some(MovedIn)),
            nik_inactive: since(NikInactive, Some(Reinstated)),
            suspended: since(Suspended, Some(Reinstated)),
            temporary,
        }
    }

    /// The one word for it: what weighs most comes first.
    pub fn state(&self) -> ParticipantState {
        [
            (self.merged.is_some(), ParticipantState::Merged),
            (self.deceased.is_some(), ParticipantState::Deceased),
            (self.duplicate.is_some(), ParticipantState::Duplicate),
            (self.moved_out.is_some(), ParticipantState::MovedOut),
            (self.nik_inactive.is_some(), ParticipantState::NikInactive),
            (self.suspended.is_some(), ParticipantState::Suspended),
            (self.temporary, ParticipantState::Temporary),
        ]
        .into_iter()
        .find_map(|(holds, state)| holds.then_some(state))
        .unwrap_or(ParticipantState::Active)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ages_fall_into_bands() {
        for (born, band) in [
            (2027, "0-4"),
            (2026, "0-4"),
            (2022, "0-4"),
            (2021, "5-17"),
            (2009, "5-17"),
            (2008, "18-39"),
            (1987, "18-39"),
            (1986, "40-59"),
            (1967, "40-59"),
            (1966, "60+"),
            (1900, "60+"),
        ] {
            assert_eq!(AgeBand::of(born, 2026).as_str(), band, "{born}");
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn event(date: &str, kind: StatusEventKind) -> StatusEvent {
        StatusEvent { date: day(date), kind, revoked: false }
    }

    #[test]
    fn the_state_follows_the_events() {
        use ParticipantState as P;
        use StatusEventKind::*;
        let revoked = |date, kind| StatusEvent { revoked: true, ..event(date, kind) };
        for (events, on, state) in [
            (vec![], "2026-01-01", P::Active),
            (vec![event("2026-01-01", MovedOut)], "2025-12-31", P::Active),
            (vec![event("2026-01-01", MovedOut)], "2026-01-01", P::MovedOut),
            (vec![event("2026-01-01", MovedOut), event("2026-03-01", MovedIn)], "2026-02-28", P::MovedOut),
            (vec![event("2026-01-01", MovedOut), event("2026-03-01", MovedIn)], "2026-03-01", P::Active),
            (vec![event("2026-01-01", Suspended), event("2026-01-01", Reinstated)], "2026-01-01", P::Active),
            (vec![event("2026-01-01", Reinstated), event("2026-01-02", Suspended)], "2026-01-02", P::Suspended),
            (vec![event("2026-01-01", Deceased), event("2026-02-01", Reinstated)], "2026-03-01", P::Deceased),
            (vec![revoked("2026-01-01", Deceased)], "2026-03-01", P::Active),
            (vec![event("2026-01-01", MovedOut), event("2026-02-01", Deceased)], "2026-03-01", P::Deceased),
            (vec![event("2026-01-01", Suspended), event("2026-02-01", MovedIn)], "2026-03-01", P::Suspended),
            (vec![event("2026-01-01", NikInactive), event("2026-02-01", Reinstated)], "2026-03-01", P::Active),
            (vec![event("2026-01-01", Duplicate), event("2026-02-01", Merged)], "2026-03-01", P::Merged),
            (vec![event("2026-01-01", Merged), event("2026-02-01", Unmerged)], "2026-03-01", P::Active),
        ] {
            assert_eq!(Standing::on(day(on), false, &events).state(), state, "{events:?} on {on}");
        }
        assert_eq!(Standing::on(day("2026-01-01"), true, &[]).state(), P::Temporary);
    }

    fn events() -> impl Strategy<Value = Vec<StatusEvent>> {
        let event = (0i64..20, proptest::sample::select(StatusEventKind::ALL), any::<bool>()).prop_map(|(offset, kind, revoked)| StatusEvent {
            date: day("2026-01-01") + chrono::Duration::days(offset),
            kind,
            revoked,
        });
        proptest::collection::vec(event, 0..10)
    }

    /// The same by living through the days one after the other, as a clerk would.
    fn lived_through(events: &[StatusEvent], on: NaiveDate) -> ParticipantState {
        use StatusEventKind::*;
        let mut marks = std::collections::BTreeSet::new();
        let mut date = day("2025-12-31");
        while date <= on {
            let today = || events.iter().filter(|event| !event.revoked && event.date == date).map(|event| event.kind);
            marks.extend(today().filter(|kind| !matches!(kind, MovedIn | Reinstated | Unmerged)));
            for kind in today() {
                match kind {
                    MovedIn => marks.retain(|mark| *mark != MovedOut),
                    Unmerged => marks.retain(|mark| *mark != Merged),
                    Reinstated => marks.retain(|mark| !matches!(mark, Suspended | NikInactive | Duplicate)),
                    MovedOut | Deceased | Suspended | NikInactive | Duplicate | Merged => {}
                }
            }
            date = date.succ_opt().unwrap();
        }
        let heaviest = [Merged, Deceased, Duplicate, MovedOut, NikInactive, Suspended].into_iter().find(|mark| marks.contains(mark));
        heaviest.map_or(ParticipantState::Active, |mark| mark.as_str().parse().unwrap())
    }

    proptest! {
        #[test]
        fn a_person_has_one_state_on_each_date(events in events(), on in -2i64..25, turn in 0usize..10) {
            let on = day("2026-01-01") + chrono::Duration::days(on);
            let state = Standing::on(on, false, &events).state();
            prop_assert_eq!(state, lived_through(&events, on));
            let mut turned = events.clone();
            turned.reverse();
            let by = turn % turned.len().max(1);
            turned.rotate_left(by);
            prop_assert_eq!(Standing::on(on, false, &turned).state(), state);
            turned.retain(|event| !event.revoked);
            prop_assert_eq!(Standing::on(on, false, &turned).state(), state);
        }
    }
}
