//! Whatever is done with letters, claims and payments, in whatever order, with retries and refusals between: the ledger balances, each of its accounts is
//! what the letters and claims say, a dry run says what the submission does, and each claim judged again comes out the same.

use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{CLAIMS, adds_up, balance, path, prices, second};
use super::harness::count;
use super::letters::LETTERS;
use super::people::{nik, register};
use super::questions::{ask, question_of};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;

const BATCHES: &str = "/api/v1/payment-batches";
const ADMITTED: &str = "2026-11-18";
const DISCHARGED: &str = "2026-11-21";

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

struct World<'a> {
    server: &'a DatedServer,
    dice: Dice,
    hospital: Client,
    verifiers: [Client; 2],
    finance: [Client; 2],
    letters: Vec<Value>,
    claims: Vec<Value>,
    batches: Vec<Value>,
    keys: u32,
    /// The last request that had a key, and how it was answered.
    last: Option<(Client, String, String, Value, Answer)>,
    story: Vec<String>,
}

impl World<'_> {
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
        let check = ask(&self.hospital, question_of(ADMITTED, json!({"nik": nik(serial)}))).await;
        let estimate = 1_000_000 * (1 + self.dice.below(6));
        let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III", "estimated_amount": estimate});
        let letter = self.send(&self.hospital.clone(), LETTERS, asked).await.expect(201);
        self.letters.push(letter);
    }

    async fn follow_a_letter(&mut self) -> u16 {
        let Some(letter) = self.dice.one(&self.letters).cloned() else { return 0 };
        let place = format!("{LETTERS}/{}", letter["id"].as_str().expect("an id"));
        let (what, body) = match self.dice.below(4) {
            0 | 1 => ("admit", json!({"admitted_on": ADMITTED})),
            2 => ("discharge", json!({"discharged_on": DISCHARGED, "status": "home"})),
            _ => ("cancel", json!({"reason": "batal"})),
        };
        self.send(&self.hospital.clone(), &format!("{place}/{what}"), body).await.status
    }

    fn bill(&mut self) -> Option<Value> {
        let letter = self.dice.one(&self.letters).cloned()?;
        let mut lines = Vec::new();
        for line in 1..=1 + self.dice.below(3) {
            let code = self.dice.one(&["J-4-16-I", "K-4-17-I", "X-9-99-I"]).copied().expect("a code");
            lines.push(
                json!({"line": line, "tariff_code": code, "date": DISCHARGED, "quantity": 1, "claimed_amount": 500_000 * (1 + self.dice.below(10))}),
            );
        }
        let total: i64 = lines.iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
        Some(json!({
            "facility_claim_number": format!("RSX-{}", self.dice.below(200)), "letter_number": letter["number"], "care_type": "inpatient",
            "admitted_on": ADMITTED, "discharged_on": DISCHARGED, "discharge_status": "home", "ward_class": "III", "ward_class_used": "III",
            "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
            "diagnoses": [{"code": "J189", "kind": "principal"}], "lines": lines,
            "total_claimed": total, "submit": self.dice.below(4) > 0,
        }))
    }

    async fn claim(&mut self) -> u16 {
        let Some(body) = self.bill() else { return 0 };
        let dry = self.hospital.post(&format!("{CLAIMS}/dry-run"), body.clone()).await;
        let made = self.send(&self.hospital.clone(), CLAIMS, body).await;
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
            self.claims.push(made.json.clone());
        }
        made.status
    }

    async fn follow_a_claim(&mut self) -> u16 {
        let Some(claim) = self.dice.one(&self.claims).cloned() else { return 0 };
        let (place, verifier) = (path(&claim), self.dice.one(&self.verifiers.clone()).cloned().expect("a verifier"));
        let hospital = self.hospital.clone();
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
                Some(body) => (hospital, "resubmit", body),
            },
        };
        self.send(&client, &format!("{place}/{what}"), body).await.status
    }

    async fn pay(&mut self) -> u16 {
        let finance = self.dice.one(&self.finance.clone()).cloned().expect("somebody of finance");
        let batch = self.dice.one(&self.batches).cloned();
        let (place, body) = match (self.dice.below(5), batch) {
            (0 | 1, _) | (_, None) => (BATCHES.to_owned(), json!({"period": "2026-11", "pot": "rsud"})),
            (which, Some(batch)) => {
                let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
                match which {
                    2 => (format!("{place}/approve"), Value::Null),
                    3 => (format!("{place}/settle"), json!({"paid_on": "2026-11-21", "sp2d_number": format!("SP2D-{}", self.dice.below(12))})),
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
        let (name, status) = match self.dice.below(20) {
            0..=3 => {
                self.issue().await;
                ("letter", 201)
            }
            4..=6 => ("letter followed", self.follow_a_letter().await),
            7..=10 => ("claim", self.claim().await),
            11..=15 => ("claim followed", self.follow_a_claim().await),
            16..=18 => ("payment", self.pay().await),
            _ => ("retry", self.retry().await),
        };
        self.story.push(format!("{name} {status}"));
        assert!(status < 500, "{:?}", self.story);
        self.balances();
    }

    fn balances(&self) {
        let database = self.server.database();
        let sum = |amount: &str, rows: &str| count(database, &format!("SELECT CAST(coalesce(sum({amount}), 0) AS BIGINT) FROM {rows}"));
        let story = &self.story;
        let uneven = "SELECT count(*) FROM (SELECT transaction_id FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0) AS uneven";
        assert_eq!(count(database, uneven), 0, "{story:?}");
        let drifted = "SELECT count(*) FROM ledger_balances AS kept WHERE balance <> (SELECT coalesce(sum(entries.amount), 0) FROM ledger_entries AS \
            entries JOIN ledger_transactions AS made ON made.id = entries.transaction_id WHERE made.year = kept.year AND made.pot = kept.pot AND \
            entries.account = kept.account)";
        assert_eq!(count(database, drifted), 0, "{story:?}");
        let owed = "claims WHERE state IN ('approved', 'approved_partial', 'payment_ordered', 'disputed', 'recheck')";
        for (account, amount, rows) in [
            ("billed", "claimed_amount", "claims WHERE state IN ('submitted', 'complete', 'in_verification')"),
            ("approved_unpaid", "approved_amount", owed),
            ("paid", "paid_amount", "claims"),
        ] {
            assert_eq!(balance(self.server, account), sum(amount, rows), "{account}: {story:?}");
        }
        let aside = balance(self.server, "reserved") + balance(self.server, "incurred");
        assert_eq!(aside, sum("reserved_amount", "guarantee_letters"), "{story:?}");
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
async fn the_ledger_balances_after_any_sequence(server: DatedServer) {
    prices(&server).await;
    let mut world = World {
        server: &server,
        dice: Dice(0),
        hospital: server.client().as_role("hospital"),
        verifiers: [server.client().as_role("verifier"), second(&server, "verifier").await],
        finance: [server.client().as_role("finance"), second(&server, "finance").await],
        letters: Vec::new(),
        claims: Vec::new(),
        batches: Vec::new(),
        keys: 0,
        last: None,
        story: Vec::new(),
    };
    for seed in 1..=8 {
        (world.dice, world.story) = (Dice(seed), vec![format!("seed {seed}")]);
        for _ in 0..40 {
            world.step().await;
        }
    }
    let auditor = server.client().as_role("auditor");
    for claim in &world.claims {
        let replay = auditor.post(&format!("{}/replay", path(claim)), json!({})).await.expect(200);
        assert_eq!((&replay["identical"], &replay["edits_hash_then"]), (&json!(true), &replay["edits_hash"]), "{replay}");
    }
    for (what, least) in [("claims", 20), ("guarantee_letters", 20), ("payment_items", 3)] {
        let many = count(server.database(), &format!("SELECT count(*) FROM {what}"));
        assert!(many >= least, "only {many} {what}: the sequences show too little");
    }
    super::summaries::agree(server.database()).await;
}
