//! The dashboard's answers beside the same sums made from the rows in the same run, on both databases; how long it takes to count everything anew.
//!
//! `cargo bench --bench dashboard` · `-- --participants 2500000 --claims 1000000 --checks 2000000 --database sqlite`
//!
//! The city and a year of it are the demo's; the rest are copies of its checks and claims, spread over its people and the days of a year.

#[path = "../../tests/support/mod.rs"]
mod support;

mod checks;
#[path = "../rows/copies.rs"]
mod copies;
mod direct;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ksnik::context::Machine;
use ksnik::domain::figures::{Breakdown, FigureName, first_of_month};
use ksnik::service::demo::{Plan, build, year};
use ksnik::service::{bases, housekeeping, summaries};
use reqwest::Client;
use serde_json::Value;
use support::databases::{Database, Engine};
use support::product;

/// So often each figure is asked for.
const TIMES: usize = 100;
/// So often the rows are summed up: that takes long.
const TIMES_DIRECT: usize = 3;

struct Options {
    participants: usize,
    claims: u64,
    checks: u64,
    engines: Vec<Engine>,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).cloned();
    let number = |name: &str, usual: u64| given(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number")));
    Options {
        participants: usize::try_from(number("--participants", 100_000)).expect("a number of people"),
        claims: number("--claims", 40_000),
        checks: number("--checks", 80_000),
        engines: match given("--database").as_deref() {
            None => vec![Engine::Sqlite, Engine::Postgres],
            Some("sqlite") => vec![Engine::Sqlite],
            Some("postgres") => vec![Engine::Postgres],
            Some(_) => panic!("--database takes sqlite or postgres"),
        },
    }
}

fn main() {
    let options = options();
    for engine in &options.engines {
        let Some(database) = Database::empty(*engine) else { continue };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(measure(&database, &options));
    }
}

async fn measure(database: &Database, options: &Options) {
    let settings = [("server.workers", "2"), ("log.level", "error"), ("sign_in.access_token_seconds", "86400"), ("database.wait_ms", "20000")];
    let app = product::app(product::settings(database.url(), &settings), Arc::new(Machine));
    let mut db = app.pool.connect().expect("the database is there");
    housekeeping::prepare(&app, &mut db).expect("migrations run");
    assert!(matches!(bases::adopt(&app, &mut db), Ok(bases::Adoption::Adopted)));
    let plan = Plan { participants: options.participants, seed: 1 };
    let sign_ins = timed("the city is built", || build(&app, &mut db, plan, &mut |_| {}).expect("the city is built"));
    app.refresh(&mut db).expect("facilities and users are known");
    timed("its year is played", || year::play(&app, &mut db, plan, &mut |_| {}).expect("the year is played"));
    copies::hospitals(database);
    app.refresh(&mut db).expect("facilities are known");
    timed("checks are copied", || checks::copy(database, options.checks));
    timed("claims are copied", || copies::claims(database, options.claims));
    timed("everything is counted anew", || summaries::rebuild(&app, &mut db).expect("everything is counted"));
    copies::statistics(database);

    let user = sign_ins.iter().find(|user| user.username == "manager").expect("the demo has a manager");
    let user = ksnik::store::users::by_username(&mut db, &user.username).expect("users are read").expect("it is there").0;
    let context = app.context();
    let (token, _) = app.issue_token(&db.keyring(), user.id, None, context.new_id(), context.now).expect("a token is signed");
    let today = app.city.today(context.now);
    // Twelve whole months, of which this one is the last.
    let from = first_of_month(today) - chrono::Months::new(11);
    let running = product::start_app(app.clone());
    // The rows take longer than an idle connection is kept.
    let http = Client::builder().no_proxy().pool_idle_timeout(Duration::from_millis(200)).build().expect("a client");
    let ask = async |question: &str| {
        let place = format!("http://{}/api/v1/dashboard/{question}", running.address);
        let began = Instant::now();
        let answer = http.get(&place).bearer_auth(&token).send().await.expect("the server answers");
        let status = answer.status().as_u16();
        let told: Value = answer.json().await.expect("JSON");
        assert_eq!(status, 200, "{place}: {told}");
        (began.elapsed(), told["items"].as_array().map_or(0, Vec::len))
    };
    // The middle of them and the slowest but one in a hundred.
    let measure = async |question: &str| {
        ask(question).await;
        let mut taken = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            taken.push(ask(question).await.0);
        }
        taken.sort_unstable();
        (taken[TIMES / 2], taken[TIMES * 99 / 100])
    };
    println!(
        "\n{:?}, {} participants, {} checks and {} claims copied, a year asked for: of whole months, and of days in the middle of them",
        database.engine(),
        options.participants,
        options.checks,
        options.claims
    );
    println!(
        "| figure | by | items | p50 ms | p99 ms | days p50 ms | p99 ms | from the rows ms | times |\n|---|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    let mut slowest = Duration::ZERO;
    for figure in FigureName::ALL {
        for by in figure.spec().by {
            // By place in whole months: the year that ends with this one.
            let has_days = figure.spec().has_period && !matches!(by, Breakdown::Village | Breakdown::District);
            let whole = if has_days { format!("{figure}?by={by}&from={from}") } else { format!("{figure}?by={by}") };
            let (_, items) = ask(&whole).await;
            let (p50, p99) = measure(&whole).await;
            slowest = slowest.max(p99);
            let days = if has_days && !figure.is_by_month() {
                let (from, to) = (from + chrono::Days::new(14), first_of_month(today) - chrono::Days::new(10));
                let (p50, p99) = measure(&format!("{figure}?by={by}&from={from}&to={to}")).await;
                slowest = slowest.max(p99);
                format!("{} | {}", milliseconds(p50), milliseconds(p99))
            } else {
                " | ".to_owned()
            };
            let (rows, times) = match direct::query(*figure, *by) {
                None => (String::new(), String::new()),
                Some(query) => {
                    let direct = direct::time(database, &query.replace("$from", &from.to_string()).replace("$to", &today.to_string()), TIMES_DIRECT);
                    (milliseconds(direct), format!("{:.0}", direct.as_secs_f64() / p50.as_secs_f64()))
                }
            };
            println!("| {figure} | {by} | {items} | {} | {} | {days} | {rows} | {times} |", milliseconds(p50), milliseconds(p99));
        }
    }
    println!("\nslowest p99: {} ms", milliseconds(slowest));
    (running.stop)();
}

fn milliseconds(taken: Duration) -> String {
    format!("{:.1}", taken.as_secs_f64() * 1_000.0)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    eprintln!("{what}: {:.1} s", began.elapsed().as_secs_f64());
    done
}
