//! PostgreSQL for the tests: a throwaway cluster of this process, made from the server programs that are installed, or the server that
//! `KSNIK_TEST_POSTGRES_URL` names. Without either, the PostgreSQL half of the tests is left out, loudly; with `KSNIK_REQUIRE_POSTGRES=1` it fails.

use super::run_folder;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, RunQueryDsl};
use std::fs::{File, Permissions};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

const START_TIMEOUT: Duration = Duration::from_secs(60);
const ABSENT: &str = "
  ############################################################################################
  #  The PostgreSQL half of the tests DID NOT RUN: there is no PostgreSQL server on this      #
  #  machine. Install it (Debian: apt-get install postgresql; it need not run) or name a      #
  #  server in KSNIK_TEST_POSTGRES_URL=postgres://user:password@host/postgres .               #
  ############################################################################################
";

/// A server and the right to make databases on it.
pub struct Postgres {
    /// Of the database `postgres`, or of the one that the user named.
    admin_url: String,
    /// The first part of the name of every database of this run.
    run: String,
    next: AtomicU32,
    /// Stays open: databases whose run has no connection left are leftovers.
    _presence: Mutex<PgConnection>,
    server: Option<Child>,
}

/// The server of this process, started when first asked for.
pub fn postgres() -> Option<&'static Postgres> {
    static POSTGRES: OnceLock<Result<Option<Postgres>, String>> = OnceLock::new();
    match POSTGRES.get_or_init(find_or_start) {
        Ok(postgres) => postgres.as_ref(),
        Err(why) => panic!("PostgreSQL for the tests: {why}"),
    }
}

fn find_or_start() -> Result<Option<Postgres>, String> {
    let required = std::env::var("KSNIK_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    if let Ok(url) = std::env::var("KSNIK_TEST_POSTGRES_URL") {
        return Postgres::at(url, None).map(Some);
    }
    match server_programs(&std::env::var_os("PATH").unwrap_or_default()) {
        Some(programs) => Cluster::start(&programs).and_then(|cluster| Postgres::at(cluster.url, Some(cluster.server))).map(Some),
        None if required => {
            Err("KSNIK_REQUIRE_POSTGRES=1, and no server programs (initdb, postgres) in PATH or /usr/lib/postgresql/*/bin".to_owned())
        }
        None => {
            // Straight to the file: what `eprintln!` prints is shown of failed tests only.
            let _ = std::io::stderr().write_all(ABSENT.as_bytes());
            Ok(None)
        }
    }
}

impl Postgres {
    fn at(admin_url: String, server: Option<Child>) -> Result<Self, String> {
        let random = uuid::Uuid::now_v7().simple().to_string();
        let run = format!("ksnik_test_{}", &random[16..]);
        let presence_url = with_parameter(&admin_url, "application_name", &run);
        let mut presence = PgConnection::establish(&presence_url).map_err(|error| error.to_string())?;
        drop_leftovers(&mut presence).map_err(|error| error.to_string())?;
        Ok(Self { admin_url, run, next: AtomicU32::new(0), _presence: Mutex::new(presence), server })
    }

    fn admin(&self) -> PgConnection {
        PgConnection::establish(&self.admin_url).expect("the server of the tests answers")
    }
    /// The postmaster, where the server is ours.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.admin_url, database)
    }

    /// A name for a database that nothing has yet.
    pub fn fresh_name(&self) -> String {
        format!("{}_{}", self.run, self.next.fetch_add(1, Ordering::Relaxed))
    }

    // Names are made by `fresh_name`; a definition takes no bind.
    pub fn create_from(&self, template: &str, database: &str) {
        self.admin().batch_execute(&format!("CREATE DATABASE {database} TEMPLATE {template}")).expect("the template has no open connection");
    }

    /// In the locale that the product asks for, whatever that of the server is.
    pub fn create_empty(&self, database: &str) {
        let text = format!("CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
        self.admin().batch_execute(&text).expect("the user of KSNIK_TEST_POSTGRES_URL may make databases");
    }

    pub fn names(&self) -> Vec<String> {
        diesel::dsl::sql::<Text>("SELECT datname::text FROM pg_database").load(&mut self.admin()).expect("the catalogue")
    }

    pub fn drop(&self, database: &str) -> diesel::QueryResult<()> {
        self.admin().batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
    }
}

/// Templates outlive their process on a server that is not ours, and so does everything of a process that was killed.
fn drop_leftovers(connection: &mut PgConnection) -> diesel::QueryResult<()> {
    let leftovers: Vec<String> = diesel::dsl::sql::<Text>(
        r"SELECT datname::text FROM pg_database WHERE datname LIKE 'ksnik\_test\_%' AND NOT EXISTS
            (SELECT 1 FROM pg_stat_activity WHERE application_name = substring(pg_database.datname from '^ksnik_test_[0-9a-f]+'))",
    )
    .load(connection)?;
    leftovers.iter().try_for_each(|name| connection.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")))
}

struct Cluster {
    url: String,
    server: Child,
}

impl Cluster {
    fn start(programs: &Path) -> Result<Self, String> {
        let folder = run_folder::path().join("postgres");
        std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(|error| error.to_string())?;
        let user = if run_folder::is_root() { Some(ServerUser::find()?) } else { None };

        // A password, because any program of this machine reaches the port, and a superuser of PostgreSQL may run commands.
        let password = uuid::Uuid::now_v7().simple().to_string();
        let password_file = folder.join("password");
        std::fs::write(&password_file, &password).map_err(|error| error.to_string())?;
        if let Some(user) = &user {
            user.takes(&folder)?;
            user.takes(&password_file)?;
        }

        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(&folder).stdin(Stdio::null());
            if let Some(user) = &user {
                command.uid(user.uid).gid(user.gid);
            }
            command
        };
        let made = program("initdb")
            .args(["--pgdata=data", "--username=ksnik", "--pwfile=password", "--auth=password", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"])
            .output()
            .map_err(|error| format!("{}: {error}", programs.display()))?;
        if !made.status.success() {
            return Err(format!("initdb: {}{}", String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr)));
        }

        // Between choosing a port and taking it another program may be quicker.
        let mut last = String::new();
        for _ in 0..5 {
            let port = free_port()?;
            let url = format!("postgres://ksnik:{password}@127.0.0.1:{port}/postgres");
            let log = folder.join("log");
            match start_server(program("postgres"), port, &log).and_then(|server| wait_for(server, &url, &log)) {
                Ok(server) => return Ok(Self { url, server }),
                Err(why) => last = why,
            }
        }
        Err(last)
    }
}

fn start_server(mut postgres: Command, port: u16, log: &Path) -> Result<Child, String> {
    let log = File::create(log).map_err(|error| error.to_string())?;
    let log_too = log.try_clone().map_err(|error| error.to_string())?;
    let port = port.to_string();
    let settings = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port),
        ("unix_socket_directories", ""),
        ("max_connections", "300"),
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("wal_level", "minimal"),
        ("max_wal_senders", "0"),
        // It would connect to templates, which must have no connection when they are copied.
        ("autovacuum", "off"),
    ];
    postgres.arg("-D").arg("data");
    for (name, value) in settings {
        postgres.arg("-c").arg(format!("{name}={value}"));
    }
    // An own group: Ctrl-C in the terminal is for the tests, and the reaper stops the server.
    postgres.stdout(log).stderr(log_too).process_group(0).spawn().map_err(|error| format!("postgres: {error}"))
}

/// Waits until the server takes a connection, or says why it never will.
fn wait_for(mut server: Child, url: &str, log: &Path) -> Result<Child, String> {
    let deadline = Instant::now() + START_TIMEOUT;
    let said = || std::fs::read_to_string(log).unwrap_or_default();
    loop {
        match PgConnection::establish(url) {
            Ok(_) => return Ok(server),
            Err(error) if Instant::now() > deadline => {
                let _ = server.kill();
                let _ = server.wait();
                return Err(format!("it did not take a connection within {START_TIMEOUT:?}: {error}\n{}", said()));
            }
            Err(_) => {}
        }
        if let Some(status) = server.try_wait().map_err(|error| error.to_string())? {
            return Err(format!("postgres ended with {status}\n{}", said()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}

/// Whom the server runs as when the tests run as root, which initdb and postgres refuse.
struct ServerUser {
    uid: u32,
    gid: u32,
}

impl ServerUser {
    fn find() -> Result<Self, String> {
        let id = |what: &str, user: &str| -> Option<u32> {
            let output = Command::new("id").args([what, user]).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        };
        ["postgres", "nobody"]
            .iter()
            .find_map(|user| Some(Self { uid: id("-u", user)?, gid: id("-g", user)? }))
            .ok_or_else(|| "the tests run as root, and there is no user postgres or nobody to run the server as".to_owned())
    }

    fn takes(&self, path: &Path) -> Result<(), String> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).map_err(|error| error.to_string())
    }
}

/// The folder with `initdb` and `postgres`: from PATH, else the newest of those where distributions keep them.
fn server_programs(path: &std::ffi::OsStr) -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    std::env::split_paths(path).find(complete).or_else(|| newest(Path::new("/usr/lib/postgresql"), complete))
}

fn newest(parent: &Path, complete: impl Fn(&PathBuf) -> bool) -> Option<PathBuf> {
    let versions = parent.read_dir().ok()?.flatten();
    let numbered = versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))));
    numbered.filter(|(_, folder)| complete(folder)).max().map(|(_, folder)| folder)
}

/// The same server, another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(address, parameters)| (address, Some(parameters)));
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[host_at..].find('/').map_or(address.len(), |at| host_at + at);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{database}{parameters}", &address[..host_end])
}

fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{name}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_all_but_its_database() {
        for (url, expected) in [
            ("postgres://u:p@127.0.0.1:5432/postgres", "postgres://u:p@127.0.0.1:5432/x"),
            ("postgres://h", "postgres://h/x"),
            ("postgres://h/a?sslmode=require&connect_timeout=2", "postgres://h/x?sslmode=require&connect_timeout=2"),
            ("postgres:///a?host=/run/postgresql", "postgres:///x?host=/run/postgresql"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
        assert_eq!(with_parameter("postgres://h/a", "b", "c"), "postgres://h/a?b=c");
        assert_eq!(with_parameter("postgres://h/a?d=e", "b", "c"), "postgres://h/a?d=e&b=c");
    }

    #[test]
    fn the_programs_are_found_in_path_first_and_versions_compare_as_numbers() {
        let root = tempfile::tempdir().expect("a folder");
        let install = |folder: &str, programs: &[&str]| {
            let folder = root.path().join(folder);
            std::fs::create_dir_all(&folder).expect("own folder");
            for program in programs {
                File::create(folder.join(program)).expect("own folder");
            }
            folder
        };
        let (nine, seventeen) = (install("9/bin", &["initdb", "postgres"]), install("17/bin", &["initdb", "postgres"]));
        install("18/bin", &["initdb"]);
        install("not-a-version/bin", &["initdb", "postgres"]);

        let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
        assert_eq!(newest(root.path(), complete), Some(seventeen));
        assert_eq!(newest(&root.path().join("nowhere"), complete), None);
        assert_eq!(server_programs(nine.as_os_str()), Some(nine));
    }
}
