//! What the audit log tells of one person: its events about them, opened, with the names of those who acted.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::Value;

use super::audit::Header;
use super::db::{Db, on_each};
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::{audit_events, audit_subjects, service_accounts, users};

/// One event as it was recorded.
pub struct Entry {
    pub header: Header,
    pub payload: Value,
    /// The user or system that acted, by its name among the users.
    pub by: Option<String>,
}

/// In front of each payload stands a salt that makes its digest unguessable.
const SALT: usize = 16;

/// A page of the events of these kinds about a person, newest first.
pub fn about(db: &mut Db, _: &Reading, participant: Id, kinds: &[&str], before: Option<Id>, limit: i64) -> Result<Vec<Entry>> {
    let query = audit_subjects::table
        .inner_join(audit_events::table.on(audit_events::id.eq(audit_subjects::event_id)))
        .left_join(users::table.on(audit_events::user_id.eq(users::id.nullable())))
        .left_join(service_accounts::table.on(audit_events::user_id.eq(service_accounts::id.nullable())))
        .filter(audit_subjects::participant_id.eq(participant))
        .filter(audit_subjects::event_id.lt(before.unwrap_or(Id::from_bytes([0xff; 16]))))
        .order(audit_subjects::event_id.desc())
        .limit(limit)
        .select((audit_events::id, audit_events::header, audit_events::payload, users::username.nullable(), service_accounts::client_id.nullable()));
    type Found = (Id, String, Vec<u8>, Option<String>, Option<String>);
    let rows: Vec<Found> = on_each!(db, |connection| query.filter(audit_events::kind.eq_any(kinds)).load(connection))?;
    let keyring = db.keyring();
    rows.into_iter()
        .map(|(id, header, payload, username, client_id)| {
            let header = serde_json::from_str(&header).map_err(|_| Error::internal("an event's header does not read"))?;
            let salted = keyring.unseal(Column::AuditPayload, id, &payload)?;
            let payload = serde_json::from_slice(salted.get(SALT..).unwrap_or_default()).map_err(|_| Error::internal("an event does not read"))?;
            Ok(Entry { header, payload, by: username.or(client_id) })
        })
        .collect()
}

/// What the events of a kind about a person were done to, since a moment, the latest first.
pub fn objects_since(db: &mut Db, participant: Id, kind: &str, since: UtcTime, limit: i64) -> Result<Vec<Id>> {
    let query = audit_subjects::table
        .inner_join(audit_events::table.on(audit_events::id.eq(audit_subjects::event_id)))
        .filter(audit_subjects::participant_id.eq(participant))
        .filter(audit_subjects::event_id.ge(Id::floor_of(since.unix_millis())))
        .filter(audit_events::kind.eq(kind))
        .order(audit_subjects::event_id.desc())
        .limit(limit)
        .select(audit_events::header);
    let headers: Vec<String> = query.load(&mut db.connection)?;
    let headers = headers.iter().map(|header| serde_json::from_str::<Header>(header));
    let objects = headers.filter_map(|header| header.map(|header| header.object).transpose());
    objects.collect::<std::result::Result<_, _>>().map_err(|_| Error::internal("an event's header does not read"))
}

/// Who did one of these things to each of these people; of several one.
pub fn doers_of_each(db: &mut Db, people: &[Id], kinds: &[&str]) -> Result<HashMap<Id, Id>> {
    Ok(done(db, people, kinds)?.into_iter().collect())
}

/// Who did one of these things to a person.
pub fn doers(db: &mut Db, participant: Id, kinds: &[&str]) -> Result<Vec<Id>> {
    Ok(done(db, &[participant], kinds)?.into_iter().map(|(_, doer)| doer).collect())
}

/// Who did one of these things to whom of these people.
pub fn doers_of(db: &mut Db, people: &[Id], kinds: &[&str]) -> Result<Vec<(Id, Id)>> {
    done(db, people, kinds)
}

/// To whom, and by whom. A birth is about the mother too, and was done to the child alone.
fn done(db: &mut Db, people: &[Id], kinds: &[&str]) -> Result<Vec<(Id, Id)>> {
    const BIRTH: &str = "newborn.registered";
    let query = audit_subjects::table
        .inner_join(audit_events::table.on(audit_events::id.eq(audit_subjects::event_id)))
        .filter(audit_subjects::participant_id.eq_any(people))
        .filter(audit_events::user_id.is_not_null())
        .select((audit_subjects::participant_id, audit_events::user_id.assume_not_null(), audit_events::kind, audit_events::header));
    let rows: Vec<(Id, Id, String, String)> = on_each!(db, |connection| query.filter(audit_events::kind.eq_any(kinds)).load(connection))?;
    let mut done = Vec::with_capacity(rows.len());
    for (person, doer, kind, header) in rows {
        let header = serde_json::from_str::<Header>(&header).map_err(|_| Error::internal("an event's header does not read"))?;
        if kind != BIRTH || header.object == Some(person) {
            done.push((person, doer));
        }
    }
    Ok(done)
}
