//! Whatever is done with letters, claims and payments, in whatever order, with retries and refusals between: the ledger balances, each of its accounts is
//! what the letters and claims say, a dry run says what the submission does, each claim judged again comes out the same, and the dashboard's sums are those of
//! the rows. Two hospitals of two pots share the days, which go by.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{Days, Duration, NaiveDate};
use ksnik::context::Machine;
use ksnik::store;
use ksnik::store::db::Db;
use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{CLAIMS, adds_up, path, prices, second, second_again};
use super::harness::{count, until};
use super::letters::LETTERS;
use super::people::{nik, register};
use super::questions::{ask, decision, path_of, question, question_of};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::{on_both, product};

const BATCHES: &str = "/api/v1/payment-batches";
/// The test begins on this day, and whoever is discharged was admitted so many nights ago.
const BEGIN: &str = "2026-11-21";
const NIGHTS: u64 = 3;
const HOSPITALS: [&str; 2] = ["hospital", "other_hospital"];

/// The same numbers from the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let bound = u64::try_from(of.len()).expect("a short list");
        if bound == 0 { None } else { of.get(usize::try_from(self.below(bound)).expect("a small number")) }
    }
}

/// The last of them, so that some come to their end.
fn last<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(8)..]
}

struct World<'a> {
    server: &'a DatedServer,
    dice: Dice,
    today: NaiveDate,
    hospitals: [Client; 2],
    clinic: Client,
    verifiers: [Client; 2],
    finance: [Client; 2],
    letters: Vec<Letter>,
    /// With whose it is.
    claims: Vec<(usize, Value)>,
    batches: Vec<Value>,
    keys: u32,
    /// The last request that had a key, and how it was answered.
    last: Option<(Client, String, String, Value, Answer)>,
    story: Vec<String>,
    db: RefCell<Db>,
}

/// Whose it is, when somebody came and went, and how it was told.
#[derive(Clone)]
struct Letter {
    hospital: usize,
    admitted: NaiveDate,
    discharged: NaiveDate,
    told: Value,
}

impl World<'_> {
    /// Days go by, and everybody signs in again.
    async fn go_on(&mut self, days: u64) {
        self.server.put_forward(Duration::days(i64::try_from(days).expect("few days")));
        self.today = self.today + Days::new(days);
        let (now, today) = (self.server.now(), self.today);
        until("what ran out is settled", || {
            let db = &mut *self.db.borrow_mut();
            store::letters::due(db, today, now, 1).expect("letters").is_empty() && store::claims::due(db, today, 1).expect("claims").is_empty()
        })
        .await;
        let client = self.server.client();
        self.hospitals = HOSPITALS.map(|hospital| client.as_role(hospital));
        self.clinic = client.as_role("clinic");
        self.verifiers = [client.as_role("verifier"), second_again(self.server, "verifier").await];
        self.finance = [client.as_role("finance"), second_again(self.server, "finance").await];
        // A key is not kept for ever.
        self.last = None;
    }

    async fn send(&mut self, client: &Client, place: &str, body: Value) -> Answer {
        self.keys += 1;
        let key = format!("step-{}", self.keys);
        let answer = keyed(client, place, &key, &body).await;
        self.last = Some((client.clone(), place.to_owned(), key, body, answer.clone()));
        answer
    }

    async fn issue(&mut self) {
        let serial = 9300 + u16::try_from(self.letters.len()).expect("few letters");
        register(&self.server.client().as_role("admin"), serial, json!({})).await;
        let (hospital, admitted) = (usize::from(self.dice.below(3) == 0), self.today - Days::new(NIGHTS));
        let client = self.hospitals[hospital].clone();
        let check = ask(&client, question_of(&admitted.to_string(), json!({"nik": nik(serial)}))).await;
        assert_ne!(decision(&check), "not_eligible", "{check}");
        let estimate = 1_000_000 * (1 + self.dice.below(6));
        let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III", "estimated_amount": estimate});
        let told = self.send(&client, LETTERS, asked).await.expect(201);
        self.letters.push(Letter { hospital, admitted, discharged: self.today, told });
    }

    /// Somebody comes to the clinic, who is perhaps not who they said.
    async fn visit(&mut self) -> u16 {
        if self.letters.is_empty() {
            return 0;
        }
        let serial = 9300 + u16::try_from(self.dice.below(u64::try_from(self.letters.len()).expect("few letters"))).expect("few letters");
        let check = ask(&self.clinic, question(json!({"nik": nik(serial), "care_type": "primary"}))).await;
        if self.dice.below(3) > 0 {
            return 201;
        }
        self.clinic.post(&format!("{}/void", path_of(&check)), json!({"reason": "left"})).await.status
    }

    async fn follow_a_letter(&mut self) -> u16 {
        let Some(letter) = self.dice.one(last(&self.letters)).cloned() else { return 0 };
        let place = format!("{LETTERS}/{}", letter.told["id"].as_str().expect("an id"));
        let (what, body) = match self.dice.below(4) {
            0 | 1 => ("admit", json!({"admitted_on": letter.admitted})),
            2 => ("discharge", json!({"discharged_on": letter.discharged, "status": "home"})),
            _ => ("cancel", json!({"reason": "batal"})),
        };
        self.send(&self.hospitals[letter.hospital].clone(), &format!("{place}/{what}"), body).await.status
    }

    /// Of a stay, and whose it is.
    fn bill(&mut self) -> Option<(usize, Value)> {
        let letter = self.dice.one(last(&self.letters)).cloned()?;
        let mut lines = Vec::new();
        for line in 1..=1 + self.dice.below(3) {
            let code = self.dice.one(&["J-4-16-I", "K-4-17-I", "X-9-99-I"]).copied().expect("a code");
            lines.push(
                json!({"line": line, "tariff_code": code, "date": letter.discharged, "quantity": 1, "claimed_amount": 500_000 * (1 + self.dice.below(10))}),
            );
        }
        let total: i64 = lines.iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
        let body = json!({
            "facility_claim_number": format!("RSX-{}", self.dice.below(200)), "letter_number": letter.told["number"], "care_type": "inpatient",
            "admitted_on": letter.admitted, "discharged_on": letter.discharged, "discharge_status": "home", "ward_class": "III", "ward_class_used": "III",
            "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
            "diagnoses": [{"code": "J189", "kind": "principal"}], "lines": lines,
            "total_claimed": total, "submit": self.dice.below(4) > 0,
        });
        Some((letter.hospital, body))
    }

    async fn claim(&mut self) -> u16 {
        let Some((whose, body)) = self.bill() else { return 0 };
        let hospital = self.hospitals[whose].clone();
        let dry = hospital.post(&format!("{CLAIMS}/dry-run"), body.clone()).await;
        let made = self.send(&hospital, CLAIMS, body).await;
        assert_eq!(dry.status == 200, made.status == 201, "{}\n{}", dry.text, made.text);
        if made.status == 201 {
            adds_up(&made.json);
            for field in ["amounts", "lines", "adjustments", "basis"] {
                // Nothing is approved for sure that was not handed in.
                assert_eq!(dry.json[field]["payable"], made.json[field]["payable"], "{field}");
            }
            assert_eq!(unsampled(&dry.json), unsampled(&made.json));
            // Every letter here stands on an eligible check, and nothing has changed in the registry since.
            let refuses = |edit: &&Value| edit["outcome"] == "reject" && edit["code"].as_str().is_some_and(|code| code.starts_with("MBR_"));
            assert_eq!(made.json["edits"].as_array().expect("findings").iter().find(refuses), None);
            self.claims.push((whose, made.json.clone()));
        }
        made.status
    }

    async fn follow_a_claim(&mut self) -> u16 {
        let Some((whose, claim)) = self.dice.one(last(&self.claims)).cloned() else { return 0 };
        let (place, verifier) = (path(&claim), self.dice.one(&self.verifiers.clone()).cloned().expect("a verifier"));
        let hospital = self.hospitals[whose].clone();
        let (client, what, body) = match self.dice.below(10) {
            0 => (verifier, "take", Value::Null),
            1 => (verifier, "release", Value::Null),
            2 | 3 => (verifier, "decisions", json!({"decision": "approve"})),
            4 => {
                let lines = json!([{"line": 1, "approved_amount": 250_000 * self.dice.below(4), "reason_code": "TARIFF_EXCEEDED"}]);
                (verifier, "decisions", json!({"decision": "approve_partial", "lines": lines}))
            }
            5 => {
                let decision = if self.dice.below(2) == 0 { "reject" } else { "return" };
                (verifier, "decisions", json!({"decision": decision, "reason_code": "CODING_DIAGNOSIS"}))
            }
            6 => (hospital, "dispute", json!({"reason": "tidak setuju"})),
            7 => (hospital, "withdraw", json!({"reason": "salah"})),
            8 if self.dice.below(2) == 0 => (verifier, "dispute-decision", json!({"outcome": "upheld", "minutes_number": "BA-1"})),
            8 => {
                let lines = json!([{"line": 1, "approved_amount": 250_000 * self.dice.below(4), "reason_code": "TARIFF_EXCEEDED"}]);
                (verifier, "dispute-decision", json!({"outcome": "changed", "minutes_number": "BA-1", "lines": lines}))
            }
            _ => match self.bill() {
                None => return 0,
                Some((_, body)) => (hospital, "resubmit", body),
            },
        };
        self.send(&client, &format!("{place}/{what}"), body).await.status
    }

    async fn pay(&mut self) -> u16 {
        let finance = self.dice.one(&self.finance.clone()).cloned().expect("somebody of finance");
        let batch = self.dice.one(&self.batches).cloned();
        let (place, body) = match (self.dice.below(5), batch) {
            (0 | 1, _) | (_, None) => {
                let pot = if self.dice.below(3) == 0 { "others" } else { "rsud" };
                // Of a month that is over, or of this one.
                let period = self.today - Days::new(10 * self.dice.below(3));
                (BATCHES.to_owned(), json!({"period": period.format("%Y-%m").to_string(), "pot": pot}))
            }
            (which, Some(batch)) => {
                let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
                match which {
                    2 => (format!("{place}/approve"), Value::Null),
                    3 => (format!("{place}/settle"), json!({"paid_on": self.today, "sp2d_number": format!("SP2D-{}", self.dice.below(12))})),
                    _ => (format!("{place}/cancel"), Value::Null),
                }
            }
        };
        let answer = self.send(&finance, &place, body).await;
        if answer.status == 201 {
            self.batches.push(answer.json.clone());
        }
        answer.status
    }

    /// The last request again, under its key: what was done is not done twice, and what was refused may be refused again.
    async fn retry(&mut self) -> u16 {
        let Some((client, place, key, body, before)) = self.last.clone() else { return 0 };
        let again = keyed(&client, &place, &key, &body).await;
        if (200..300).contains(&before.status) {
            assert_eq!((again.status, &again.json), (before.status, &before.json), "{place}");
            assert_eq!(again.header("idempotency-replayed"), "true");
        }
        again.status
    }

    async fn step(&mut self) {
        let (name, status) = match self.dice.below(22) {
            0..=2 => {
                self.issue().await;
                ("letter", 201)
            }
            3..=5 => ("letter followed", self.follow_a_letter().await),
            6..=8 => ("claim", self.claim().await),
            9..=16 => ("claim followed", self.follow_a_claim().await),
            17..=19 => ("payment", self.pay().await),
            20 => ("visit", self.visit().await),
            _ => ("retry", self.retry().await),
        };
        self.story.push(format!("{name} {status}"));
        assert!(status < 500, "{:?}", self.story);
        self.balances();
    }

    fn balances(&self) {
        let database = self.server.database();
        // In one statement: what runs out by itself may do so at any moment.
        let differs = |accounts: &str, amount: &str, rows: &str| {
            let kept = format!("SELECT coalesce(sum(balance), 0) FROM ledger_balances WHERE account IN ({accounts})");
            count(database, &format!("SELECT CAST(({kept}) - (SELECT coalesce(sum({amount}), 0) FROM {rows}) AS BIGINT)"))
        };
        let story = &self.story;
        let uneven = "SELECT count(*) FROM (SELECT transaction_id FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0) AS uneven";
        assert_eq!(count(database, uneven), 0, "{story:?}");
        let drifted = "SELECT count(*) FROM ledger_balances AS kept WHERE balance <> (SELECT coalesce(sum(entries.amount), 0) FROM ledger_entries AS \
            entries JOIN ledger_transactions AS made ON made.id = entries.transaction_id WHERE made.year = kept.year AND made.pot = kept.pot AND \
            entries.account = kept.account)";
        assert_eq!(count(database, drifted), 0, "{story:?}");
        let owed = "claims WHERE state IN ('approved', 'approved_partial', 'payment_ordered', 'disputed', 'recheck')";
        for (account, amount, rows) in [
            ("'billed'", "claimed_amount", "claims WHERE state IN ('submitted', 'complete', 'in_verification')"),
            ("'approved_unpaid'", "approved_amount", owed),
            ("'paid'", "paid_amount", "claims"),
            ("'reserved', 'incurred'", "reserved_amount", "guarantee_letters"),
        ] {
            assert_eq!(differs(account, amount, rows), 0, "{account}: {story:?}");
        }
    }
}

async fn keyed(client: &Client, place: &str, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, place).header("Idempotency-Key", key);
    client.send(if body.is_null() { request } else { request.json(body) }).await
}

/// What the edits found, but for the sample, which is drawn by the claim's id.
fn unsampled(claim: &Value) -> Vec<Value> {
    let found = claim["edits"].as_array().expect("findings").iter();
    found.filter(|edit| edit["code"] != "FRD_RANDOM_SAMPLE").cloned().collect()
}

on_both!(the_ledger_balances_after_any_sequence);
async fn the_ledger_balances_after_any_sequence(mut server: DatedServer) {
    // The other hospital is the government's too, in another city: covered, and paid from the other pot.
    server.database().execute("UPDATE facilities SET government = (1 = 1), inside_city = (1 = 0) WHERE class = 'C'").expect("it is so");
    server.restart(&[]);
    prices(&server).await;
    let app = product::app(product::settings(server.database().url(), &[]), Arc::new(Machine));
    let mut world = World {
        server: &server,
        dice: Dice(0),
        today: BEGIN.parse().expect("a day"),
        hospitals: HOSPITALS.map(|hospital| server.client().as_role(hospital)),
        clinic: server.client().as_role("clinic"),
        verifiers: [server.client().as_role("verifier"), second(&server, "verifier").await],
        finance: [server.client().as_role("finance"), second(&server, "finance").await],
        letters: Vec::new(),
        claims: Vec::new(),
        batches: Vec::new(),
        keys: 0,
        last: None,
        story: Vec::new(),
        db: RefCell::new(app.pool.connect().expect("a connection")),
    };
    for seed in 1..=8 {
        (world.dice, world.story) = (Dice(seed), vec![format!("seed {seed}")]);
        for _ in 0..40 {
            world.step().await;
        }
        let days = world.dice.below(5);
        world.go_on(days).await;
    }
    let auditor = server.client().as_role("auditor");
    for (_, claim) in &world.claims {
        let replay = auditor.post(&format!("{}/replay", path(claim)), json!({})).await.expect(200);
        assert_eq!((&replay["identical"], &replay["edits_hash_then"]), (&json!(true), &replay["edits_hash"]), "{replay}");
    }
    for (what, of, least) in [
        ("claims", "id", 20),
        ("claims", "facility_id", 2),
        ("guarantee_letters", "id", 20),
        ("payment_items", "claim_id", 2),
        ("check_voids", "check_id", 3),
        ("claim_terms", "decided_at", 5),
    ] {
        let many = count(server.database(), &format!("SELECT count(DISTINCT {of}) FROM {what}"));
        assert!(many >= least, "only {many} {what} by {of}: the sequences show too little");
    }
    super::summaries::agree(server.database()).await;
}
