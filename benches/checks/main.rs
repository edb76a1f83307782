//! Recorded checks per second, on both databases, beside a bare actix handler and the plain way, in alternating rounds of one run.
//!
//! `cargo bench --bench checks` · `-- --participants 2500000 --connections 8,64,256 --seconds 5 --rounds 5 --database sqlite`
//!
//! The bare handler is the bound that the web framework sets; the plain way is what most services do: a connection a request, a query an entity, one
//! insert and one commit. All pay for the same tokens, sealing and audit chain, except the bare handler, which does nothing.

#[path = "../../tests/support/mod.rs"]
mod support;

mod cpu;
mod load;
mod served;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use ksnik::context::Machine;
use ksnik::domain::synthetic::City;
use ksnik::service::demo::{Plan, build};
use ksnik::service::{bases, housekeeping};
use load::{Outcome, Request};
use support::databases::{Database, Engine};
use support::product;

const SERVE: &str = "KSNIK_BENCH_SERVES";
const WAYS: [&str; 3] = ["bare", "plain", "desk"];

struct Options {
    participants: usize,
    connections: Vec<usize>,
    time: Duration,
    rounds: usize,
    engines: Vec<Engine>,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).cloned();
    let number = |name: &str, usual: usize| given(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number")));
    Options {
        participants: number("--participants", 100_000),
        connections: given("--connections")
            .map_or(vec![8, 64, 256], |list| list.split(',').map(|text| text.parse().expect("--connections takes numbers with commas")).collect()),
        time: Duration::from_secs(number("--seconds", 3) as u64),
        rounds: number("--rounds", 3),
        engines: match given("--database").as_deref() {
            None => vec![Engine::Sqlite, Engine::Postgres],
            Some("sqlite") => vec![Engine::Sqlite],
            Some("postgres") => vec![Engine::Postgres],
            Some(_) => panic!("--database takes sqlite or postgres"),
        },
    }
}

fn main() {
    if let Ok(url) = std::env::var(SERVE) {
        return served::run(&url);
    }
    let options = options();
    for engine in &options.engines {
        let Some(database) = Database::empty(*engine) else { continue };
        let (niks, token) = fill(&database, &options);
        let server = Served::start(&database);
        println!("\n{engine:?}, {} participants, {} rounds of {} s, medians", options.participants, options.rounds, options.time.as_secs());
        println!("| connections | way | checks/s | p50 ms | p99 ms | CPU µs server | CPU µs database | of bare | times plain |");
        println!("|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        for connections in &options.connections {
            measure(&server, *engine, *connections, &niks, &token, &options);
        }
    }
}

/// A city in the database, every NIK of it, and a token of a clinic.
fn fill(database: &Database, options: &Options) -> (Arc<Vec<String>>, String) {
    if database.engine() == Engine::Postgres {
        // The tests' server may forget; what is measured here must be durable.
        let mut connection = diesel::PgConnection::establish(database.url()).expect("the database is there");
        for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
            connection.batch_execute(&format!("ALTER SYSTEM SET {setting} = 'on'")).expect("the tests' server is ours");
        }
        connection.batch_execute("SELECT pg_reload_conf()").expect("the settings are read");
    }
    let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
    let mut db = app.pool.connect().expect("the database is there");
    housekeeping::prepare(&app, &mut db).expect("migrations run");
    assert!(matches!(bases::adopt(&app, &mut db), Ok(bases::Adoption::Adopted)));
    let began = Instant::now();
    let plan = Plan { participants: options.participants, seed: 1 };
    let sign_ins = build(&app, &mut db, plan, &mut |_| {}).expect("the city is built");
    eprintln!("{:?}: {} people stored in {:.1} s", database.engine(), options.participants, began.elapsed().as_secs_f64());
    app.refresh(&mut db).expect("the memory is read");
    let clinic = sign_ins.iter().find(|user| user.username == "clinic").expect("the demo has a clinic");
    let user = ksnik::store::users::by_username(&mut db, &clinic.username).expect("users are read").expect("the clinic's user is there").0;
    // A token for longer than the bench runs.
    let settings = product::settings(database.url(), &[("sign_in.access_token_seconds", "86400")]);
    let issuer = product::app(settings, Arc::new(Machine));
    let context = app.context();
    let (token, _) = issuer.issue_token(&db.keyring(), user.id, None, context.new_id(), context.now).expect("a token is signed");
    if database.engine() == Engine::Postgres {
        diesel::PgConnection::establish(database.url())
            .and_then(|mut connection| connection.batch_execute("VACUUM ANALYZE").map_err(diesel::ConnectionError::CouldntSetupConfiguration))
            .expect("statistics are made");
    }
    let today = app.city.today(context.now);
    let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
    let niks = city
        .households(plan.participants)
        .flat_map(|household| household.members.into_iter().map(|person| person.registration.nik.digits().to_owned()));
    (Arc::new(niks.collect()), token)
}

/// The server in its own process.
struct Served {
    process: Child,
    product: SocketAddr,
    bare: SocketAddr,
}

impl Served {
    fn start(database: &Database) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut process = Command::new(own).env(SERVE, database.url()).stdout(Stdio::piped()).spawn().expect("this program starts again");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("the server tells where it is");
        let (product, bare) = line.trim().split_once(' ').expect("two addresses");
        let (product, bare) = (product.parse().expect("an address"), bare.parse().expect("an address"));
        Self { process, product, bare }
    }

    fn cpu(&self) -> f64 {
        cpu::of_process(self.process.id())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has nothing to finish: the database goes next.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn request(path: &str, token: &str, niks: Arc<Vec<String>>) -> Request {
    let head = format!("POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    Rc::new(move |connection, number| {
        // Spread over the whole city, and never the same person on two connections at once.
        let nik = &niks[(connection * 7_919 + number * 104_729) % niks.len()];
        let body = format!(r#"{{"nik":"{nik}","care_type":"primary","diagnosis_code":"A09"}}"#);
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    })
}

/// One round's figures.
struct Round {
    rate: f64,
    p50: f64,
    p99: f64,
    server: f64,
    database: f64,
}

fn measure(server: &Served, engine: Engine, connections: usize, niks: &Arc<Vec<String>>, token: &str, options: &Options) {
    let ways = [(server.bare, "/bare"), (server.product, "/plain"), (server.product, "/api/v1/eligibility-checks")];
    let mut rounds: [Vec<Round>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=options.rounds {
        for (way, (address, path)) in ways.iter().enumerate() {
            let (server_before, database_before) = (server.cpu(), database_cpu(engine));
            let outcome: Outcome = load::run(*address, connections, options.time, request(path, token, niks.clone()));
            assert_eq!(outcome.failed, 0, "{path} refused some of its requests");
            let each = 1e6 / outcome.answered.max(1) as f64;
            // The first round warms up.
            if round > 0 {
                rounds[way].push(Round {
                    rate: outcome.rate(),
                    p50: outcome.percentile(50.0),
                    p99: outcome.percentile(99.0),
                    server: (server.cpu() - server_before) * each,
                    database: (database_cpu(engine) - database_before) * each,
                });
            }
        }
    }
    let rate = |way: usize| median(&rounds[way], |round| round.rate);
    for (way, name) in WAYS.iter().enumerate() {
        let own = |figure: fn(&Round) -> f64| median(&rounds[way], figure);
        println!(
            "| {connections} | {name} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {:.2} | {:.2} |",
            own(|round| round.rate),
            own(|round| round.p50),
            own(|round| round.p99),
            own(|round| round.server),
            own(|round| round.database),
            rate(way) / rate(0),
            rate(way) / rate(1),
        );
    }
}

fn database_cpu(engine: Engine) -> f64 {
    match engine {
        Engine::Sqlite => 0.0,
        Engine::Postgres => support::postgres::postgres().and_then(support::postgres::Postgres::pid).map_or(0.0, cpu::of_family),
    }
}

fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
