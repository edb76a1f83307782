//! The product as a process of its own: the binary that the tests were built with, over a database of a test. What it prints goes into files that can be
//! searched.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::audited::opened;
use super::client::Client;
use super::databases::Database;
use super::turns::run_until;
use super::{product, run_folder, small_city};

const START_TIMEOUT: Duration = Duration::from_secs(60);

pub struct Served {
    child: Child,
    /// Where it runs, with what it printed.
    pub folder: PathBuf,
    pub address: SocketAddr,
    /// From the start of the process to the first "ready".
    pub ready_after: Duration,
    pub token_of: Arc<dyn Fn(&str) -> String + Send + Sync>,
}

impl Served {
    /// Starts it and waits until it is ready.
    pub fn start(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::start_with(Command::new(env!("CARGO_BIN_EXE_ksnik")), database, settings)
    }

    /// The same by a command that runs the binary in the end.
    pub fn start_with(mut command: Command, database: &Database, settings: &[(&str, &str)]) -> Self {
        let folder = run_folder::fresh_path("served");
        std::fs::create_dir(&folder).expect("a fresh folder");
        // Settings of whoever runs the tests are not theirs.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KSNIK") || name == "RUST_LOG") {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", database.url()]).env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY);
        let usual =
            [("sign_in.argon2_memory_kib", "64"), ("sign_in.argon2_passes", "1"), ("server.stale_after_ms", "20000"), ("database.pool_size", "4")];
        for (key, value) in usual.iter().chain(settings) {
            command.env(format!("KSNIK__{}", key.to_uppercase().replace('.', "__")), value);
        }
        let file = |name: &str| File::create(folder.join(name)).expect("own folder");
        command.current_dir(&folder).stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        let began = Instant::now();
        let child = command.spawn().expect("the binary runs");
        let mut served = Self { child, folder, address: ([0, 0, 0, 0], 0).into(), ready_after: Duration::ZERO, token_of: tokens(database) };
        served.address = served.until("it listens", |served| {
            let printed = std::fs::read_to_string(served.folder.join("stdout")).unwrap_or_default();
            printed.split_once("listens on http://")?.1.split_once('\n')?.0.parse().ok()
        });
        served.until("it is ready", |served| (status(served.address, "/health/ready") == Some(200)).then_some(()));
        served.ready_after = began.elapsed();
        served
    }

    fn until<T>(&mut self, what: &str, holds: impl Fn(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(found) = holds(self) {
                return found;
            }
            let ended = self.child.try_wait().expect("own child");
            assert!(ended.is_none() && Instant::now() < deadline, "waited in vain until {what}: {ended:?}\n{}", self.printed());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address, self.token_of.clone())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has said so far, on both outputs.
    pub fn printed(&self) -> String {
        ["stdout", "stderr"].map(|name| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()).concat()
    }

    /// Ends it as a power cut would: no code of it runs any more.
    pub fn kill(&mut self) {
        self.child.kill().expect("own child");
        self.child.wait().expect("own child");
    }

    /// Lets it run until this holds, and leaves it standing there; what is left is to kill it.
    pub fn runs_until(&mut self, holds: impl Fn() -> bool) -> bool {
        run_until(&mut self.child, holds)
    }

    /// Tells it to stop, as an orchestrator would.
    pub fn tell_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().expect("kill is there");
        assert!(told.success());
    }

    /// None when it has not ended within this time.
    pub async fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("own child") {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    fn figure(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a running process");
        let figure = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.trim().parse().ok());
        figure.expect("a figure")
    }

    /// Memory in use, in KiB; what was used before is forgotten.
    pub fn memory_from_here(&self) -> u64 {
        // 5 resets the highest figure.
        std::fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").expect("an own process");
        self.figure("VmRSS:")
    }

    pub fn most_memory(&self) -> u64 {
        self.figure("VmHWM:")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Signs tokens with the database's own key, as the process itself would.
fn tokens(database: &Database) -> Arc<dyn Fn(&str) -> String + Send + Sync> {
    let (app, _) = opened(database);
    Arc::new(move |user| {
        let context = app.context();
        let keyring = app.pool.shared().keyring();
        app.issue_token(&keyring, small_city::id_of(user), None, context.new_id(), context.now).expect("a signing key").0
    })
}

/// The status of an answer to a GET; None when nobody answers.
pub fn status(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.get(9..12)?.parse().ok()
}
