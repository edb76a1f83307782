//! What nobody needs any more: documents that never came to stand behind a claim, and files without a row.

use std::time::Duration;

use super::receiving::discard;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::service::App;
use crate::store::audit::Event;
use crate::store::db::{Db, write_quietly};
use crate::store::documents;
use crate::store::gate::Priority;

/// A file without a row is deleted after this time; one whose upload is under way is younger.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);
const SLICE: i64 = 50;

/// Forgets a slice of the documents that stand behind no claim for too long; true when there may be more.
pub fn forget_orphans(app: &App, db: &mut Db, context: &Context) -> Result<bool> {
    let before = context.now.minus(chrono::Duration::days(app.settings.documents.orphan_days));
    let orphans = documents::orphans(db, before, SLICE)?;
    let forgotten = write_quietly(db, Priority::Bulk, "only what is deleted is told", |tx| {
        let mut forgotten = Vec::new();
        for id in &orphans {
            if documents::delete_orphan(tx, *id)? {
                tx.record(Event::new(context, "document.forgotten").object(*id));
                forgotten.push(*id);
            }
        }
        Ok(forgotten)
    })?;
    for id in forgotten {
        discard(&*app.documents, id);
    }
    Ok(i64::try_from(orphans.len()).is_ok_and(|count| count == SLICE))
}

/// Deletes the files that no row tells of: what a kill during an upload left behind, or between a row's deletion and its file's.
pub fn sweep(app: &App, db: &mut Db) -> Result<()> {
    let files =
        app.documents.older_than(FORGOTTEN_AFTER).map_err(|error| Error::internal(format!("the files of documents cannot be listed: {error}")))?;
    let known = documents::known(db, &files)?;
    for id in files.into_iter().filter(|id| !known.contains(id)) {
        tracing::info!(document = %id, "a file that is no document's is deleted");
        discard(&*app.documents, id);
    }
    Ok(())
}
