//! Enrolments as they were asked for: number, who filed them and which way, and by when they are to be decided. The same rows as `enrollments`.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, locked, on_each};
use super::paging::Direction;
use super::reading::Reading;
use super::sealed::CardCell;
use crate::domain::cards::CardState;
use crate::domain::enrollments::{Channel, EnrollmentStanding, EnrollmentState, FilerKind};
use crate::domain::id::Id;
use crate::domain::time::{Period, UtcTime};
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::enrollments;

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = enrollments, treat_none_as_default_value = false)]
pub struct Request {
    pub id: Id,
    pub version: i32,
    pub participant_id: Id,
    pub state: EnrollmentState,
    pub card_state: CardState,
    pub issued_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    card: Vec<u8>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    /// None of these where it was not asked for but imported.
    pub number: Option<String>,
    pub channel: Option<Channel>,
    pub filer: Option<FilerKind>,
    request: Option<Vec<u8>>,
    /// The user who entered it.
    pub filed_by: Option<Id>,
    pub due_at: Option<UtcTime>,
}

/// What the sealed cell of a request holds.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filer_nik: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filer_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A request as it is filed.
pub struct Filing<'a> {
    pub id: Id,
    pub participant_id: Id,
    pub state: EnrollmentState,
    pub number: String,
    pub channel: Channel,
    pub filer: FilerKind,
    pub said: &'a Said,
    pub filed_by: Id,
    pub due_at: Option<UtcTime>,
}

impl Request {
    pub fn new(db: &Db, filing: Filing<'_>, now: UtcTime) -> Result<Self> {
        let Filing { id, participant_id, state, number, channel, filer, said, filed_by, due_at } = filing;
        let keyring = db.keyring();
        Ok(Self {
            id,
            version: 1,
            participant_id,
            state,
            card_state: CardState::NotPrinted,
            issued_on: None,
            ended_on: None,
            card: keyring.seal_json(Column::EnrollmentCard, id, &CardCell::default())?,
            created_at: now,
            updated_at: now,
            number: Some(number),
            channel: Some(channel),
            filer: Some(filer),
            request: Some(keyring.seal_json(Column::EnrollmentRequest, id, said)?),
            filed_by: Some(filed_by),
            due_at,
        })
    }

    pub fn standing(&self) -> EnrollmentStanding {
        let Self { state, card_state, issued_on, ended_on, .. } = *self;
        EnrollmentStanding { state, card_state, issued_on, ended_on }
    }

    /// The number of the newest card, if one was given.
    pub fn card_number(&self, db: &Db, reading: &mut Reading) -> Result<Option<String>> {
        reading.opens(self.participant_id);
        let CardCell { card_number } = db.keyring().unseal_json(Column::EnrollmentCard, self.id, &self.card)?;
        Ok(card_number)
    }

    /// Another card is the newest now. It is kept with the next standing.
    pub fn carry(&mut self, db: &Db, card_number: &str) -> Result<()> {
        self.card = db.keyring().seal_json(Column::EnrollmentCard, self.id, &CardCell { card_number: Some(card_number.to_owned()) })?;
        Ok(())
    }

    pub fn said(&self, db: &Db, reading: &mut Reading) -> Result<Option<Said>> {
        reading.opens(self.participant_id);
        Ok(self.request.as_ref().map(|cell| db.keyring().unseal_json(Column::EnrollmentRequest, self.id, cell)).transpose()?)
    }

    /// By when it is to be decided, while somebody waits for that.
    pub fn due(&self) -> Option<UtcTime> {
        self.due_at.filter(|_| self.state.awaits_decision())
    }
}

/// Files a request; false when the person has a live enrolment already.
pub fn insert(tx: &mut Tx, request: &Request) -> Result<bool> {
    let inserted =
        on_each!(tx.db, |connection| diesel::insert_into(enrollments::table).values(request).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Request>> {
    Ok(enrollments::table.find(id).select(Request::as_select()).first(&mut db.connection).optional()?)
}

pub fn by_number(db: &mut Db, number: &str) -> Result<Option<Request>> {
    Ok(enrollments::table.filter(enrollments::number.eq(number)).select(Request::as_select()).first(&mut db.connection).optional()?)
}

/// All enrolments that a person has had, under whichever of their records, first to last.
pub fn of_records(db: &mut Db, records: &[Id]) -> Result<Vec<Request>> {
    let rows = enrollments::table.filter(enrollments::participant_id.eq_any(records)).order(enrollments::id);
    Ok(rows.select(Request::as_select()).load(&mut db.connection)?)
}

/// What stands in the way of another enrolment of this person, under whichever of their records.
pub fn live_of(db: &mut Db, records: &[Id]) -> Result<Option<Request>> {
    Ok(of_records(db, records)?.into_iter().find(|row| row.state.is_live()))
}

/// Who entered requests for these people.
pub fn filers_for(db: &mut Db, people: &[Id]) -> Result<Vec<Id>> {
    let query = enrollments::table.filter(enrollments::participant_id.eq_any(people)).filter(enrollments::filed_by.is_not_null());
    let query = query.select(enrollments::filed_by.assume_not_null());
    Ok(on_each!(db, |connection| query.load(connection))?)
}

/// The request, held for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Request>> {
    Ok(locked!(tx, enrollments::table.find(id).select(Request::as_select()), first).optional()?)
}

/// Gives the request its next standing, over the version that was read.
pub fn stand(tx: &mut Tx, request: &mut Request, standing: EnrollmentStanding, due_at: Option<UtcTime>, now: UtcTime) -> Result<()> {
    let seen = request.version;
    let EnrollmentStanding { state, card_state, issued_on, ended_on } = standing;
    (request.version, request.due_at, request.updated_at) = (seen + 1, due_at, now);
    (request.state, request.card_state, request.issued_on, request.ended_on) = (state, card_state, issued_on, ended_on);
    let changed = diesel::update(enrollments::table.find(request.id).filter(enrollments::version.eq(seen)))
        .set((
            enrollments::version.eq(request.version),
            enrollments::state.eq(state),
            enrollments::card_state.eq(card_state),
            enrollments::card.eq(&request.card),
            enrollments::issued_on.eq(issued_on),
            enrollments::ended_on.eq(ended_on),
            enrollments::due_at.eq(due_at),
            enrollments::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("an enrolment that was held has changed")) }
}

/// Drafts that were begun before this moment and have not been submitted.
pub fn drafts_before(db: &mut Db, before: UtcTime, limit: i64) -> Result<Vec<Id>> {
    let drafts = enrollments::table.filter(enrollments::state.eq(EnrollmentState::Draft)).filter(enrollments::created_at.lt(before));
    Ok(drafts.select(enrollments::id).order(enrollments::id).limit(limit).load(&mut db.connection)?)
}

/// What a list of enrolments may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub state: Option<EnrollmentState>,
    pub channel: Option<Channel>,
    pub number: Option<String>,
    /// When they were filed.
    pub filed: Period,
    /// Those that are overdue at this moment, or those that are not.
    pub overdue: Option<(bool, UtcTime)>,
}

/// A page of enrolments, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Request>> {
    load(db, filter, Direction::NewestFirst { before }, limit + 1)
}

/// A page in the order of ids, after the last one of the page before.
pub fn page_after(db: &mut Db, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Request>> {
    load(db, filter, Direction::OldestFirst { after }, limit)
}

fn load(db: &mut Db, filter: &Filter, direction: Direction, limit: i64) -> Result<Vec<Request>> {
    let mut query = enrollments::table.select(Request::as_select()).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(enrollments::state.eq(state));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(enrollments::channel.eq(channel));
    }
    if let Some(number) = &filter.number {
        query = query.filter(enrollments::number.eq(number));
    }
    if let Some(from) = filter.filed.from {
        query = query.filter(enrollments::created_at.ge(from));
    }
    if let Some(until) = filter.filed.until {
        query = query.filter(enrollments::created_at.lt(until));
    }
    let waiting = EnrollmentState::ALL.iter().filter(|state| state.awaits_decision());
    query = match filter.overdue {
        None => query,
        Some((true, now)) => query.filter(enrollments::due_at.lt(now)).filter(enrollments::state.eq_any(waiting)),
        Some((false, now)) => query.filter(enrollments::due_at.is_null().or(enrollments::due_at.ge(now)).or(enrollments::state.ne_all(waiting))),
    };
    query = match direction {
        Direction::NewestFirst { before: None } => query.order(enrollments::id.desc()),
        Direction::NewestFirst { before: Some(before) } => query.filter(enrollments::id.lt(before)).order(enrollments::id.desc()),
        Direction::OldestFirst { after: None } => query.order(enrollments::id),
        Direction::OldestFirst { after: Some(after) } => query.filter(enrollments::id.gt(after)).order(enrollments::id),
    };
    Ok(query.limit(limit).load(&mut db.connection)?)
}
