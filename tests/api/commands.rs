//! The commands of the binary that make users and keys, and the first user of all.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use ksnik::service::first_admin::FirstAdmin;
use secrecy::ExposeSecret;
use serde_json::json;

use super::support::databases::{Database, Engine, Seed};
use super::support::house::{House, PASSWORD};
use super::support::server::Server;
use super::support::{on_both, product, run_folder};

fn ksnik(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ksnik"));
    command.args(arguments).args(["--database-url", database_url]).env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY);
    command.env_remove("KSNIK_ADMIN_PASSWORD").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(database_url: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = ksnik(database_url, arguments).spawn().expect("the binary starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the binary reads");
    child.wait_with_output().expect("the binary ends")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

on_both!(users_are_made_from_the_command_line);
async fn users_are_made_from_the_command_line(house: House) {
    let url = house.server.database().url().to_owned();
    let add = |more: &[&str], input: &str| {
        let arguments = [&["user", "add", "--name", "Uji Coba"], more].concat();
        run(&url, &arguments, input)
    };
    said(&add(&["--username", "siti", "--role", "clinic", "--facility", "KLINIK", "--password-stdin"], &format!("{PASSWORD}\n")));
    let tokens = house.sign_in_from("198.51.100.1", "siti", PASSWORD).await.expect(200);
    let siti = house.stranger().with_token(tokens["access_token"].as_str().expect("a token"));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while siti.get("/api/v1/me").await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "the server did not hear of the new user");
    }
    assert_eq!(siti.get("/api/v1/me").await.json["facility_name"], json!("klinik"));

    let printed = said(&add(&["--username", "budi", "--role", "manager"], ""));
    let password = printed.lines().next().and_then(|line| line.rsplit(' ').next()).expect("a password");
    house.sign_in_from("198.51.100.1", "budi", password).await.expect(200);

    said(&run(&url, &["user", "add", "--username", "tuti", "--role", "finance"], ""));
    for (more, input, text) in [
        (&["--username", "siti", "--role", "manager"][..], "", "USERNAME_TAKEN"),
        (&["--username", "tono", "--role", "king"], "", "king"),
        (&["--username", "tono", "--role", "clinic", "--facility", "NOWHERE"], "", "NOWHERE"),
        (&["--username", "tono", "--role", "clinic"], "", "FACILITY_NEEDED"),
        (&["--username", "tono", "--role", "manager", "--password-stdin"], "rahasia123\n", "PASSWORD_COMMON"),
    ] {
        let complaint = refused(&add(more, input));
        assert!(complaint.contains(text), "{more:?}: {complaint}");
        assert!(!complaint.contains("rahasia123"), "{complaint}");
    }
}

on_both!(a_root_key_that_does_not_fit_ends_the_service_and_says_so, nobody_yet);
async fn a_root_key_that_does_not_fit_ends_the_service_and_says_so(database: Database) {
    for (key, text) in
        [("ff".repeat(32), "another root key"), ("short".into(), "64 hexadecimal digits"), (String::new(), "root key that opens them is missing")]
    {
        let mut serve = ksnik(database.url(), &["serve", "--listen", "127.0.0.1:0"]);
        let nowhere = run_folder::fresh_path("key");
        let output = serve.env("KSNIK__KEYS__ROOT_KEY", key).env("KSNIK__KEYS__ROOT_KEY_FILE", &nowhere).output().expect("the binary runs");
        let complaint = refused(&output);
        assert!(complaint.contains(text) && !nowhere.exists(), "{complaint}");
    }
}

on_both!(a_schema_is_made_and_found_up_to_date, nothing);
async fn a_schema_is_made_and_found_up_to_date(database: Database) {
    assert!(said(&run(database.url(), &["migrate"], "")).starts_with("migrated: "));
    assert_eq!(said(&run(database.url(), &["migrate"], "")), "the schema was up to date\n");
    for (purpose, id) in [("token", 7), ("data", 8), ("card", 9), ("letter", 10)] {
        assert_eq!(said(&run(database.url(), &["keys", "rotate", "--purpose", purpose], "")), format!("key {id} is the {purpose} key now\n"));
    }
    refused(&run(database.url(), &["keys", "rotate", "--purpose", "index"], ""));
}

fn nothing(engine: Engine) -> Option<Database> {
    Database::empty(engine)
}

fn nobody_yet(engine: Engine) -> Option<Database> {
    Database::copy_of(engine, Seed::Migrated)
}

on_both!(an_empty_database_gets_one_admin_and_no_other_account, nobody_yet);
async fn an_empty_database_gets_one_admin_and_no_other_account(database: Database) {
    let app = product::app(product::settings(database.url(), &[]), Arc::new(ksnik::context::Machine));
    let told = Arc::new(Mutex::new(Vec::new()));
    let ear = told.clone();
    let tell = Box::new(move |password: &secrecy::SecretString| ear.lock().expect("one thread").push(password.expose_secret().to_owned()));
    app.expect_first_admin(FirstAdmin { password: None, tell }).expect("once");
    let server = Server::of(database, app);
    let client = server.client();
    let sign_in = async |password: &str| client.post("/api/v1/auth/token", json!({"username": "admin", "password": password})).await;
    for default in ["admin", "password", "ksnik", "changeme"] {
        sign_in(default).await.expect_problem(401, "SIGN_IN_FAILED");
    }
    let passwords = told.lock().expect("one thread").clone();
    let [password] = &passwords[..] else { panic!("told {} times", passwords.len()) };
    let tokens = sign_in(password).await.expect(200);
    let admin = client.with_token(tokens["access_token"].as_str().expect("a token"));
    admin.get("/api/v1/users").await.expect_problem(403, "PASSWORD_CHANGE_REQUIRED");
    admin.post("/api/v1/me/password", json!({"current_password": password, "new_password": PASSWORD})).await.expect(204);
    assert_eq!(admin.get("/api/v1/users").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
}

on_both!(the_first_admins_password_may_be_given, nobody_yet);
async fn the_first_admins_password_may_be_given(database: Database) {
    let weak = ksnik(database.url(), &["serve", "--listen", "127.0.0.1:0"]).env("KSNIK_ADMIN_PASSWORD", "rahasia123").output().expect("it ends");
    assert!(refused(&weak).contains("PASSWORD_COMMON"));

    let mut child = ksnik(database.url(), &["serve", "--listen", "127.0.0.1:0"])
        .env("KSNIK_ADMIN_PASSWORD", PASSWORD)
        .current_dir(run_folder::path())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("ksnik listens on http://").map(str::to_owned)).expect("an address");
    let client = super::support::client::Client::new(address.parse().expect("an address"), Arc::new(str::to_owned));
    let mut answer = client.post("/api/v1/auth/token", json!({"username": "admin", "password": PASSWORD})).await;
    while answer.status == 503 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        answer = client.post("/api/v1/auth/token", json!({"username": "admin", "password": PASSWORD})).await;
    }
    let tokens = answer.expect(200);
    client.with_token(tokens["access_token"].as_str().expect("a token")).get("/api/v1/users").await.expect(200);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
