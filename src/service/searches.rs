//! Finding people: by their number or card, and by what else one knows of them.

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use super::profiles::Profile;
use super::{App, card_tokens, misses, signal_watch};
use crate::context::Context;
use crate::domain::cards::is_mistyped;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::names;
use crate::domain::nik::Nik;
use crate::domain::participants::ParticipantState;
use crate::domain::registration::EARLIEST_BIRTH_YEAR;
use crate::domain::residency::VillageCode;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Fault, Result};
use crate::privacy::keyring::Keyring;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::participants::Row;
use crate::store::reading::{Reading, read};
use crate::store::sealed::Identity;

/// What someone is looked up by.
pub enum Number {
    Nik(Nik),
    Card(String),
}

/// One participant by a number. Who asks for too many numbers that nobody has is refused for a while.
pub fn lookup(app: &App, db: &mut Db, context: &Context, caller: &Caller, number: &Number) -> Result<Profile> {
    let today = app.city.today(context.now);
    let id = misses::counted(app, db, context, caller, |db| {
        let keyring = db.keyring();
        Ok(match number {
            Number::Nik(nik) => store::participants::of_niks(db, &[keyring.nik_index(nik)?.value])?.into_values().next(),
            Number::Card(card) => {
                let card = card_tokens::number_in(&keyring, card);
                store::enrollments::of_cards(db, &[keyring.card_index(&card)?.value])?.into_values().next().map(|(_, participant)| participant)
            }
        })
    })?;
    let id = match (id, number) {
        (Some(id), _) => id,
        (None, Number::Card(typed)) => {
            // Under the name that a check with the same card would have.
            let card = card_tokens::number_in(&db.keyring(), typed);
            if is_mistyped(&app.city.number_prefix, &card) {
                return Err(Fault::at("/card_number", "CARD_NUMBER_FORMAT").into());
            }
            signal_watch::unknown_card(db, context, &card)?;
            return Err(Error::refused(Code::NotFound));
        }
        (None, Number::Nik(_)) => return Err(Error::refused(Code::NotFound)),
    };
    // The card may be of a record that was merged.
    let id = store::merges::way_up(db, id)?.pop().unwrap_or(id);
    read(db, Event::new(context, "participant.looked_up").object(id), |db, reading| {
        let participant = store::participants::find(db, reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        Profile::load(app, db, reading, participant, today)
    })
}

/// What a search asks for. All that is given must fit.
#[derive(Clone, Default, Serialize)]
pub struct Wanted {
    pub name: Option<String>,
    pub birth_date: Option<NaiveDate>,
    #[serde(skip)]
    pub kk_number: Option<KkNumber>,
    pub village_code: Option<VillageCode>,
    pub state: Option<ParticipantState>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// For searches by name alone: the first of the birth dates that are tried together.
    pub from: Option<NaiveDate>,
    /// The last one shown.
    pub after: Option<Id>,
}

#[derive(Clone)]
pub struct Found {
    pub row: Row,
    pub identity: Identity,
}

pub struct Page {
    pub found: Vec<Found>,
    pub next: Option<Place>,
}

/// Birth dates whose words are asked for in one query.
const DATES: u64 = 4_000;
/// Rows of a village that are looked at together when a filter needs them open.
const VILLAGE_ROWS: i64 = 500;

pub fn search(app: &App, db: &mut Db, context: &Context, wanted: &Wanted, place: Place, limit: usize) -> Result<Page> {
    let words = wanted.name.as_deref().map(names::words).unwrap_or_default();
    if words.is_empty() && wanted.kk_number.is_none() && wanted.village_code.is_none() {
        return Err(Fault::at("", "SEARCH_TOO_WIDE").into());
    }
    let today = app.city.today(context.now);
    // What was asked for is sealed with the event, like what was found.
    let event = Event::new(context, "participants.searched").with("asked", wanted);
    read(db, event, |db, reading| {
        let mut sieve = Sieve { keyring: db.keyring(), reading, wanted, words: &words };
        match (&wanted.kk_number, wanted.village_code) {
            (Some(kk_number), _) => sieve.in_household(db, kk_number, place, limit),
            (None, _) if !words.is_empty() => sieve.by_name(db, today, place, limit),
            (None, Some(village)) => sieve.in_village(db, village, place, limit),
            (None, None) => Err(Error::internal("a search for nothing")),
        }
    })
}

/// Lets through who fits. What is open is compared first, so that nobody is unsealed for nothing.
struct Sieve<'a> {
    keyring: std::sync::Arc<Keyring>,
    reading: &'a mut Reading,
    wanted: &'a Wanted,
    words: &'a [String],
}

impl Sieve<'_> {
    fn pass(&mut self, row: Row) -> Result<Option<Found>> {
        let Wanted { birth_date, village_code, state, .. } = self.wanted;
        let open_fits = village_code.is_none_or(|village| village == row.village_code)
            && state.is_none_or(|state| state == row.state)
            && birth_date.is_none_or(|date| date.year() == row.birth_year);
        if !open_fits {
            return Ok(None);
        }
        let identity = row.identity(&self.keyring, self.reading)?;
        let has = names::words(&identity.name);
        if self.words.iter().all(|word| has.contains(word)) && birth_date.is_none_or(|date| date == identity.birth_date) {
            return Ok(Some(Found { row, identity }));
        }
        self.reading.passes_over(row.id);
        Ok(None)
    }

    /// A household is small: one page, in the order of registration.
    fn in_household(&mut self, db: &mut Db, kk_number: &KkNumber, place: Place, limit: usize) -> Result<Page> {
        let kk = self.keyring.kk_index(kk_number)?;
        let Some(household) = store::households::of_kks(db, &[kk.value])?.remove(&kk.value) else {
            return Ok(Page { found: Vec::new(), next: None });
        };
        let members = store::households::members(db, household)?;
        let mut people: Vec<Id> = members.iter().filter(|one| one.valid_to.is_none()).map(|one| one.participant_id).collect();
        people.sort_unstable();
        self.page_of(db, &people, Place { from: None, ..place }, limit)
    }

    /// With the birth date the words are known exactly. Without it, all dates are tried for the longest word, which is likely the rarest.
    fn by_name(&mut self, db: &mut Db, today: NaiveDate, place: Place, limit: usize) -> Result<Page> {
        if let Some(date) = self.wanted.birth_date {
            let mut people: Option<Vec<Id>> = None;
            for word in self.words {
                let with = store::participants::with_words(db, &[self.keyring.name_word_index(word, date)?.value])?;
                people = Some(people.map_or(with.clone(), |before| before.into_iter().filter(|id| with.binary_search(id).is_ok()).collect()));
            }
            return self.page_of(db, &people.unwrap_or_default(), Place { from: None, ..place }, limit);
        }
        let Some(word) = self.words.iter().max_by_key(|word| word.chars().count()) else {
            return Err(Error::internal("a search by name without a name"));
        };
        let first = NaiveDate::from_ymd_opt(EARLIEST_BIRTH_YEAR, 1, 1).unwrap_or_default();
        let mut from = place.from.unwrap_or(first).max(first);
        let mut after = place.after;
        let mut found = Vec::new();
        while from <= today {
            let until = from + Days::new(DATES);
            let dates = from.iter_days().take_while(|date| *date < until && *date <= today);
            let indexes = dates.map(|date| Ok(self.keyring.name_word_index(word, date)?.value)).collect::<Result<Vec<_>>>()?;
            let people = store::participants::with_words(db, &indexes)?;
            let page = self.page_of(db, &people, Place { from: Some(from), after }, limit - found.len())?;
            found.extend(page.found);
            if page.next.is_some() {
                return Ok(Page { found, next: page.next });
            }
            (from, after) = (until, None);
        }
        Ok(Page { found, next: None })
    }

    /// Those of these people, in the order of ids, who fit; at most `limit`.
    fn page_of(&mut self, db: &mut Db, people: &[Id], place: Place, limit: usize) -> Result<Page> {
        let begin = place.after.map_or(0, |after| people.partition_point(|id| *id <= after));
        let mut found: Vec<Found> = Vec::new();
        // One more than asked for shows whether there is another page.
        for chunk in people[begin..].chunks(limit.max(1) + 1) {
            for row in store::participants::rows(db, chunk)? {
                let Some(fit) = self.pass(row)? else { continue };
                if found.len() == limit {
                    self.reading.passes_over(fit.row.id);
                    let after = found.last().map(|last| last.row.id).or(place.after);
                    return Ok(Page { found, next: Some(Place { after, ..place }) });
                }
                found.push(fit);
            }
        }
        Ok(Page { found, next: None })
    }

    /// A village page by page, newest first.
    fn in_village(&mut self, db: &mut Db, village: VillageCode, place: Place, limit: usize) -> Result<Page> {
        let mut before = place.after;
        let mut found: Vec<Found> = Vec::new();
        loop {
            let rows = store::participants::of_village(db, village, self.wanted.state, before, VILLAGE_ROWS)?;
            let Some(last) = rows.last().map(|row| row.id) else { return Ok(Page { found, next: None }) };
            for row in rows {
                let Some(fit) = self.pass(row)? else { continue };
                if found.len() == limit {
                    self.reading.passes_over(fit.row.id);
                    let after = found.last().map(|last| last.row.id);
                    return Ok(Page { found, next: Some(Place { from: None, after }) });
                }
                found.push(fit);
            }
            before = Some(last);
        }
    }
}
