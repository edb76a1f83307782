//! The access log as people read it: who did what to whom, when and why. Reading it is itself an event about everyone who is shown.

use serde_json::Value;

use crate::context::Context;
use crate::domain::id::Id;
use crate::error::Result;
use crate::store::audit::{Event, Header, Row};
use crate::store::audit_log::{self, Filter};
use crate::store::db::Db;
use crate::store::reading::read;

/// An event, with its header and payload as far as they can still be read.
pub struct Shown {
    pub row: Row,
    pub header: Option<Header>,
    pub payload: Option<Value>,
}

pub fn list(db: &mut Db, context: &Context, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Shown>> {
    let event = Event::new(context, "audit.read").with("filter", filter);
    read(db, event, |db, reading| {
        let rows = audit_log::list(db, filter, before, limit)?;
        let shown = rows.into_iter().map(|row| {
            let (header, payload) = audit_log::open(db, &row, reading);
            Shown { row, header, payload }
        });
        Ok(shown.collect())
    })
}
