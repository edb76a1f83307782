//! Reading the audit log: stripe by stripe for the verifier, newest first for people.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::Value;

use super::audit::{GENESIS, Head, Header, Row};
use super::db::Db;
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::{audit_events, audit_heads, audit_subjects};

/// How many random bytes stand before a payload, so that equal payloads have different digests.
const SALT: usize = 16;

/// Where an event stands within its stripe. Two events never share one, unless somebody put one in.
pub type Place = (i64, Id);

pub fn heads(db: &mut Db) -> Result<Vec<Head>> {
    Ok(audit_heads::table.select(Head::as_select()).order(audit_heads::stripe).load(&mut db.connection)?)
}

/// The events of a stripe in order, behind a place.
pub fn page(db: &mut Db, stripe: i32, after: Option<Place>, limit: i64) -> Result<Vec<Row>> {
    let mut query = audit_events::table.filter(audit_events::stripe.eq(stripe)).select(Row::as_select()).into_boxed();
    if let Some((seq, id)) = after {
        // The first bound is what an index can use; a mere "or" would read the stripe from its beginning for every page.
        query = query.filter(audit_events::seq.ge(seq)).filter(audit_events::seq.gt(seq).or(audit_events::id.gt(id)));
    }
    Ok(query.order((audit_events::seq, audit_events::id)).limit(limit).load(&mut db.connection)?)
}

/// The same, but places only: for a page of which some row cannot be read.
pub fn places(db: &mut Db, stripe: i32, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
    let mut query = audit_events::table.filter(audit_events::stripe.eq(stripe)).select((audit_events::seq, audit_events::id)).into_boxed();
    if let Some((seq, id)) = after {
        query = query.filter(audit_events::seq.ge(seq)).filter(audit_events::seq.gt(seq).or(audit_events::id.gt(id)));
    }
    Ok(query.order((audit_events::seq, audit_events::id)).limit(limit).load(&mut db.connection)?)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Row>> {
    Ok(audit_events::table.find(id).select(Row::as_select()).first(&mut db.connection).optional()?)
}

/// The links of a stripe in order, behind a number.
pub fn links_after(db: &mut Db, stripe: i32, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let links = audit_events::table.filter(audit_events::stripe.eq(stripe)).filter(audit_events::seq.gt(after));
    Ok(links.select((audit_events::seq, audit_events::link)).order(audit_events::seq).limit(limit).load(&mut db.connection)?)
}

/// The links at these numbers of a stripe.
pub fn links_at(db: &mut Db, stripe: i32, numbers: &[i64]) -> Result<HashMap<i64, Vec<u8>>> {
    let mut links = HashMap::with_capacity(numbers.len());
    for some in numbers.chunks(500) {
        let at = audit_events::table.filter(audit_events::stripe.eq(stripe)).filter(audit_events::seq.eq_any(some));
        links.extend(at.select((audit_events::seq, audit_events::link)).load::<(i64, Vec<u8>)>(&mut db.connection)?);
    }
    Ok(links)
}

/// The link on which an event's own stands: of the event before it, or of the beginning.
pub fn link_before(db: &mut Db, row: &Row) -> Result<Option<Vec<u8>>> {
    match row.seq - 1 {
        0 => Ok(Some(GENESIS.to_vec())),
        before => Ok(links_at(db, row.stripe, &[before])?.remove(&before)),
    }
}

/// How many events claim this place.
pub fn claimants(db: &mut Db, stripe: i32, seq: i64) -> Result<i64> {
    Ok(audit_events::table.filter(audit_events::stripe.eq(stripe)).filter(audit_events::seq.eq(seq)).count().get_result(&mut db.connection)?)
}

/// An event in a stripe that there is not.
pub fn stray(db: &mut Db, stripes: &[i32]) -> Result<Option<(i32, i64, Id)>> {
    let strays = audit_events::table.filter(audit_events::stripe.ne_all(stripes));
    Ok(strays
        .select((audit_events::stripe, audit_events::seq, audit_events::id))
        .order((audit_events::stripe, audit_events::seq))
        .first(&mut db.connection)
        .optional()?)
}

/// For which events between these ids these people are entered.
pub fn entered(db: &mut Db, people: &[Id], first: Id, last: Id) -> Result<HashSet<(Id, Id)>> {
    let mut entered = HashSet::new();
    for some in people.chunks(500) {
        let rows = audit_subjects::table.filter(audit_subjects::participant_id.eq_any(some));
        let rows = rows.filter(audit_subjects::event_id.between(first, last));
        entered.extend(rows.select((audit_subjects::participant_id, audit_subjects::event_id)).load::<(Id, Id)>(&mut db.connection)?);
    }
    Ok(entered)
}

/// How many people are entered for events in all.
pub fn count_entered(db: &mut Db) -> Result<i64> {
    Ok(audit_subjects::table.count().get_result(&mut db.connection)?)
}

/// What a list of events may be narrowed by.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Filter {
    pub from: Option<UtcTime>,
    /// The first instant that is not asked for any more.
    pub until: Option<UtcTime>,
    pub kind: Option<String>,
    pub user_id: Option<Id>,
    pub facility_id: Option<Id>,
    pub participant_id: Option<Id>,
}

/// A page of events, newest first, one more than asked for when there are more.
pub fn list(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let mut query = audit_events::table.select(Row::as_select()).into_boxed();
    // Ids begin with their time: bounds on them use the primary key, the column beside them settles the millisecond.
    if let Some(from) = filter.from {
        query = query.filter(audit_events::id.ge(Id::floor_of(from.unix_millis()))).filter(audit_events::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_events::id.lt(Id::floor_of(until.unix_millis() + 1))).filter(audit_events::at.lt(until));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(audit_events::kind.eq(kind));
    }
    if let Some(user) = filter.user_id {
        query = query.filter(audit_events::user_id.eq(user));
    }
    if let Some(facility) = filter.facility_id {
        query = query.filter(audit_events::facility_id.eq(facility));
    }
    if let Some(participant) = filter.participant_id {
        let about = audit_subjects::table.filter(audit_subjects::participant_id.eq(participant)).select(audit_subjects::event_id);
        query = query.filter(audit_events::id.eq_any(about));
    }
    if let Some(before) = before {
        query = query.filter(audit_events::id.lt(before));
    }
    Ok(query.order(audit_events::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

/// What is open about an event.
pub fn header(row: &Row) -> Option<Header> {
    serde_json::from_str(&row.header).ok()
}

/// The salted payload of an event, whose digest is part of the chain; none when it does not open.
pub fn salted(db: &Db, row: &Row) -> Option<Vec<u8>> {
    db.keyring().unseal(Column::AuditPayload, row.id, &row.payload).ok().map(|plain| plain.to_vec())
}

/// An event opened for people: what its header says and its payload, as far as they can still be read.
pub fn open(db: &Db, row: &Row, reading: &mut Reading) -> (Option<Header>, Option<Value>) {
    let header = header(row);
    for subject in header.iter().flat_map(|header| &header.subjects) {
        reading.opens(*subject);
    }
    let payload = salted(db, row).and_then(|plain| serde_json::from_slice(plain.get(SALT..)?).ok());
    (header, payload)
}
