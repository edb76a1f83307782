//! A document on its way in: sealed while it comes, judged by its content, and kept before a row tells of it.

use std::io::{self, Read};
use std::sync::Arc;

use super::shelf::Shelf;
use crate::context::Context;
use crate::domain::documents::contents::{MediaType, NoDocument, recognise};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::error::{Error, Fault, Result};
use crate::privacy::spool::{SpoolKey, SpoolReader};
use crate::service::App;
use crate::service::imports::spool::{create, pour};

/// A file that no row tells of yet. It goes with this value.
pub struct Received {
    pub id: Id,
    pub media_type: MediaType,
    pub size: u64,
    pub sha256: ContentHash,
    pub key: SpoolKey,
    shelf: Arc<dyn Shelf>,
    is_kept: bool,
    is_claimed: bool,
}

impl Received {
    /// Brings the file from the desk to where it stays, which may be far away.
    pub fn keep(mut self) -> Result<Self> {
        self.shelf.keep(self.id).map_err(cannot_keep)?;
        self.is_kept = true;
        Ok(self)
    }

    pub fn claim(mut self) {
        self.is_claimed = true;
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.is_claimed {
            discard(if self.is_kept { &*self.shelf } else { self.shelf.desk() }, self.id);
        }
    }
}

/// Deletes a file that is no document's. One that stays is found by the sweep.
pub fn discard(shelf: &dyn Shelf, id: Id) {
    if let Err(error) = shelf.delete(id) {
        tracing::warn!(%error, "the file of a document could not be deleted; it is sealed, and its key is gone");
    }
}

/// Receives a file on the desk. Whatever goes wrong, nothing stays behind.
pub fn receive(app: &App, context: &Context, body: impl Read) -> Result<Received> {
    let id = context.new_id();
    let desk = app.documents.desk();
    let mut received = Received {
        id,
        // Said when it is known.
        media_type: MediaType::Pdf,
        size: 0,
        sha256: ContentHash::from_bytes([0; 32]),
        key: SpoolKey::make(id)?,
        shelf: app.documents.clone(),
        is_kept: false,
        is_claimed: false,
    };
    let file = create(desk.path(), &desk.file(id)).map_err(cannot_keep)?;
    let (sha256, size) = pour(file, &received.key, body, app.settings.documents.most_bytes, cannot_keep)?;
    (received.sha256, received.size) = (ContentHash::from_bytes(sha256), size);
    received.media_type = judged(&received)?;
    Ok(received)
}

/// Read back from where it was written, so that what is judged is what is kept.
fn judged(received: &Received) -> Result<MediaType> {
    let open = || -> io::Result<_> {
        let file = std::fs::File::open(received.shelf.desk().file(received.id))?;
        let length = file.metadata()?.len();
        SpoolReader::new(file, length, &received.key)
    };
    recognise(open().map_err(cannot_keep)?).map_err(|error| match error {
        NoDocument::OtherType => Fault::at("/file", "DOCUMENT_TYPE").with("allowed", "PDF, PNG, JPEG").into(),
        NoDocument::Broken(media_type) => Fault::at("/file", "DOCUMENT_BROKEN").with("type", media_type.ending().to_uppercase()).into(),
        NoDocument::Active(name) => Fault::at("/file", "DOCUMENT_ACTIVE").with("name", name).into(),
        NoDocument::Io(error) => cannot_keep(error),
    })
}

/// A disk that is full or away, or a bucket that is: nobody's mistake, and only the log may know which.
fn cannot_keep(error: io::Error) -> Error {
    tracing::error!(%error, "a document cannot be kept");
    Error::Busy("documents cannot be kept now")
}
