//! Where the sealed files of documents lie: in a folder, or in a bucket. A file is named by its document's id, written once and never changed.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::bucket::Bucket;
use crate::config::database_url::DatabaseUrl;
use crate::config::{DocumentStore, Settings};
use crate::domain::id::Id;

const ENDING: &str = "document";

pub trait Shelf: Send + Sync {
    /// Where an upload is written, sealed, before it is kept.
    fn desk(&self) -> &Folder;

    /// Keeps a file that lies complete on the desk. When this returns, it outlives the loss of power.
    fn keep(&self, id: Id) -> io::Result<()>;

    fn open(&self, id: Id) -> io::Result<Box<dyn Read + Send>>;

    /// Deletes a file, from the desk too. One that is not there is as good as deleted.
    fn delete(&self, id: Id) -> io::Result<()>;

    /// The files that have lain here or on the desk for so long.
    fn older_than(&self, age: Duration) -> io::Result<Vec<Id>>;
}

/// As the settings say. What is missing is told to whoever starts the service.
pub fn open(settings: &Settings) -> Result<Arc<dyn Shelf>, String> {
    let folder = Folder(folder(settings)?);
    Ok(match settings.documents.driver {
        DocumentStore::Folder => Arc::new(folder),
        DocumentStore::Bucket => Arc::new(Bucket::open(&settings.documents, folder)?),
    })
}

/// The folder of the settings; else beside the SQLite file, or in the folder of the service.
fn folder(settings: &Settings) -> Result<PathBuf, String> {
    if !settings.documents.folder.is_empty() {
        return Ok(PathBuf::from(&settings.documents.folder));
    }
    Ok(match DatabaseUrl::parse(settings.database.url.expose_secret())?.sqlite_path() {
        Some(file) => {
            let mut beside = file.as_os_str().to_owned();
            beside.push("-documents");
            PathBuf::from(beside)
        }
        None => PathBuf::from("ksnik-documents"),
    })
}

pub struct Folder(PathBuf);

impl Folder {
    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, id: Id) -> PathBuf {
        self.0.join(format!("{id}.{ENDING}"))
    }
}

impl Shelf for Folder {
    fn desk(&self) -> &Folder {
        self
    }

    fn keep(&self, _: Id) -> io::Result<()> {
        // The file was synced by who wrote it; its name is in the folder, which must reach the disk as well.
        File::open(&self.0)?.sync_all()
    }

    fn open(&self, id: Id) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.file(id))?))
    }

    fn delete(&self, id: Id) -> io::Result<()> {
        match std::fs::remove_file(self.file(id)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn older_than(&self, age: Duration) -> io::Result<Vec<Id>> {
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            // It is made with the first document.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let id: Option<Id> =
                path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).filter(|_| path.extension().is_some_and(|ending| ending == ENDING));
            // Who cannot tell its age is not old.
            let lies_for = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|modified| modified.elapsed().ok());
            if lies_for.is_some_and(|time| time >= age) {
                found.extend(id);
            }
        }
        Ok(found)
    }
}
