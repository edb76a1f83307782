//! The outbox: messages to participants, which of them are due, and what was answered. The code and what was said with an answer are sealed.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{AnyConnection, Db, Tx, locked, on_each};
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::messages::{Answer, MessageDriver, MessageKind, MessageState};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::messages;

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = messages, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Message {
    pub id: Id,
    pub kind: MessageKind,
    pub state: MessageState,
    pub participant_id: Id,
    pub facility_id: Id,
    pub letter_id: Option<Id>,
    pub claim_id: Option<Id>,
    /// The first day of the care.
    pub care_on: NaiveDate,
    pub attempts: i32,
    pub next_attempt_at: UtcTime,
    pub driver: Option<MessageDriver>,
    pub sent_at: Option<UtcTime>,
    code_bidx: Id,
    sealed: Vec<u8>,
    pub answer: Option<Answer>,
    pub answered_at: Option<UtcTime>,
    reply: Option<Vec<u8>>,
    pub created_at: UtcTime,
}

/// What a message is about.
pub struct Subject {
    pub kind: MessageKind,
    pub participant_id: Id,
    pub facility_id: Id,
    pub letter_id: Option<Id>,
    pub claim_id: Option<Id>,
    pub care_on: NaiveDate,
}

#[derive(Serialize, Deserialize)]
struct Cell {
    code: String,
}

#[derive(Serialize, Deserialize)]
struct Reply {
    note: String,
}

impl Message {
    pub fn code(&self, db: &Db) -> Result<String> {
        Ok(db.keyring().unseal_json::<Cell>(Column::MessageSealed, self.id, &self.sealed)?.code)
    }

    /// What was said with the answer.
    pub fn note(&self, db: &Db, reading: &mut Reading) -> Result<Option<String>> {
        reading.shows([self.participant_id]);
        let reply = self.reply.as_ref().map(|sealed| db.keyring().unseal_json::<Reply>(Column::MessageReply, self.id, sealed));
        Ok(reply.transpose()?.map(|reply| reply.note))
    }

    /// Notes an answer.
    pub fn answered(&mut self, db: &Db, (answer, note): (Answer, Option<&str>), now: UtcTime) -> Result<()> {
        let seal = |note: &str| db.keyring().seal_json(Column::MessageReply, self.id, &Reply { note: note.to_owned() });
        self.reply = note.map(seal).transpose()?;
        (self.answer, self.answered_at) = (Some(answer), Some(now));
        Ok(())
    }
}

/// Puts a message into the outbox; false where another has its code.
pub fn insert(tx: &mut Tx, id: Id, subject: &Subject, code: &str, now: UtcTime) -> Result<bool> {
    let keyring = tx.keyring();
    let message = Message {
        id,
        kind: subject.kind,
        state: MessageState::Queued,
        participant_id: subject.participant_id,
        facility_id: subject.facility_id,
        letter_id: subject.letter_id,
        claim_id: subject.claim_id,
        care_on: subject.care_on,
        attempts: 0,
        next_attempt_at: now,
        driver: None,
        sent_at: None,
        code_bidx: keyring.confirmation_index(code)?.value,
        sealed: keyring.seal_json(Column::MessageSealed, id, &Cell { code: code.to_owned() })?,
        answer: None,
        answered_at: None,
        reply: None,
        created_at: now,
    };
    Ok(on_each!(tx.db, |connection| diesel::insert_into(messages::table).values(&message).on_conflict_do_nothing().execute(connection))? == 1)
}

pub fn any_due(db: &mut Db, now: UtcTime) -> Result<bool> {
    let due = messages::table.filter(messages::state.eq(MessageState::Queued)).filter(messages::next_attempt_at.le(now));
    Ok(diesel::select(diesel::dsl::exists(due)).get_result(&mut db.connection)?)
}

/// Messages that are due, those first that have waited longest: nobody else gets them before `until`, and each has one more attempt.
pub fn take_due(tx: &mut Tx, now: UtcTime, until: UtcTime, limit: i64) -> Result<Vec<Message>> {
    let due = messages::table
        .filter(messages::state.eq(MessageState::Queued))
        .filter(messages::next_attempt_at.le(now))
        .order((messages::next_attempt_at, messages::id))
        .limit(limit);
    let mut taken = match &mut tx.db.connection {
        AnyConnection::Sqlite(connection) => due.select(Message::as_select()).load(connection)?,
        // What another process holds right now is that one's.
        AnyConnection::Postgres(connection) => due.select(Message::as_select()).for_update().skip_locked().load(connection)?,
    };
    for message in &mut taken {
        message.attempts += 1;
        message.next_attempt_at = until;
        update(tx, message)?;
    }
    Ok(taken)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Message>> {
    Ok(messages::table.find(id).select(Message::as_select()).first(&mut db.connection).optional()?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Message>> {
    Ok(locked!(tx, messages::table.find(id).select(Message::as_select()), first).optional()?)
}

pub fn by_code(db: &mut Db, code: &str) -> Result<Option<Message>> {
    let index = db.keyring().confirmation_index(code)?.value;
    Ok(messages::table.filter(messages::code_bidx.eq(index)).select(Message::as_select()).first(&mut db.connection).optional()?)
}

pub fn update(tx: &mut Tx, message: &Message) -> Result<()> {
    diesel::update(messages::table.find(message.id)).set(message).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Since when the participant has said of this letter or this claim that the care was not theirs.
pub fn denied_since(db: &mut Db, letter: Option<Id>, claim: Option<Id>) -> Result<Option<UtcTime>> {
    let mut since: Option<UtcTime> = None;
    let denials = messages::table.filter(messages::answer.eq(Answer::NotMe)).select(diesel::dsl::min(messages::answered_at));
    if let Some(letter) = letter {
        since = denials.filter(messages::letter_id.eq(letter)).first(&mut db.connection)?;
    }
    if let Some(claim) = claim {
        let of_claim: Option<UtcTime> = denials.filter(messages::claim_id.eq(claim)).first(&mut db.connection)?;
        since = since.into_iter().chain(of_claim).min();
    }
    Ok(since)
}

/// Since when people have said of these letters that the care was not theirs.
pub fn denied_letters(db: &mut Db, letters: &[Id]) -> Result<HashMap<Id, UtcTime>> {
    let denials = messages::table.filter(messages::letter_id.eq_any(letters)).filter(messages::answer.eq(Answer::NotMe));
    let rows: Vec<(Option<Id>, Option<UtcTime>)> =
        denials.group_by(messages::letter_id).select((messages::letter_id, diesel::dsl::min(messages::answered_at))).load(&mut db.connection)?;
    Ok(rows.into_iter().filter_map(|(letter, at)| letter.zip(at)).collect())
}

/// On which days of care at this hospital one of these people has said that it was not theirs.
pub fn denied_days(db: &mut Db, people: &[Id], facility: Id) -> Result<Vec<(Id, NaiveDate)>> {
    let denials = messages::table
        .filter(messages::participant_id.eq_any(people))
        .filter(messages::facility_id.eq(facility))
        // In words, as the index has it: a bound value would not be known to be the same.
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("messages.answer = 'not_me'"));
    Ok(denials.select((messages::participant_id, messages::care_on)).load(&mut db.connection)?)
}

/// A page of messages, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, (state, kind): (Option<MessageState>, Option<MessageKind>), before: Option<Id>, limit: i64) -> Result<Vec<Message>> {
    let mut query = messages::table.select(Message::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(messages::state.eq(state));
    }
    if let Some(kind) = kind {
        query = query.filter(messages::kind.eq(kind));
    }
    if let Some(before) = before {
        query = query.filter(messages::id.lt(before));
    }
    Ok(query.order(messages::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
