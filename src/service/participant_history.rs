//! What changed about a participant, when and by whom: told by the audit log, so that it cannot say anything else.

use serde_json::Value;

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::participant_history::Entry;
use crate::store::reading::read;

/// The events that change a participant. Who only looked is in the access log.
const CHANGES: &[&str] = &[
    "participant.registered",
    "participant.corrected",
    "participant.change_approved",
    "participant.change_rejected",
    "participant.event_recorded",
    "participant.event_revoked",
    "participant.jkn_recorded",
    "participant.rehoused",
    "participants.imported",
    "participants.jkn_imported",
    "participant.nik_given",
    "newborn.registered",
    "temporary_identity.made",
    "registry_case.opened",
    "registry_case.closed",
    "enrollment.filed",
    "enrollment.decided",
    "enrollment.lapsed",
    "card.issued",
    "card.recorded",
    "reconciliation.finding_decided",
    "household.registered",
    "household.split",
    "household.renumbered",
    "household.merged",
    "household.head_changed",
];

/// A page, newest first.
pub fn list(_: &App, db: &mut Db, context: &Context, id: Id, before: Option<Id>, limit: i64) -> Result<Vec<Entry>> {
    read(db, Event::new(context, "participant.history_read").object(id).about([id]), |db, reading| {
        if !store::participants::exists(db, id)? {
            return Err(Error::refused(Code::NotFound));
        }
        let mut entries = store::participant_history::about(db, reading, id, CHANGES, before, limit)?;
        entries.iter_mut().for_each(|entry| keep_only(&mut entry.payload, id));
        Ok(entries)
    })
}

/// An event about many people tells each of them only their own part.
fn keep_only(payload: &mut Value, id: Id) {
    let Some(payload) = payload.as_object_mut() else { return };
    if let Some(Value::Object(mut people)) = payload.remove("people")
        && let Some(own) = people.remove(&id.to_string())
    {
        payload.insert("changes".to_owned(), own);
    }
}
