//! Spool files: where an upload waits, sealed, until its job has read it to the end.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{Context as Sha, SHA256};
use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::config::database_url::DatabaseUrl;
use crate::domain::id::Id;
use crate::error::{Code, Error, Result};
use crate::privacy::spool::{SpoolKey, SpoolReader, SpoolWriter};

const ENDING: &str = "spool";
/// A file that nobody asks for is deleted after this time; one that is still being written is younger.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A complete file and what opens it.
pub struct Spool {
    pub path: PathBuf,
    pub key: SpoolKey,
}

/// A file that no job has claimed yet. It goes with this value.
pub struct Received {
    pub spool: Spool,
    /// SHA-256 of the text: tells the same file from another one.
    pub digest: Vec<u8>,
    claimed: bool,
}

impl Received {
    pub fn claim(mut self) {
        self.claimed = true;
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.claimed {
            self.spool.delete();
        }
    }
}

/// The folder of the settings; else beside the SQLite file; else among the system's temporary files, where a sealed file may lie.
pub fn folder(settings: &Settings) -> PathBuf {
    if !settings.imports.spool.is_empty() {
        return PathBuf::from(&settings.imports.spool);
    }
    let url = DatabaseUrl::parse(settings.database.url.expose_secret()).ok();
    match url.as_ref().and_then(DatabaseUrl::sqlite_path) {
        Some(file) => {
            let mut beside = file.as_os_str().to_owned();
            beside.push("-imports");
            PathBuf::from(beside)
        }
        None => std::env::temp_dir().join("ksnik-imports"),
    }
}

pub fn path(folder: &Path, id: Id) -> PathBuf {
    folder.join(format!("{id}.{ENDING}"))
}

impl Spool {
    /// Seals a body into a new file, at most `most` bytes of it. Whatever goes wrong, nothing stays behind.
    pub fn receive(folder: &Path, id: Id, body: impl Read, most: u64) -> Result<Received> {
        let spool = Self { path: path(folder, id), key: SpoolKey::make(id)? };
        let mut received = Received { spool, digest: Vec::new(), claimed: false };
        received.digest = received.spool.fill(folder, body, most)?;
        Ok(received)
    }

    fn fill(&self, folder: &Path, body: impl Read, most: u64) -> Result<Vec<u8>> {
        let file = create(folder, &self.path).map_err(disk)?;
        pour(file, &self.key, body, most, disk).map(|(digest, _)| digest.to_vec())
    }

    /// Reads the file from its beginning.
    pub fn open(&self) -> io::Result<SpoolReader<File>> {
        let file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        SpoolReader::new(file, length, &self.key)
    }

    pub fn delete(&self) {
        delete(&self.path);
    }
}

/// A sealed file for as long as this value lives. What a kill leaves behind is tidied like a forgotten upload.
pub struct Scratch(Spool);

impl Scratch {
    pub fn make(folder: &Path, id: Id) -> io::Result<(Self, File)> {
        let key = SpoolKey::make(id).map_err(io::Error::other)?;
        let scratch = Self(Spool { path: path(folder, id), key });
        let file = create(folder, &scratch.0.path)?;
        Ok((scratch, file))
    }

    pub fn writer<W: Write>(&self, output: W) -> io::Result<SpoolWriter<W>> {
        SpoolWriter::new(output, &self.0.key)
    }

    pub fn open(&self) -> io::Result<SpoolReader<File>> {
        self.0.open()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.0.delete();
    }
}

pub fn delete(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a spool file could not be deleted; it is sealed, and its key is gone");
    }
}

/// Deletes what a kill during an upload, or a job that was ended elsewhere, left behind.
pub fn tidy(folder: &Path, wanted: &[Id]) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = path.extension().is_some_and(|ending| ending == ENDING);
        let is_wanted = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).is_some_and(|id: Id| wanted.contains(&id));
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|modified| modified.elapsed().ok());
        if is_ours && !is_wanted && age.is_some_and(|age| age > FORGOTTEN_AFTER) {
            delete(&path);
        }
    }
}

/// Seals a body into a file, at most `most` bytes of it, and brings it to the disk: SHA-256 and length of the text. `disk` says what it means that the file
/// cannot be written.
pub fn pour(file: File, key: &SpoolKey, mut body: impl Read, most: u64, disk: fn(io::Error) -> Error) -> Result<([u8; 32], u64)> {
    let mut sealed = SpoolWriter::new(BufWriter::new(file), key).map_err(disk)?;
    let mut buffer = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
    let mut digest = Sha::new(&SHA256);
    let mut length = 0;
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(Error::refused(Code::BodyTooSlow)),
            // The sender went away, or what was called gzip is none.
            Err(_) => return Err(Error::refused(Code::BodyUnreadable)),
        };
        length += read as u64;
        if length > most {
            return Err(Error::refused(Code::BodyTooLarge));
        }
        digest.update(&buffer[..read]);
        sealed.write_all(&buffer[..read]).map_err(disk)?;
    }
    let file = sealed.finish().map_err(disk)?.into_inner().map_err(|error| disk(error.into_error()))?;
    file.sync_all().map_err(disk)?;
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.finish().as_ref());
    Ok((bytes, length))
}

/// A folder and a file that only their owner may enter.
pub fn create(folder: &Path, path: &Path) -> io::Result<File> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder)?;
    options.open(path)
}

fn disk(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return Error::Busy("the disk has no room for the upload");
    }
    Error::internal(format!("the spool file cannot be written: {error}"))
}
