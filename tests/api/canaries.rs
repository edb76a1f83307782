//! S-14 and S-15: a person whose particulars stand nowhere else goes through everything that the service does, well and badly; then they are looked for in
//! what it printed, measured and stored.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::people::{HOUSEHOLDS, LOOKUP, PARTICIPANTS, SEARCH, VILLAGE, path_of};
use super::support::client::{Answer, Client};
use super::support::databases::{Database, Engine, Seed};
use super::support::office::{Manner, StubOffice};
use super::support::served::Served;
use super::support::small_city::{NOBODY, id_of};
use super::support::{on_both, postgres};

const NIK: &str = "3275014711739917";
const OTHER_NIK: &str = "3275014711739918";
const UNKNOWN_NIK: &str = "3275014711739919";
const KK: &str = "3275010203049917";
const NAME: &str = "Qanaria Zwartkruis";
const MOTHER: &str = "Moederqanari Zwart";
const PHONE: &str = "081299887766";
const ADDRESS: &str = "Gang Qanaristraat 77";
const DIAGNOSIS: &str = "W61.3";
const COMPLAINT: &str = "keluhan qanariziek sejak kemarin";
const CARD: &str = "KS-Q4N4R1-9917";
const PASSWORD: &str = "qanari sandi rahasia 9917";

/// What may stand nowhere: the particulars themselves, and parts that would still tell them.
const NEEDLES: &[&str] = &[
    "3275014711739917",
    "3275014711739918",
    "3275014711739919",
    "4711739917",
    "3275010203049917",
    "qanari",
    "zwart",
    "81299887766",
    "1973-11-07",
    "w61.3",
    "w613",
    "q4n4r1",
];

struct Logged {
    served: Served,
    database: Database,
    /// It is told of people too, and must be all the same the only one.
    office: StubOffice,
}

fn logged(engine: Engine) -> Option<Logged> {
    let database = Database::copy_of(engine, Seed::City)?;
    if let (Engine::Postgres, Some((_, name))) = (engine, database.url().rsplit_once('/')) {
        // Every statement with its parameters: what the server is told in clear, its log would hold.
        database.execute(&format!("ALTER DATABASE {name} SET log_statement = 'all'")).expect("a setting");
    }
    // More than a production log would say, so that what is not found is not there at all.
    let office = StubOffice::start();
    let settings = [
        ("log.level", "debug"),
        ("population_office.driver", "web_service"),
        ("population_office.url", office.url.as_str()),
        ("population_office.verify_registrations", "true"),
    ];
    Some(Logged { served: Served::start(&database, &settings), database, office })
}

on_both!(what_a_person_is_stands_nowhere_in_clear, logged);
async fn what_a_person_is_stands_nowhere_in_clear(logged: Logged) {
    let Logged { mut served, database, office } = logged;
    let participant = goes_well(&served).await;
    for manner in [Manner::Text(format!("{NIK} {NAME}")), Manner::HangsUp] {
        office.now(manner);
        let by_hand = served.client().as_role("registrar").post(&format!("{participant}/verifications"), json!({})).await;
        by_hand.expect_problem(503, "POPULATION_OFFICE_AWAY");
    }
    goes_badly(&served, &participant).await;
    let requests = office.requests();
    assert!(requests.iter().any(|request| request.body["nik"] == NIK), "the office was never asked about her");
    assert!(requests.iter().all(|request| !format!("{}{}", request.line, request.headers).contains("4711739917")));

    assert_silent("the metrics", served.client().get("/metrics").await.text.as_bytes());
    // While it runs: the write-ahead log has not gone into the file yet.
    match database.engine() {
        Engine::Sqlite => silent_files(&database),
        Engine::Postgres => silent_server(&database),
    }
    served.tell_to_stop();
    assert!(served.ended_within(Duration::from_secs(20)).await.is_some());
    let printed = served.printed();
    assert!(printed.lines().count() > 60 && printed.contains("answered"), "the log was not understood: {printed}");
    assert_silent("the log", printed.as_bytes());
    silent_tree(&served.folder);
}

fn person(nik: &str, relation: &str) -> Value {
    json!({"nik": nik, "kk_number": KK, "relation": relation, "name": NAME, "birth_date": "1973-11-07", "sex": "F", "village_code": VILLAGE, "rt": "003",
        "rw": "012", "address": ADDRESS, "phone": PHONE, "resident_since": "2015-03-01", "mother_name": MOTHER})
}

async fn keyed(client: &Client, key: &str, path: &str, body: Value) -> Answer {
    let request = client.request(Method::POST, path).header("Idempotency-Key", key).header("X-Actor", NAME).header("X-Purpose", "treatment");
    client.send(request.json(&body)).await
}

/// Everything that is done with a person when all is well. Returns the path of the participant.
async fn goes_well(served: &Served) -> String {
    let of = |role| served.client().as_role(role);
    let (registrar, clinic, admin) = (of("registrar"), of("clinic"), of("admin"));
    let made = keyed(&registrar, &format!("key-{NIK}"), PARTICIPANTS, person(NIK, "head")).await;
    let version = made.header("etag").to_owned();
    let made = made.expect(201);
    let path = path_of(&made);
    let corrected = registrar.patch(&path, &version, json!({"name": format!("{NAME} Baru"), "phone": PHONE, "reason": COMPLAINT})).await;
    corrected.expect(200);
    for (client, path, body, status) in [
        (&registrar, LOOKUP, json!({"nik": NIK}), 200),
        (&clinic, LOOKUP, json!({"nik": NIK}), 200),
        (&registrar, SEARCH, json!({"name": NAME, "birth_date": "1973-11-07"}), 200),
        (&registrar, SEARCH, json!({"kk_number": KK}), 200),
    ] {
        client.post(path, body).await.expect(status);
    }
    let event = json!({"kind": "suspended", "date": "2026-01-05", "note": COMPLAINT, "document_number": "Q4N4R1-1"});
    registrar.post(&format!("{path}/events"), event).await.expect(201);
    for part in ["", "/history", "/jkn-statuses"] {
        registrar.get(&format!("{path}{part}")).await;
    }
    let question = json!({"nik": NIK, "care_type": "outpatient", "diagnosis_code": DIAGNOSIS, "claimed_name": NAME, "claimed_birth_date": "1973-11-07",
        "offline_reference": COMPLAINT, "recorded_offline_at": "2026-01-05T01:02:03Z"});
    let check = keyed(&clinic, &format!("check-{NIK}"), "/api/v1/eligibility-checks", question).await.expect(201);
    let check = format!("/api/v1/eligibility-checks/{}", check["id"].as_str().expect("an id"));
    clinic.get(&check).await.expect(200);
    clinic.post(&format!("{check}/reviews"), json!({"reason": COMPLAINT})).await;
    brings_papers(&clinic).await;
    let referral = json!({"nik": NIK, "diagnosis_code": DIAGNOSIS, "issued_on": chrono::Utc::now().date_naive(), "reason": COMPLAINT, "to_facility_id": id_of("rsud")});
    keyed(&clinic, "r", "/api/v1/referrals", referral).await;
    of("hospital").post("/api/v1/referrals/lookup", json!({"nik": NIK})).await;
    let filed = json!({"nik": NIK, "filed_by": {"kind": "member", "nik": NIK, "name": NAME}, "channel": "counter", "note": COMPLAINT});
    let enrollment = keyed(&registrar, "e", "/api/v1/enrollments", filed).await.expect(201);
    let place = format!("/api/v1/enrollments/{}", enrollment["id"].as_str().expect("an id"));
    for decision in ["take", "return"] {
        registrar.post(&format!("{place}/decisions"), json!({"decision": decision, "reason": COMPLAINT})).await.expect(200);
    }
    registrar.get(&place).await.expect(200);
    let tracked = json!({"number": enrollment["number"], "birth_date": "1973-11-07"});
    assert_silent("a tracked request", served.client().post("/api/v1/enrollments/track", tracked).await.expect(200).to_string().as_bytes());
    watch(served).await;
    import(&admin).await;
    of("auditor").get("/api/v1/audit/events?limit=200").await.expect(200);
    path
}

/// Her card before it is known, and a stay: both are noticed, listed, read and decided.
async fn watch(served: &Served) {
    let of = |role| served.client().as_role(role);
    of("clinic").post(LOOKUP, json!({"card_number": CARD})).await.expect_problem(404, "NOT_FOUND");
    let listed = of("auditor").get("/api/v1/signals").await.expect(200);
    assert_silent("the signals", listed.to_string().as_bytes());
    let signals = listed["items"].as_array().expect("a list");
    assert!(!signals.is_empty());
    for signal in signals {
        let place = format!("/api/v1/signals/{}", signal["id"].as_str().expect("an id"));
        assert_silent("a signal", of("admin").get(&place).await.expect(200).to_string().as_bytes());
        let verdict = json!({"state": "confirmed", "note": COMPLAINT});
        of("admin").post(&format!("{place}/decision"), verdict).await.expect(200);
    }
}

/// A patient whom nobody knows yet is treated first; the papers come later.
async fn brings_papers(clinic: &Client) {
    let patient = clinic.post(&format!("{PARTICIPANTS}/temporary"), json!({"reason": "no_nik", "name": NAME})).await.expect(201);
    let question = json!({"participant_id": patient["id"], "care_type": "emergency", "facts": {"papers": []}});
    let check = clinic.post("/api/v1/eligibility-checks", question).await.expect(201);
    let papers = format!("/api/v1/eligibility-checks/{}/papers", check["id"].as_str().expect("an id"));
    for (kind, number) in [("ktp_el", NIK), ("kk", KK)] {
        keyed(clinic, kind, &papers, json!({"kind": kind, "number": number})).await.expect(200);
    }
}

/// A file with one row more, and one that is wrong.
async fn import(admin: &Client) {
    let header =
        "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since,mother_name,card_number,card_issued_on,row_key";
    let row = |nik: &str, date: &str| {
        format!("{nik},{KK},spouse,{NAME},{date},F,{VILLAGE},3,12,{ADDRESS},{PHONE},2015-03-01,{MOTHER},{CARD},2018-01-01,{NIK}\n")
    };
    let file = format!("{header}\n{}{}", row(OTHER_NIK, "1973-11-07"), row("327501471173991", "07/11/1973"));
    let request = admin.request(Method::POST, "/api/v1/imports?kind=participants").header("Content-Type", "text/csv").body(file);
    let place = admin.send(request).await;
    let place = place.header("location").to_owned();
    let deadline = Instant::now() + Duration::from_secs(30);
    while matches!(admin.get(&place).await.expect(200)["state"].as_str(), Some("queued" | "running")) {
        assert!(Instant::now() < deadline, "the import does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let errors = admin.get(&format!("{place}/errors.csv")).await;
    assert!(errors.status == 200 && errors.text.lines().count() > 1, "{}", errors.text);
    assert_silent("errors.csv", errors.text.as_bytes());
}

/// Everything that can be got wrong with a person's particulars in hand. No error repeats them.
async fn goes_badly(served: &Served, participant: &str) {
    let of = |role| served.client().as_role(role);
    let (registrar, clinic, stranger) = (of("registrar"), of("clinic"), served.client());
    let mut errors = Vec::new();
    errors.push(registrar.post(PARTICIPANTS, person(NIK, "head")).await);
    let mut wrong = person(NIK, NAME);
    wrong[NAME] = json!(NIK);
    wrong["birth_date"] = json!("07-11-1973 Qanaria");
    wrong["sex"] = json!(NAME);
    wrong["rt"] = json!({ NAME: NIK });
    let told = registrar.post(PARTICIPANTS, wrong).await;
    // The name of an unknown field is the caller's own, and has to be told; the log must not have it.
    assert_eq!(told.status, 422);
    errors.push(
        registrar.post(HOUSEHOLDS, json!({"kk_number": KK, "village_code": VILLAGE, "address": ADDRESS, "members": [person(NIK, "head")]})).await,
    );
    errors.push(registrar.patch(participant, "\"99\"", json!({"name": NAME, "reason": COMPLAINT})).await);
    errors.push(clinic.post("/api/v1/eligibility-checks", json!({"nik": NIK, "care_type": NAME, "diagnosis_code": "W61.3.9"})).await);
    errors.push(clinic.post("/api/v1/eligibility-checks", json!({"nik": NIK.parse::<i64>().expect("digits"), "care_type": "primary"})).await);
    errors.push(
        clinic
            .post(
                "/api/v1/eligibility-checks",
                json!({"kk_number": KK, "claimed_name": NAME, "claimed_birth_date": "1950-01-01", "care_type": "primary"}),
            )
            .await,
    );
    clinic.post("/api/v1/eligibility-checks", json!({"nik": UNKNOWN_NIK, "care_type": "primary", "claimed_name": NAME})).await.expect(201);
    errors.push(
        clinic
            .post("/api/v1/referrals", json!({"nik": UNKNOWN_NIK, "diagnosis_code": DIAGNOSIS, "issued_on": "2999-01-01", "reason": COMPLAINT}))
            .await,
    );
    errors.push(registrar.post(LOOKUP, json!({"nik": UNKNOWN_NIK})).await);
    let filed = json!({"nik": UNKNOWN_NIK, "filed_by": {"kind": "member", "name": NAME}, "channel": "counter", "note": COMPLAINT});
    errors.push(registrar.post("/api/v1/enrollments", filed).await);
    for number in [NIK, NAME, COMPLAINT] {
        errors.push(stranger.post("/api/v1/enrollments/track", json!({"number": number, "birth_date": "1973-11-07"})).await);
    }
    errors.push(registrar.post(LOOKUP, json!({"card_number": CARD, "nik": NIK})).await);
    for path in [
        format!("{PARTICIPANTS}/{NIK}"),
        format!("/{NIK}/Qanaria"),
        format!("{PARTICIPANTS}?nik={NIK}"),
        format!("/api/v1/users?role=Qanaria&{NIK}=1"),
    ] {
        errors.push(of("admin").get(&path).await);
    }
    let method = Method::from_bytes(format!("Q{NIK}").as_bytes()).expect("a method");
    errors.push(stranger.send(stranger.request(method, "/api/v1/me")).await);
    for (name, value) in [
        ("Authorization", format!("Bearer {NAME}")),
        ("User-Agent", NAME.to_owned()),
        ("X-Forwarded-For", NIK.to_owned()),
        ("X-Purpose", NAME.to_owned()),
        ("Idempotency-Key", NAME.to_owned()),
        ("If-Match", NIK.to_owned()),
        ("Accept-Language", NAME.to_owned()),
    ] {
        errors.push(stranger.send(stranger.request(Method::POST, PARTICIPANTS).header(name, value).json(&person(NIK, "head"))).await);
    }
    for body in [format!("{{\"nik\": \"{NIK}\", \"name\": \"{NAME}"), format!("{NAME} {NIK}")] {
        errors
            .push(registrar.send(registrar.request(Method::POST, PARTICIPANTS).header("Content-Type", "application/json").body(body.clone())).await);
        errors.push(registrar.send(registrar.request(Method::POST, PARTICIPANTS).header("Content-Type", NAME).body(body)).await);
    }
    // A username is looked for as it is typed.
    errors.push(stranger.post("/api/v1/auth/token", json!({"username": "seseorang", "password": PASSWORD})).await);
    errors.push(stranger.post("/api/v1/auth/refresh", json!({"refresh_token": PASSWORD})).await);
    for error in &errors {
        assert!((400..500).contains(&error.status), "{}", error.text);
        assert_silent("an error", error.text.as_bytes());
    }
    assert!(NOBODY != UNKNOWN_NIK && errors.len() > 20);
}

/// As it stands, without regard to case, and as a dump writes bytes.
fn assert_silent(what: &str, bytes: &[u8]) {
    let lower = bytes.to_ascii_lowercase();
    for needle in NEEDLES {
        let hex: String = needle.bytes().map(|byte| format!("{byte:02x}")).collect();
        for form in [(*needle).to_owned(), hex] {
            if let Some(at) = lower.windows(form.len()).position(|window| window == form.as_bytes()) {
                let around = String::from_utf8_lossy(&bytes[at.saturating_sub(200)..bytes.len().min(at + 100)]).into_owned();
                panic!("{needle} stands in {what}: …{around}…");
            }
        }
    }
}

fn silent_files(database: &Database) {
    let file = Path::new(database.url().trim_start_matches("sqlite://"));
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    let beside = std::fs::read_dir(file.parent().expect("a folder")).expect("a folder").flatten();
    let ours: Vec<_> = beside.filter(|entry| entry.file_name().to_string_lossy().starts_with(&name)).map(|entry| entry.path()).collect();
    assert!(ours.iter().any(|path| path.to_string_lossy().ends_with("-wal")), "no write-ahead log among {ours:?}");
    ours.iter().for_each(|path| silent_tree(path));
}

/// A file, or a folder with all that is in it.
fn silent_tree(path: &Path) {
    if path.is_dir() {
        std::fs::read_dir(path).expect("a folder").flatten().for_each(|entry| silent_tree(&entry.path()));
    } else {
        assert_silent(&path.display().to_string(), &std::fs::read(path).expect("a file"));
    }
}

fn silent_server(database: &Database) {
    let Some(pg_dump) = postgres::program("pg_dump") else { panic!("no pg_dump beside the server") };
    let dump = Command::new(pg_dump).args(["--dbname", database.url()]).output().expect("pg_dump runs");
    let text = String::from_utf8_lossy(&dump.stdout);
    assert!(dump.status.success() && text.contains("COPY public.participants"), "{}", String::from_utf8_lossy(&dump.stderr));
    assert_silent("the dump", &dump.stdout);
    if let Some(log) = postgres::log() {
        assert!(log.contains("INSERT INTO"), "the server does not log what it is told");
        assert_silent("the server's log", log.as_bytes());
    }
}
