//! One folder for each test process, with all that it leaves on disk. It goes when the process ends, however it ends.
//!
//! Statics are not dropped at exit and a killed process drops nothing, so a small shell waits beside it: the pipe to it closes with the process, and then it
//! stops the cluster in the folder and deletes the folder. Should the shell be killed as well, the next run sweeps: the folder's lock is free by then.

use std::fs::{File, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "ksnik-tests-";
const LOCK: &str = "lock";

/// `$1` is the folder. QUIT is PostgreSQL's stop without a checkpoint: its data is about to be deleted.
const REAPER: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
pid_file=$1/postgres/data/postmaster.pid
if [ -e "$pid_file" ]; then
    read -r pid <"$pid_file"
    kill -QUIT "$pid"
    tries=0
    while [ -e "$pid_file" ] && [ "$tries" -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
fi
rm -rf "$1"
"#;

struct RunFolder {
    path: PathBuf,
    _lock: File,
    _reaper: Child,
}

/// The folder of this process.
pub fn path() -> &'static Path {
    static FOLDER: OnceLock<RunFolder> = OnceLock::new();
    &FOLDER.get_or_init(make).path
}

/// A path in the folder that nothing has yet.
pub fn fresh_path(extension: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    path().join(format!("{}.{extension}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn make() -> RunFolder {
    let base = base(&std::env::temp_dir());
    sweep(&base);
    // It gets its name only when it is locked, so that no sweep of another process meets it without.
    let unnamed = tempfile::Builder::new().prefix("new-ksnik-tests-").tempdir_in(&base).expect("a folder for the tests").keep();
    // PostgreSQL's user passes through; `postgres.rs` gives it the folder below.
    std::fs::set_permissions(&unnamed, PermissionsExt::from_mode(0o711)).expect("own folder");
    let lock = File::create(unnamed.join(LOCK)).expect("own folder");
    lock.lock().expect("nobody else knows this file");
    let path = base.join(format!("{PREFIX}{}", uuid::Uuid::now_v7().simple()));
    std::fs::rename(&unnamed, &path).expect("a fresh name");

    let reaper = Command::new("sh")
        .args(["-c", REAPER, "reaper"])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        // Ctrl-C goes to the whole group of the terminal, and this one must outlive it.
        .process_group(0)
        .spawn()
        .expect("a shell");
    RunFolder { path, _lock: lock, _reaper: reaper }
}

/// The temporary folder, or a public one when root's PostgreSQL user could not enter the first.
fn base(wanted: &Path) -> PathBuf {
    let everyone_enters = |path: &Path| path.ancestors().all(|folder| folder.metadata().is_ok_and(|meta| meta.mode() & 0o001 != 0));
    let candidates = [wanted, Path::new("/tmp"), Path::new("/var/tmp")];
    let usable = |path: &&Path| path.is_dir() && (!is_root() || everyone_enters(path));
    candidates.into_iter().find(usable).expect("a temporary folder that PostgreSQL's user may enter").to_owned()
}

pub fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| tempfile::tempfile().and_then(|file| file.metadata()).expect("a temporary file").uid() == 0)
}

/// Deletes the folders of processes that are gone. A PostgreSQL that still runs in one notices within a minute that its lock file is gone and stops.
fn sweep(base: &Path) {
    let Ok(entries) = base.read_dir() else { return };
    let own = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in own.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()) {
        if is_abandoned(&folder) {
            // It may belong to somebody else on this machine, or its reaper may be quicker.
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)).map(|file| file.try_lock()) {
        Ok(Ok(())) => true,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_swept_when_its_process_is_gone_and_not_before() {
        let base = tempfile::tempdir().expect("a folder");
        let folder = |name: &str| {
            let path = base.path().join(name);
            std::fs::create_dir(&path).expect("own folder");
            let lock = File::create(path.join(LOCK)).expect("own folder");
            (path, lock)
        };
        let (of_the_dead, dead) = folder("ksnik-tests-dead");
        let (of_the_living, living) = folder("ksnik-tests-living");
        let (of_others, _others) = folder("another-program");
        living.lock().expect("a lock");
        drop(dead);

        sweep(base.path());
        assert_eq!([of_the_dead.exists(), of_the_living.exists(), of_others.exists()], [false, true, true]);
        drop(living);
        sweep(base.path());
        assert!(!of_the_living.exists());
    }
}
