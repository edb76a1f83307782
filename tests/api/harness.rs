//! The ground that the tests stand on, tested itself: a copy is whole and alone, what a test leaves behind goes, and the client sees what it should.

use crate::support::client::{Answer, Client};
use crate::support::databases::{Database, Engine, Seed};
use crate::support::postgres::postgres;
use crate::support::server::Server;
use crate::support::{on_both, run_folder};
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use reqwest::Method;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub fn count(database: &Database, text: &str) -> i64 {
    try_count(database, text).expect("a count")
}

/// The same beside a process that was killed: its database may have to be recovered first.
pub fn try_count(database: &Database, text: &str) -> diesel::QueryResult<i64> {
    let query = diesel::dsl::sql::<BigInt>(text);
    match database.engine() {
        Engine::Sqlite => query.get_result(&mut SqliteConnection::establish(&file_of(database)).expect("a file")),
        Engine::Postgres => query.get_result(&mut PgConnection::establish(database.url()).expect("a database")),
    }
}

/// Waits until this holds, as what is done in the background makes it.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn file_of(database: &Database) -> String {
    database.url().strip_prefix("sqlite://").expect("a file").to_owned()
}

fn tables(database: &Database) -> i64 {
    match database.engine() {
        Engine::Sqlite => count(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
        Engine::Postgres => count(database, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"),
    }
}

fn exists(database: &Database) -> bool {
    match (database.engine(), postgres()) {
        (Engine::Sqlite, _) => Path::new(&file_of(database)).exists(),
        (Engine::Postgres, Some(postgres)) => postgres.names().iter().any(|name| database.url() == postgres.url_of(name)),
        (Engine::Postgres, None) => unreachable!("a database of PostgreSQL without PostgreSQL"),
    }
}

on_both!(a_copy_has_the_tables_and_is_nobody_elses);
async fn a_copy_has_the_tables_and_is_nobody_elses(first: Database) {
    let second = Database::copy_of(first.engine(), Seed::Migrated).expect("there is a first");
    assert!(tables(&first) > 0, "an empty template");
    assert_eq!(tables(&first), tables(&second));

    first.execute("CREATE TABLE only_here (n BIGINT); INSERT INTO only_here VALUES (1), (2);").expect("a table");
    assert_eq!(count(&first, "SELECT count(*) FROM only_here"), 2);
    assert!(second.execute("SELECT * FROM only_here").is_err(), "two tests share a database");
    let third = Database::copy_of(first.engine(), Seed::Migrated).expect("there is a first");
    assert!(third.execute("SELECT * FROM only_here").is_err(), "a test wrote into the template");
}

on_both!(a_database_goes_with_its_test);
async fn a_database_goes_with_its_test(kept: Database) {
    let dropped = Database::copy_of(kept.engine(), Seed::City).expect("there is one already");
    let still_connected = match dropped.engine() {
        Engine::Sqlite => None,
        Engine::Postgres => Some(PgConnection::establish(dropped.url()).expect("a database")),
    };
    assert!(exists(&dropped) && exists(&kept));

    let url = dropped.url().to_owned();
    drop(dropped);
    drop(still_connected);
    let gone = match kept.engine() {
        Engine::Sqlite => !Path::new(url.trim_start_matches("sqlite://")).exists(),
        Engine::Postgres => PgConnection::establish(&url).is_err(),
    };
    assert!(gone, "it stayed");
    assert!(exists(&kept), "another test's database went with it");
}

on_both!(texts_have_the_order_of_code_points);
async fn texts_have_the_order_of_code_points(database: Database) {
    assert_eq!(count(&database, "SELECT CAST(CASE WHEN 'Z' < 'a' AND 'a' < 'é' THEN 1 ELSE 0 END AS BIGINT)"), 1, "not, as people sort, a before Z");
}

on_both!(a_server_answers_over_its_own_database);
async fn a_server_answers_over_its_own_database(server: Server) {
    assert!(exists(server.database()));
    server.client().get("/health/live").await.expect(200);
    server.client().get("/no-such-page").await.expect_problem(404, "NOT_FOUND");

    let url = server.database().url().to_owned();
    let client = server.client();
    drop(server);
    let refused = client.request(Method::GET, "/health/live").send().await;
    assert!(refused.is_err_and(|error| error.is_connect()), "{url} is still served");
}

/// Answers one request with a text of the test's, and hands over what was asked.
fn answering(response: &str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    let response = response.to_owned();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut request = String::new();
        while reader.read_line(&mut request).expect("a line") > 2 {}
        let length = request.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        stream.write_all(response.as_bytes()).expect("the client reads");
        request + &String::from_utf8_lossy(&body)
    });
    (address, thread)
}

fn client_of(address: SocketAddr) -> Client {
    Client::new(address, Arc::new(|role| format!("token-of-{role}")))
}

fn response(status: &str, media_type: &str, body: &str) -> String {
    let headers = "x-request-id: 7\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\nx-frame-options: DENY\r\n\
        content-security-policy: default-src 'self'; frame-ancestors 'none'";
    format!("HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn the_client_sends_the_roles_token_and_reads_the_answer() {
    let (address, asked) = answering(&response("201 Created", "application/json", r#"{"id": 1}"#));
    let answer = client_of(address).as_role("clinic").in_language("id").post("/api/v1/things", json!({"name": "x"})).await;

    assert_eq!(answer.header("x-request-id"), "7");
    assert_eq!(answer.expect(201), json!({"id": 1}));
    let asked = asked.join().expect("one request").to_lowercase();
    for part in
        ["post /api/v1/things http/1.1\r\n", "authorization: bearer token-of-clinic\r\n", "accept-language: id\r\n", "\r\n\r\n{\"name\":\"x\"}"]
    {
        assert!(asked.contains(part), "{part:?} is not in {asked:?}");
    }
}

#[tokio::test]
async fn a_stranger_sends_no_token() {
    let (address, asked) = answering(&response("200 OK", "text/plain", "ok"));
    let answer = client_of(address).get("/metrics").await;
    assert_eq!((answer.text.as_str(), answer.json.is_null()), ("ok", true));
    assert!(!asked.join().expect("one request").to_lowercase().contains("authorization"));
}

#[test]
fn an_error_that_is_no_problem_document_fails_the_test() {
    let whole = json!({"type": "/problems/x", "title": "X", "status": 409, "code": "X"});
    let without = |field: &str| {
        let mut body = whole.clone();
        body.as_object_mut().expect("an object").remove(field);
        body.to_string()
    };
    let problem = "application/problem+json";
    for (holds, media_type, body) in [
        (true, problem, whole.to_string()),
        (true, "application/problem+json; charset=utf-8", whole.to_string()),
        (false, "application/json", whole.to_string()),
        (false, problem, without("code")),
        (false, problem, without("title")),
        (false, problem, without("status")),
        (false, problem, "conflict".to_owned()),
    ] {
        let (address, _) = answering(&response("409 Conflict", media_type, &body));
        let asked = std::thread::spawn(move || ask(address)).join();
        assert_eq!(asked.is_ok_and(|answer| answer.status == 409), holds, "{media_type} {body}");
    }
}

fn ask(address: SocketAddr) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(client_of(address).get("/"))
}

/// Set for the process that the next test starts and kills.
const TO_BE_KILLED: &str = "HARNESS_PROCESS_IS_TO_BE_KILLED";

#[test]
fn what_a_killed_process_leaves_behind_goes() {
    let mut doomed = Killed::start();
    let mut lines = BufReader::new(doomed.0.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let folder = lines.find_map(|line| line.split_once("folder: ").map(|(_, folder)| folder.to_owned())).expect("the process tells its folder");
    let pid_file = Path::new(&folder).join("postgres/data/postmaster.pid");
    let server = std::fs::read_to_string(&pid_file).ok().and_then(|text| Some(text.lines().next()?.to_owned()));
    let has_cluster = postgres().is_some() && std::env::var_os("KSNIK_TEST_POSTGRES_URL").is_none();
    assert_eq!((Path::new(&folder).is_dir(), server.is_some()), (true, has_cluster));

    drop(doomed);
    wait_until("the folder is gone", || !Path::new(&folder).exists());
    if let Some(server) = server {
        let command_line = Path::new("/proc").join(server).join("cmdline");
        wait_until("its server has stopped", || std::fs::read(&command_line).map_or(true, |line| line.is_empty()));
    }
}

#[test]
#[ignore = "the process that `what_a_killed_process_leaves_behind_goes` kills"]
fn waits_to_be_killed() {
    if std::env::var_os(TO_BE_KILLED).is_none() {
        return;
    }
    let databases = [Engine::Sqlite, Engine::Postgres].map(|engine| Database::copy_of(engine, Seed::Migrated));
    println!("folder: {}", run_folder::path().display());
    // Until the pipe closes, should the other test die first.
    let _ = std::io::stdin().read(&mut [0]);
    drop(databases);
}

struct Killed(Child);

impl Killed {
    fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let arguments = ["--exact", "harness::waits_to_be_killed", "--ignored", "--nocapture"];
        let mut command = Command::new(program);
        command.args(arguments).env(TO_BE_KILLED, "1").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        Self(command.spawn().expect("this program starts again"))
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
