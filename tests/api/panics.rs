//! A handler that panics costs its request the answer, and nobody else anything.

use std::process::{Command, Stdio};
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use ksnik::api::State;
use ksnik::context::Machine;
use ksnik::telemetry;
use serde_json::json;

use super::support::databases::{Database, Engine, Seed};
use super::support::on_both;
use super::support::product;
use super::support::server::Server;
use super::support::small_city::PEOPLE;

const CANARY: &str = "Qanaria Panikwati";

fn with_panics(engine: Engine) -> Option<Server> {
    let database = Database::copy_of(engine, Seed::City)?;
    let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
    Some(Server::running(database, |_| {
        let running = product::start_with(app.clone(), |config| {
            config.route("/panic/at-once", web::get().to(at_once));
            config.route("/panic/in-a-thread", web::get().to(in_a_thread));
            config.route("/panic/in-a-transaction", web::get().to(in_a_transaction));
        });
        product::wait_for(&app);
        running
    }))
}

async fn at_once() -> HttpResponse {
    panic!("{CANARY}")
}

async fn in_a_thread(state: web::Data<State>) -> ksnik::api::Answer<HttpResponse> {
    state.app(|_| -> ksnik::error::Result<()> { panic!("{CANARY}") }).await?;
    Ok(HttpResponse::Ok().finish())
}

async fn in_a_transaction(state: web::Data<State>) -> ksnik::api::Answer<HttpResponse> {
    let work = |_: &ksnik::service::App, db: &mut ksnik::store::db::Db| -> ksnik::error::Result<()> {
        ksnik::store::db::write(db, ksnik::store::gate::Priority::People, |_| panic!("{CANARY}"))
    };
    state.db(work).await?;
    Ok(HttpResponse::Ok().finish())
}

on_both!(a_panic_is_a_500_without_a_word_of_it_and_the_worker_lives_on, with_panics);
async fn a_panic_is_a_500_without_a_word_of_it_and_the_worker_lives_on(server: Server) {
    let clinic = server.client().as_role("clinic");
    // More often than there are workers, threads, or connections in the pool.
    for path in ["/panic/at-once", "/panic/in-a-thread", "/panic/in-a-transaction"].iter().cycle().take(18) {
        let problem = clinic.get(path).await;
        assert!(!problem.text.contains("Qanaria") && !problem.text.contains("panic"), "{}", problem.text);
        problem.expect_problem(500, "INTERNAL");
    }
    let check = json!({"nik": PEOPLE[0].0, "care_type": "primary"});
    clinic.post("/api/v1/eligibility-checks", check).await.expect(201);
    server.client().as_role("admin").get("/api/v1/users").await.expect(200);
    server.client().get("/health/ready").await.expect(200);
}

const IN_THE_CHILD: &str = "PANICS_WITH_A_CANARY";

#[test]
fn the_log_learns_where_a_panic_was_and_not_what_it_said() {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let arguments = ["--exact", "panics::panics_with_a_canary", "--ignored", "--nocapture"];
    let output = command.args(arguments).env(IN_THE_CHILD, "1").stdin(Stdio::null()).output().expect("this program starts again");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("panics.rs:") && said.contains("words of the program"), "{said}");
    assert!(!said.contains("Qanaria"), "{said}");
}

#[test]
#[ignore = "the process that `the_log_learns_where_a_panic_was_and_not_what_it_said` listens to"]
fn panics_with_a_canary() {
    if std::env::var_os(IN_THE_CHILD).is_none() {
        return;
    }
    let settings = product::settings("sqlite://unused", &[]);
    telemetry::log_to_stderr(&settings.log).expect("a log");
    telemetry::keep_panics_quiet();
    let name = std::env::args().next().map(|_| CANARY.to_owned()).unwrap_or_default();
    for panicking in [
        std::thread::spawn(|| panic!("words of the program")),
        std::thread::spawn({
            let name = name.clone();
            move || panic!("{name}")
        }),
        std::thread::spawn(move || assert_eq!(name, "")),
    ] {
        assert!(panicking.join().is_err());
    }
}
