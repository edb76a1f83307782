//! Signing the heads of the audit log: every minute with new events, and when the service ends.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use super::App;
use crate::error::{Error, Result};
use crate::store::audit_checkpoints::{self, Checkpoint, HeadAt};
use crate::store::audit_log;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;

/// Signs, stores and logs the heads, unless they are those of the last checkpoint.
pub fn sign(app: &App, db: &mut Db) -> Result<Option<Checkpoint>> {
    let heads: Vec<HeadAt> = audit_log::heads(db)?.iter().map(HeadAt::from).collect();
    if audit_checkpoints::latest(db)?.is_some_and(|latest| latest.heads == heads) {
        return Ok(None);
    }
    let context = app.context();
    let (id, at, keyring) = (context.new_id(), context.now, db.keyring());
    let key = keyring.signing_checkpoint_key()?;
    let signature = key.sign(Checkpoint::message(id, at, key.id, &heads)?.as_bytes())?;
    let checkpoint = Checkpoint { id, at, heads, key_id: key.id, signature: BASE64_URL_SAFE_NO_PAD.encode(&signature) };
    write_quietly(db, Priority::People, "it tells of the log and would else call for the next one", |tx| {
        audit_checkpoints::insert(tx, &checkpoint, &signature)
    })?;
    let text = serde_json::to_string(&checkpoint).map_err(|_| Error::internal("a checkpoint has no JSON form"))?;
    // The log is the copy outside the database, for `audit verify --against`.
    tracing::info!(checkpoint = text, "the audit log was signed");
    Ok(Some(checkpoint))
}

/// Reads a checkpoint that was kept outside: as `GET /audit/checkpoints` gave it, or in a line of our own log. A text may hold several or none.
pub fn kept_in(text: &str) -> Vec<Checkpoint> {
    fn collect(value: &serde_json::Value, found: &mut Vec<Checkpoint>) {
        if let Ok(checkpoint) = serde_json::from_value::<Checkpoint>(value.clone()) {
            found.push(checkpoint);
        } else if let Some(items) = value.as_array().or_else(|| value["items"].as_array()) {
            items.iter().for_each(|item| collect(item, found));
        } else if let Some(logged) = value["fields"]["checkpoint"].as_str().or_else(|| value["checkpoint"].as_str()) {
            found.extend(kept_in(logged));
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(text) {
        collect(&value, &mut found);
    }
    found
}
