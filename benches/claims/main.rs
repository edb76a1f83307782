//! Claims of eight lines judged and decided per second, in batches beside one by one, on both databases; and how long the first decision takes when
//! many claims are stored already.
//!
//! `cargo bench --bench claims` · `-- --participants 100000 --stored 1000000 --batches 8 --database sqlite`
//!
//! All goes over HTTP, and every claim is durable before it is answered. Stored claims are copies of judged ones, spread over the people of the city and
//! the days of the year.

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../rows/copies.rs"]
mod copies;
mod stored;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ksnik::context::Machine;
use ksnik::domain::id::Id;
use ksnik::domain::synthetic::City;
use ksnik::service::demo::{Plan, build};
use ksnik::service::{bases, housekeeping};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use support::databases::{Database, Engine};
use support::product;

/// So many claims are in a batch.
const TOGETHER: usize = 500;
/// So many lines are in a claim.
const LINES: usize = 8;
/// So many ask at once where claims come one by one.
const AT_ONCE: usize = 8;

struct Options {
    participants: usize,
    stored: u64,
    batches: usize,
    engines: Vec<Engine>,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).cloned();
    let number = |name: &str, usual: usize| given(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number")));
    Options {
        participants: number("--participants", 20_000),
        stored: number("--stored", 100_000) as u64,
        batches: number("--batches", 4),
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
        if *engine == Engine::Postgres {
            stored::make_durable(&database);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(measure(&database, &options));
    }
}

/// A hospital that hands in claims for people who were checked there.
struct Hospital {
    http: Client,
    place: String,
    token: String,
    keys: usize,
    niks: std::vec::IntoIter<String>,
    documents: stored::Documents,
    admitted: String,
    discharged: String,
}

async fn measure(database: &Database, options: &Options) {
    let app = product::app(settings(database), Arc::new(Machine));
    let mut db = app.pool.connect().expect("the database is there");
    housekeeping::prepare(&app, &mut db).expect("migrations run");
    assert!(matches!(bases::adopt(&app, &mut db), Ok(bases::Adoption::Adopted)));
    let plan = Plan { participants: options.participants, seed: 1 };
    let sign_ins = build(&app, &mut db, plan, &mut |_| {}).expect("the city is built");
    let user = sign_ins.iter().find(|user| user.username == "hospital").expect("the demo has a hospital");
    let user = ksnik::store::users::by_username(&mut db, &user.username).expect("users are read").expect("it is there").0;
    let context = app.context();
    let (token, _) = app.issue_token(&db.keyring(), user.id, None, context.new_id(), context.now).expect("a token is signed");
    let today = app.city.today(context.now);
    let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
    let niks: Vec<String> = city
        .households(plan.participants)
        .flat_map(|household| household.members.into_iter().map(|person| person.registration.nik.digits().to_owned()))
        .collect();
    let running = product::start_app(app.clone());
    let mut hospital = Hospital {
        // Shorter than the server keeps an idle connection: it is idle while claims are stored.
        http: Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(1)).build().expect("a client"),
        place: format!("http://{}/api/v1", running.address),
        token,
        keys: 0,
        niks: niks.into_iter(),
        documents: stored::Documents::new(database, user.facility_id.expect("it works somewhere"), user.id),
        admitted: (today - chrono::Days::new(2)).to_string(),
        discharged: today.to_string(),
    };

    // The first batch warms up.
    hospital.batch(TOGETHER).await;
    let (mut in_batches, mut one_by_one) = (Vec::new(), Vec::new());
    for _ in 0..options.batches {
        in_batches.push(TOGETHER as f64 / hospital.batch(TOGETHER).await.as_secs_f64());
        let (elapsed, _) = hospital.singly(TOGETHER / 2).await;
        one_by_one.push((TOGETHER / 2) as f64 / elapsed.as_secs_f64());
    }
    let (batched, singly) = (median(&mut in_batches), median(&mut one_by_one));
    println!("\n{:?}, {} participants, claims of {LINES} lines, medians of {}", database.engine(), options.participants, options.batches);
    println!("| way | claims/s | times one by one |\n|---|---:|---:|");
    println!("| batches of {TOGETHER} | {batched:.0} | {:.1} |", batched / singly);
    println!("| {AT_ONCE} at once, one by one | {singly:.0} | 1.0 |");

    println!("\n| claims stored | first decision p50 ms | p99 ms | p99 of the first line |\n|---:|---:|---:|---:|");
    let mut first = None;
    for more in [0, options.stored] {
        if more > 0 {
            let began = Instant::now();
            copies::hospitals(database);
            copies::claims(database, more);
            eprintln!("{:?}: {more} claims of {LINES} lines stored in {:.0} s", database.engine(), began.elapsed().as_secs_f64());
            hospital.singly(100).await;
        }
        let (_, mut latencies) = hospital.singly(1_000).await;
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)].as_secs_f64() * 1_000.0;
        let p99 = at(99);
        println!("| {} | {:.1} | {p99:.1} | {:.2} |", stored::count(database), at(50), p99 / *first.get_or_insert(p99));
    }
    (running.stop)();
}

fn settings(database: &Database) -> ksnik::config::Settings {
    product::settings(
        database.url(),
        &[
            ("server.workers", "2"),
            ("database.pool_size", "16"),
            ("database.wait_ms", "20000"),
            ("log.level", "error"),
            ("sign_in.access_token_seconds", "86400"),
            ("checks.unknown_per_account", "1000000"),
            ("checks.unknown_per_facility", "1000000"),
        ],
    )
}

impl Hospital {
    async fn post(&self, path: &str, key: &str, body: &Value) -> Response {
        let request = self.http.post(format!("{}{path}", self.place)).bearer_auth(&self.token).header("Idempotency-Key", key);
        request.json(body).send().await.expect("the server answers")
    }

    /// Bills for so many people who were not treated yet, with the papers that they need.
    async fn bills(&mut self, many: usize) -> Vec<Value> {
        let mut bills = Vec::with_capacity(many);
        while bills.len() < many {
            let niks: Vec<String> = self.niks.by_ref().take((many - bills.len()).max(16)).collect();
            assert!(!niks.is_empty(), "the city is too small: give it more --participants");
            let asked: Vec<Value> =
                niks.iter().map(|nik| json!({"nik": nik, "care_type": "emergency", "service_date": self.admitted, "retrospective": true})).collect();
            self.keys += 1;
            let key = format!("checks-{}", self.keys);
            let answer: Value = self.post("/eligibility-checks/batch", &key, &json!({ "checks": asked })).await.json().await.expect("JSON");
            let eligible = answer["items"].as_array().expect("a list").iter().filter(|item| item["result"]["decision"] == "eligible");
            let checks: Vec<String> = eligible.map(|item| item["result"]["id"].as_str().expect("an id").to_owned()).collect();
            for check in checks.into_iter().take(many - bills.len()) {
                let papers = self.documents.three();
                bills.push(self.bill(&check, &papers));
            }
        }
        bills
    }

    fn bill(&mut self, check: &str, papers: &[Id]) -> Value {
        self.keys += 1;
        let day = |at: usize| if at.is_multiple_of(2) { &self.admitted } else { &self.discharged };
        let line = |at: usize| {
            let (code, amount) = [("IGD-001", 150_000), ("IGD-002", 210_000), ("IGD-003", 420_000)][at / 2 % 3];
            // What would be the same service of the same day again is told apart by its quantity.
            let quantity = 1 + at / 6;
            json!({"line": at + 1, "tariff_code": code, "date": day(at), "quantity": quantity, "claimed_amount": amount * quantity, "hospital_cost": amount})
        };
        let lines: Vec<Value> = (0..LINES).map(line).collect();
        let total: i64 = lines.iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
        json!({
            "facility_claim_number": format!("B-{}", self.keys), "check_id": check, "care_type": "emergency",
            "admitted_on": self.admitted, "discharged_on": self.discharged, "discharge_status": "home",
            "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
            "diagnoses": [{"code": "K35.8", "kind": "principal"}, {"code": "R10.4", "kind": "secondary"}],
            "lines": lines, "total_claimed": total, "document_ids": papers, "submit": true,
        })
    }

    async fn batch(&mut self, many: usize) -> Duration {
        let claims = self.bills(many).await;
        self.keys += 1;
        let (key, began) = (format!("batch-{}", self.keys), Instant::now());
        let answer = self.post("/claims/batch", &key, &json!({ "claims": claims })).await;
        let (status, answer): (_, Value) = (answer.status(), answer.json().await.expect("JSON"));
        let elapsed = began.elapsed();
        let made = answer["items"].as_array().into_iter().flatten().filter(|item| item["status"] == 201).count();
        assert_eq!((status.as_u16(), made), (200, many), "{}", &answer.to_string()[..answer.to_string().len().min(2_000)]);
        elapsed
    }

    /// One claim a request, some at once: how long all took, and each.
    async fn singly(&mut self, many: usize) -> (Duration, Vec<Duration>) {
        let claims = self.bills(many).await;
        let (began, mut latencies) = (Instant::now(), Vec::with_capacity(many));
        let mut left = claims.into_iter();
        let mut running = tokio::task::JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(body) = left.next()
            {
                self.keys += 1;
                let request = self.http.post(format!("{}/claims", self.place)).bearer_auth(&self.token);
                let request = request.header("Idempotency-Key", format!("claim-{}", self.keys)).json(&body);
                running.spawn(async move {
                    let asked = Instant::now();
                    let answer = request.send().await.expect("the server answers");
                    let status = answer.status().as_u16();
                    let text = answer.text().await.expect("the whole answer");
                    assert_eq!(status, 201, "{text}");
                    asked.elapsed()
                });
            }
            match running.join_next().await {
                Some(latency) => latencies.push(latency.expect("a claim does not panic")),
                None => return (began.elapsed(), latencies),
            }
        }
    }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
