//! Documents: brought by a facility, put behind a claim, read by those who judge it.

use std::io::{self, BufRead, BufReader, Read};

use super::App;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::documents::{DocumentKind, may_see};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::privacy::spool::{SpoolKey, SpoolReader, sealed_length};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::documents::Document;
use crate::store::gate::Priority;
use crate::store::reading::{Reading, read};

mod bucket;
pub mod receiving;
pub mod shelf;
pub mod tidying;

pub use receiving::{Received, receive};

/// A document opened for who may know of it.
#[derive(Clone)]
pub struct Told {
    pub document: Document,
    pub sha256: ContentHash,
    pub claims: Vec<Id>,
}

/// A document with what opens its file.
pub struct Unlocked {
    pub document: Document,
    key: SpoolKey,
}

/// Tells of a file that was received and kept.
pub fn record(db: &mut Db, context: &Context, caller: &Caller, kind: DocumentKind, received: Received, once: &Once<'_, Told>) -> Result<()> {
    let facility_id = caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?;
    let content = db.keyring().document_index(&received.sha256)?;
    let document = Document {
        id: received.id,
        kind,
        media_type: received.media_type,
        size: i64::try_from(received.size).map_err(|_| Error::internal("a document is longer than a number"))?,
        content_bidx: content.value,
        content_key_id: content.key_id,
        sealed: store::documents::seal(db, received.id, &received.sha256, &received.key)?,
        facility_id,
        uploaded_by: caller.user_id,
        uploaded_at: context.now,
    };
    let written = once.write(db, Priority::People, |tx| {
        store::documents::insert(tx, &document)?;
        let event = Event::new(context, "document.received").object(document.id);
        tx.record(event.with("kind", kind).with("media_type", document.media_type).with("size", document.size));
        Ok(Told { document: document.clone(), sha256: received.sha256, claims: Vec::new() })
    });
    match written {
        // If the row is there its file must be; if not, the sweep finds the file.
        Ok(_) | Err(Error::InDoubt) => received.claim(),
        Err(_) => drop(received),
    }
    written.map(|_| ())
}

/// What is known of a document.
pub fn show(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Told> {
    let (document, claims) = visible(db, caller, id)?;
    read(db, Event::new(context, "document.read").object(id), |db, reading| {
        let sha256 = document.open(db, reading)?.sha256;
        Ok(Told { document, sha256, claims })
    })
}

/// Unlocks a document for who reads its content.
pub fn unlock(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Unlocked> {
    let (document, _) = visible(db, caller, id)?;
    read(db, Event::new(context, "document.opened").object(id), |db, reading| {
        let key = document.open(db, reading)?.key;
        Ok(Unlocked { document, key })
    })
}

/// What stands behind a claim, for whoever may see the claim.
pub(super) fn behind(db: &mut Db, reading: &mut Reading, claim: Id) -> Result<Vec<Told>> {
    let told = |db: &mut Db, reading: &mut Reading, document: Document| {
        let (sha256, claims) = (document.open(db, reading)?.sha256, store::documents::claims_of(db, document.id)?);
        Ok(Told { document, sha256, claims })
    };
    store::documents::of_claim(db, claim)?.into_iter().map(|document| told(db, reading, document)).collect()
}

fn visible(db: &mut Db, caller: &Caller, id: Id) -> Result<(Document, Vec<Id>)> {
    let not_found = || Error::refused(Code::NotFound);
    let document = store::documents::find(db, id)?.ok_or_else(not_found)?;
    let claims = store::documents::claims_of(db, id)?;
    if may_see(document.facility_id, !claims.is_empty(), caller) { Ok((document, claims)) } else { Err(not_found()) }
}

/// The content of a document, from its beginning. That its file is there and opens is known before anything is answered.
pub fn content(app: &App, unlocked: &Unlocked) -> Result<impl Read + Send + use<>> {
    let id = unlocked.document.id;
    let lost = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Error::internal(format!("the file of document {id} is not where it was kept, or was altered"))
        }
        _ => {
            tracing::error!(%error, "a document cannot be read");
            Error::Busy("documents cannot be read now")
        }
    };
    let file = app.documents.open(id).map_err(lost)?;
    let length = sealed_length(u64::try_from(unlocked.document.size).unwrap_or_default());
    let reader = SpoolReader::new(file, length, &unlocked.key).map_err(lost)?;
    let mut content = BufReader::with_capacity(64 * 1024, reader);
    content.fill_buf().map_err(lost)?;
    Ok(content)
}
