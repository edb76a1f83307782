//! The hash-chained log: each event is linked to the one before it in its stripe. `write` appends as the last thing before the commit.
//!
//! A link is SHA-256(previous link ‖ stripe ‖ sequence ‖ open header ‖ digest). The header holds ids, codes and times only; the digest is over the
//! payload with a random salt, both sealed beside it, so that erasing or re-sealing a payload breaks nothing.

use aws_lc_rs::digest::{Context as Sha, SHA256};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::changes;
use super::db::{AnyConnection, Db, Tx, on_each};
use crate::config::database_url::Backend;
use crate::context::{Context, Purpose};
use crate::domain::changes::Change;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::{audit_events, audit_heads, audit_subjects};

/// How many chains there are: one would serialise every commit of PostgreSQL; SQLite has one writer anyway.
pub const fn stripes(backend: Backend) -> i32 {
    match backend {
        Backend::Sqlite => 1,
        Backend::Postgres => 16,
    }
}

/// Something that happened, who did it, about whom, and why.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: Id,
    pub at: UtcTime,
    pub kind: &'static str,
    pub request_id: Id,
    pub user_id: Option<Id>,
    pub facility_id: Option<Id>,
    pub object: Option<Id>,
    pub purpose: Option<Purpose>,
    pub subjects: Vec<Id>,
    /// What changed or was asked, sealed: it may hold personal data.
    pub payload: Value,
    /// What those whose it is are told of it.
    pub changes: Vec<Change>,
}

impl Event {
    pub fn new(context: &Context, kind: &'static str) -> Self {
        Self {
            id: context.new_id(),
            at: context.now,
            kind,
            request_id: context.request_id,
            user_id: context.caller.map(|caller| caller.user_id),
            facility_id: context.caller.and_then(|caller| caller.facility_id),
            object: None,
            purpose: context.purpose,
            subjects: Vec::new(),
            payload: context.actor.as_ref().map_or(Value::Null, |actor| serde_json::json!({ "actor": actor })),
            changes: Vec::new(),
        }
    }

    pub fn object(mut self, id: Id) -> Self {
        self.object = Some(id);
        self
    }

    pub fn about(mut self, participants: impl IntoIterator<Item = Id>) -> Self {
        self.subjects.extend(participants);
        self
    }

    /// Those whose it is are told: it is read where changes are followed.
    pub fn tells(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// Adds what is worth keeping. The clerk's name, if one was given, stays beside it.
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        match &mut self.payload {
            Value::Object(map) => {
                map.insert(key.to_owned(), value);
            }
            other => *other = serde_json::json!({ key: value }),
        }
        self
    }
}

/// What is open about an event and stands in the chain as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    pub id: Id,
    pub at: UtcTime,
    pub kind: String,
    pub request_id: Id,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facility_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Purpose>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub subjects: Vec<Id>,
}

#[derive(Insertable, Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct Row {
    pub id: Id,
    pub stripe: i32,
    pub seq: i64,
    pub at: UtcTime,
    pub kind: String,
    pub user_id: Option<Id>,
    pub facility_id: Option<Id>,
    pub header: String,
    pub digest: Vec<u8>,
    pub link: Vec<u8>,
    pub payload: Vec<u8>,
}

/// A stripe and how far its chain has come.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = audit_heads)]
pub struct Head {
    pub stripe: i32,
    pub seq: i64,
    pub link: Vec<u8>,
}

/// The link before the first.
pub const GENESIS: [u8; 32] = [0; 32];

pub fn link(previous: &[u8], stripe: i32, seq: i64, header: &str, digest: &[u8]) -> [u8; 32] {
    let mut sha = Sha::new(&SHA256);
    sha.update(previous);
    sha.update(&stripe.to_be_bytes());
    sha.update(&seq.to_be_bytes());
    sha.update(header.as_bytes());
    sha.update(digest);
    sum(sha)
}

pub fn digest(salted_payload: &[u8]) -> [u8; 32] {
    let mut sha = Sha::new(&SHA256);
    sha.update(salted_payload);
    sum(sha)
}

fn sum(sha: Sha) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(sha.finish().as_ref());
    bytes
}

/// The first head of every stripe. Made once, when the database is new.
pub fn begin(tx: &mut Tx) -> Result<()> {
    for stripe in 0..stripes(tx.backend()) {
        let head = Head { stripe, seq: 0, link: GENESIS.to_vec() };
        diesel::insert_into(audit_heads::table).values(&head).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Takes a free stripe for the rest of the transaction; when all are taken, waits for one by the first event's id.
fn take_head(tx: &mut Tx, spread: u8) -> Result<Head> {
    let count = stripes(tx.backend());
    match &mut tx.db.connection {
        AnyConnection::Sqlite(connection) => Ok(audit_heads::table.select(Head::as_select()).first(connection)?),
        AnyConnection::Postgres(connection) => {
            let free = audit_heads::table.select(Head::as_select()).for_update().skip_locked().first(connection).optional()?;
            match free {
                Some(head) => Ok(head),
                None => Ok(audit_heads::table.find(i32::from(spread) % count).select(Head::as_select()).for_update().first(connection)?),
            }
        }
    }
}

/// Returns when no transaction holds the stripe any more.
pub(in crate::store) fn await_stripe(db: &mut Db, stripe: i32) -> Result<()> {
    let head = audit_heads::table.find(stripe).select(audit_heads::seq);
    match &mut db.connection {
        // A commit to a file in the same process has ended when it is heard of.
        AnyConnection::Sqlite(_) => {}
        AnyConnection::Postgres(connection) => drop(head.for_share().first::<i64>(connection)?),
    }
    Ok(())
}

/// Appends events to one stripe and tells which. Called by `write` only, when nothing but the ledger's balances and COMMIT is left to do.
pub(in crate::store) fn append(tx: &mut Tx, events: Vec<Event>) -> Result<Option<i32>> {
    let Some(first) = events.first() else { return Ok(None) };
    let spread = first.id.as_bytes()[15];
    let keyring = tx.keyring();
    let mut head = take_head(tx, spread)?;
    let (mut subjects, mut changed) = (Vec::new(), Vec::new());
    let mut rows = Vec::with_capacity(events.len());
    for mut event in events {
        let mut salted = vec![0u8; 16];
        aws_lc_rs::rand::fill(&mut salted).map_err(|_| Error::internal("no randomness for a salt"))?;
        serde_json::to_writer(&mut salted, &event.payload).map_err(|_| Error::internal("an event's payload is not JSON"))?;
        let mut about = event.subjects.clone();
        about.sort_unstable();
        about.dedup();
        subjects.extend(about.iter().map(|subject| (audit_subjects::participant_id.eq(*subject), audit_subjects::event_id.eq(event.id))));
        let header = Header {
            id: event.id,
            at: event.at,
            kind: event.kind.to_owned(),
            request_id: event.request_id,
            user_id: event.user_id,
            facility_id: event.facility_id,
            object: event.object,
            purpose: event.purpose,
            subjects: about,
        };
        let header = serde_json::to_string(&header).map_err(|_| Error::internal("an event's header is not JSON"))?;
        let digest = digest(&salted);
        head.seq += 1;
        head.link = link(&head.link, head.stripe, head.seq, &header, &digest).to_vec();
        let told = std::mem::take(&mut event.changes);
        changed.extend((0..).zip(told).map(|(nth, change)| changes::Row::of((head.stripe, head.seq), nth, event.at, change)));
        rows.push(Row {
            id: event.id,
            stripe: head.stripe,
            seq: head.seq,
            at: event.at,
            kind: event.kind.to_owned(),
            user_id: event.user_id,
            facility_id: event.facility_id,
            header,
            digest: digest.to_vec(),
            link: head.link.clone(),
            payload: keyring.seal(Column::AuditPayload, event.id, &salted)?,
        });
    }
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in rows.chunks(500) {
        on_each!(tx.db, |connection| diesel::insert_into(audit_events::table).values(chunk).execute(connection))?;
    }
    for chunk in subjects.chunks(2000) {
        on_each!(tx.db, |connection| diesel::insert_into(audit_subjects::table).values(chunk).execute(connection))?;
    }
    changes::insert(tx, &changed)?;
    diesel::update(audit_heads::table.find(head.stripe))
        .set((audit_heads::seq.eq(head.seq), audit_heads::link.eq(&head.link)))
        .execute(&mut tx.db.connection)?;
    Ok(Some(head.stripe))
}

pub fn exists(db: &mut Db, event: Id) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(audit_events::table.find(event))).get_result(&mut db.connection)?)
}
