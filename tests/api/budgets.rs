//! Budgets: proposed by one and approved by another, revised from a date, counted by when things happened and by when they were known.

use std::sync::Arc;

use chrono::Duration;
use ksnik::context::Machine;
use ksnik::domain::budget::{Account, Move, Posting, PostingKind, Pot};
use ksnik::domain::rupiah::Rupiah;
use ksnik::service::{App, ledger};
use ksnik::store::audit::Event;
use ksnik::store::db::write;
use ksnik::store::gate::Priority;
use serde_json::{Value, json};

use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::{on_both, product};

const BUDGETS: &str = "/api/v1/budgets";
const ALERTS: &str = "/api/v1/budget-alerts";
/// Before the morning on which the tests play.
const EARLIER: &str = "2026-11-20T01:00:00Z";

/// A second node on the same database, which posts what letters and claims would.
struct Books(Arc<App>);

impl Books {
    fn of(server: &DatedServer) -> Self {
        let app = product::app(product::settings(server.database().url(), &[]), Arc::new(Machine));
        ksnik::service::keys::unlock(&mut app.pool.connect().expect("a connection"), &app.settings, &app.context()).expect("the root key");
        Self(app)
    }

    /// Posts to a pot of 2026 what counts from a date and is recorded at an instant.
    fn post(&self, pot: Pot, kind: PostingKind, (occurred_on, recorded_at): (&str, &str), moves: &[(Account, Account, i64)]) {
        self.post_in(2026, pot, kind, (occurred_on, recorded_at), moves);
    }

    fn post_in(&self, year: i32, pot: Pot, kind: PostingKind, (occurred_on, recorded_at): (&str, &str), moves: &[(Account, Account, i64)]) {
        let mut context = self.0.context();
        context.now = recorded_at.parse().expect("an instant");
        let moves = moves.iter().map(|(from, to, amount)| Move { from: *from, to: *to, amount: Rupiah(*amount) }).collect();
        let occurred_on = occurred_on.parse().expect("a date");
        let posting = Posting { year, pot, kind, object_id: context.new_id(), occurred_on, moves };
        let mut db = self.0.pool.get().expect("a connection");
        write(&mut db, Priority::People, |tx| {
            tx.record(Event::new(&context, "test.posted"));
            ledger::post(tx, &context, &posting)
        })
        .expect("it is posted");
    }

    /// A letter that is issued and recorded on one day.
    fn reserve(&self, pot: Pot, amount: i64) {
        self.post(pot, PostingKind::LetterIssued, (TODAY, "2026-11-21T02:59:58Z"), &[(Account::Available, Account::Reserved, amount)]);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

async fn propose(server: &DatedServer, year: i32, rsud: i64, others: i64) -> String {
    let pots = json!([{"pot": "others", "amount": others}, {"pot": "rsud", "amount": rsud}]);
    let made = server.client().as_role("finance").post(BUDGETS, json!({"year": year, "pots": pots})).await.expect(201);
    text(&made["id"]).to_owned()
}

/// The approved budget of 2026.
async fn budget(server: &DatedServer, rsud: i64, others: i64) -> String {
    let id = propose(server, 2026, rsud, others).await;
    server.client().as_role("admin").post(&format!("{BUDGETS}/{id}/approve"), json!({})).await.expect(200);
    id
}

fn revision(pot: &str, amount: i64, effective_on: &str) -> Value {
    json!({"pot": pot, "amount": amount, "effective_on": effective_on, "legal_basis": "Perda 9/2026", "document_number": "DPPA-9/2026"})
}

async fn revise(server: &DatedServer, id: &str, body: Value) {
    let made = server.client().as_role("finance").post(&format!("{BUDGETS}/{id}/revisions"), body).await.expect(201);
    let path = format!("{BUDGETS}/{id}/revisions/{}/approve", text(&made["id"]));
    server.client().as_role("admin").post(&path, json!({})).await.expect(200);
}

async fn position(client: &Client, id: &str, query: &str) -> Value {
    let position = client.get(&format!("{BUDGETS}/{id}/position?{query}")).await.expect(200);
    holds_together(&position);
    position
}

/// What is true of every position: nothing is lost between its measures, and the total is that of its pots.
fn holds_together(position: &Value) {
    let pots = position["pots"].as_array().expect("a list");
    let number = |one: &Value, name: &str| one[name].as_i64().unwrap_or_else(|| panic!("{name} of {one}"));
    for one in pots.iter().chain([&position["total"]]) {
        let sum = |names: &[&str]| names.iter().map(|name| number(one, name)).sum::<i64>();
        assert_eq!(number(one, "ceiling"), sum(&["appropriation", "revisions"]));
        assert_eq!(number(one, "ceiling"), sum(&["used", "available"]));
        assert_eq!(number(one, "used"), sum(&["reserved", "incurred", "billed", "verified", "debt_carried_in"]));
    }
    for (name, amount) in position["total"].as_object().expect("an object").iter().filter_map(|(name, value)| Some((name, value.as_i64()?))) {
        assert_eq!(amount, pots.iter().map(|pot| number(pot, name)).sum::<i64>(), "{name}");
    }
    for (name, _) in pots[0].as_object().expect("an object").iter().filter(|(_, value)| value.is_i64()) {
        assert!(position["definitions"][name].as_str().is_some_and(|text| !text.is_empty()), "{name} is not defined");
    }
}

/// Measures of a pot by name.
fn of<const N: usize>(position: &Value, pot: &str, names: [&str; N]) -> [i64; N] {
    let found = position["pots"].as_array().and_then(|pots| pots.iter().find(|one| one["pot"] == pot)).expect("the pot");
    names.map(|name| found[name].as_i64().unwrap_or_else(|| panic!("{name} of {found}")))
}

on_both!(a_budget_counts_when_another_has_approved_it);
async fn a_budget_counts_when_another_has_approved_it(server: DatedServer) {
    let (finance, admin) = (server.client().as_role("finance"), server.client().as_role("admin"));
    let id = propose(&server, 2026, 55, 130).await;
    let proposed = finance.get(&format!("{BUDGETS}/{id}")).await.expect(200);
    assert_eq!((&proposed["state"], &proposed["approved_by"]), (&json!("proposed"), &Value::Null));
    assert_eq!(proposed["pots"], json!([{"pot": "rsud", "amount": 55}, {"pot": "others", "amount": 130}]));
    assert_eq!(proposed["alert_percents"], json!([50, 75, 90, 100]));
    assert_eq!(position(&finance, &id, "").await["no_budget"], json!(true));

    let approve = format!("{BUDGETS}/{id}/approve");
    finance.post(&approve, json!({})).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    finance.post(&format!("{BUDGETS}/{id}/revisions"), revision("rsud", 5, TODAY)).await.expect_problem(409, "STATE_CONFLICT");
    let approved = admin.post(&approve, json!({})).await.expect(200);
    assert_eq!((&approved["state"], approved["proposed_by"] == approved["approved_by"]), (&json!("approved"), false));
    admin.post(&approve, json!({})).await.expect_problem(409, "STATE_CONFLICT");

    let other = propose(&server, 2026, 1, 1).await;
    let refused = admin.post(&format!("{BUDGETS}/{other}/approve"), json!({})).await.expect_problem(409, "BUDGET_EXISTS");
    assert_eq!(refused["existing"]["id"], json!(id));
    // Whatever was proposed beside it, the position is that of the year's budget.
    for asked in [&id, &other] {
        let position = position(&server.client().as_role("manager"), asked, "").await;
        assert_eq!((&position["budget_id"], &position["no_budget"], &position["as_of"]), (&json!(id), &json!(false), &json!(TODAY)));
        assert_eq!(of(&position, "rsud", ["appropriation", "ceiling", "available"]), [55, 55, 55]);
        assert_eq!(position["total"]["available"], 185);
    }
    let listed = server.client().as_role("auditor").get(&format!("{BUDGETS}?year=2026")).await.expect(200);
    assert_eq!(listed["items"].as_array().expect("a list").iter().map(|one| text(&one["id"])).collect::<Vec<_>>(), [&other, &id]);
    assert_eq!(finance.get(&format!("{BUDGETS}?year=2025")).await.expect(200)["items"], json!([]));
}

on_both!(a_revision_counts_from_its_date);
async fn a_revision_counts_from_its_date(server: DatedServer) {
    let (finance, admin) = (server.client().as_role("finance"), server.client().as_role("admin"));
    let id = budget(&server, 100, 200).await;
    let path = format!("{BUDGETS}/{id}/revisions");
    let made = finance.post(&path, revision("rsud", 40, "2026-12-01")).await.expect(201);
    assert_eq!((&made["state"], &made["amount"], &made["document_number"]), (&json!("proposed"), &json!(40), &json!("DPPA-9/2026")));
    let approve = format!("{path}/{}/approve", text(&made["id"]));
    finance.post(&approve, json!({})).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    assert_eq!(of(&position(&finance, &id, "as_of=2026-12-31").await, "rsud", ["revisions"]), [0], "nobody has approved it");
    assert_eq!(admin.post(&approve, json!({})).await.expect(200)["state"], "approved");
    admin.post(&approve, json!({})).await.expect_problem(409, "STATE_CONFLICT");
    revise(&server, &id, revision("rsud", -30, "2026-03-01")).await;

    for (as_of, expected) in [
        ("2025-12-31", [0, 0, 0, 0]),
        ("2026-02-28", [100, 0, 100, 100]),
        ("2026-03-01", [100, -30, 70, 70]),
        (TODAY, [100, -30, 70, 70]),
        ("2026-11-30", [100, -30, 70, 70]),
        ("2026-12-01", [100, 10, 110, 110]),
    ] {
        let position = position(&finance, &id, &format!("as_of={as_of}")).await;
        assert_eq!(of(&position, "rsud", ["appropriation", "revisions", "ceiling", "available"]), expected, "{as_of}");
        assert_eq!(of(&position, "others", ["revisions"]), [0], "{as_of}");
    }
    let whole = admin.get(&format!("{BUDGETS}/{id}")).await.expect(200);
    assert_eq!(whole["revisions"].as_array().expect("a list").iter().map(|one| one["amount"].as_i64()).collect::<Vec<_>>(), [Some(40), Some(-30)]);
}

on_both!(no_pot_is_ever_left_below_zero_by_a_revision);
async fn no_pot_is_ever_left_below_zero_by_a_revision(server: DatedServer) {
    let (finance, admin) = (server.client().as_role("finance"), server.client().as_role("admin"));
    let id = budget(&server, 100, 0).await;
    let path = format!("{BUDGETS}/{id}/revisions");
    finance.post(&path, revision("rsud", -101, TODAY)).await.expect_problem(422, "CEILING_BELOW_ZERO");
    finance.post(&path, revision("others", -1, TODAY)).await.expect_problem(422, "CEILING_BELOW_ZERO");
    // Money that comes in December does not pay for what is taken in May.
    revise(&server, &id, revision("rsud", 50, "2026-12-01")).await;
    let refused = finance.post(&path, revision("rsud", -120, "2026-05-01")).await.expect(422);
    assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/amount"), &json!("CEILING_BELOW_ZERO")));
    // Two that fit alone do not fit together, and the second to be approved is told.
    let mut approvals = Vec::new();
    for _ in 0..2 {
        let made = finance.post(&path, revision("rsud", -70, TODAY)).await.expect(201);
        approvals.push(format!("{path}/{}/approve", text(&made["id"])));
    }
    admin.post(&approvals[0], json!({})).await.expect(200);
    admin.post(&approvals[1], json!({})).await.expect_problem(409, "CEILING_BELOW_ZERO");
    assert_eq!(of(&position(&finance, &id, "").await, "rsud", ["ceiling", "available"]), [30, 30]);
}

on_both!(every_fault_of_a_budget_is_told);
async fn every_fault_of_a_budget_is_told(server: DatedServer) {
    let finance = server.client().as_role("finance");
    let faults = |problem: Value| {
        let of = |fault: &Value| format!("{} {}", text(&fault["pointer"]), text(&fault["code"]));
        let mut found: Vec<String> = problem["errors"].as_array().expect("a list").iter().map(of).collect();
        found.sort();
        found
    };
    for (body, expected) in [
        (json!({"year": 1900, "pots": [{"pot": "rsud", "amount": -1}]}), &["/pots/0/amount TOO_SMALL", "/year TOO_SMALL"][..]),
        (json!({"year": 2101, "pots": []}), &["/pots TOO_FEW", "/year TOO_LARGE"]),
        (json!({"year": 2026, "pots": [{"pot": "rsud", "amount": 1}, {"pot": "rsud", "amount": 2}]}), &["/pots/1/pot GIVEN_TWICE"]),
        (json!({"year": 2026, "pots": [{"pot": "kas", "amount": 1.5}]}), &["/pots/0/amount WRONG_TYPE", "/pots/0/pot UNKNOWN_VALUE"]),
    ] {
        assert_eq!(faults(finance.post(BUDGETS, body.clone()).await.expect(422)), expected, "{body}");
    }
    let id = budget(&server, 10, 10).await;
    let path = format!("{BUDGETS}/{id}/revisions");
    for (body, expected) in [
        (revision("rsud", 0, "2027-01-01"), &["/amount AMOUNT_ZERO", "/effective_on OUTSIDE_BUDGET_YEAR"][..]),
        (revision("rsud", -11, TODAY), &["/amount CEILING_BELOW_ZERO"]),
        (revision("rsud", i64::MAX, TODAY), &["/amount TOO_LARGE"]),
    ] {
        assert_eq!(faults(finance.post(&path, body.clone()).await.expect(422)), expected, "{body}");
    }
    for (query, code) in [
        ("as_of=1999-12-31", "OUT_OF_RANGE"),
        ("as_of=2101-01-01", "OUT_OF_RANGE"),
        ("known_at=2027-01-01T00:00:00Z", "IN_THE_FUTURE"),
        ("known_at=1999-01-01T00:00:00Z", "OUT_OF_RANGE"),
        ("as_of=today", "WRONG_FORMAT"),
        ("asof=2026-01-01", "UNKNOWN_PARAMETER"),
    ] {
        let refused = finance.get(&format!("{BUDGETS}/{id}/position?{query}")).await.expect(422);
        assert_eq!(refused["errors"][0]["code"], code, "{query}");
    }
    for year in ["1999", "2101", "next", "2026.0"] {
        finance.get(&format!("/api/v1/budget-positions/{year}")).await.expect_problem(404, "NOT_FOUND");
    }
}

on_both!(a_later_correction_changes_no_earlier_answer);
async fn a_later_correction_changes_no_earlier_answer(server: DatedServer) {
    use Account::{ApprovedUnpaid, Available, Billed, Incurred, Paid, Reserved};
    let id = budget(&server, 1_000, 0).await;
    let books = Books::of(&server);
    let finance = server.client().as_role("finance");
    let step = |kind, occurred_on, recorded_at, moves: &[(Account, Account, i64)]| books.post(Pot::Rsud, kind, (occurred_on, recorded_at), moves);
    step(PostingKind::LetterIssued, "2026-10-01", "2026-10-01T02:00:00Z", &[(Available, Reserved, 300)]);
    step(PostingKind::LetterAdmitted, "2026-10-02", "2026-10-05T02:00:00Z", &[(Reserved, Incurred, 300)]);
    step(PostingKind::ClaimSubmitted, "2026-10-20", "2026-10-20T02:00:00Z", &[(Incurred, Billed, 300), (Available, Billed, 50)]);
    step(PostingKind::ClaimDecided, "2026-11-02", "2026-11-02T02:00:00Z", &[(Billed, ApprovedUnpaid, 320), (Billed, Available, 30)]);
    step(PostingKind::PaymentSettled, "2026-11-10", "2026-11-18T02:00:00Z", &[(ApprovedUnpaid, Paid, 320)]);
    let names = ["reserved", "incurred", "billed", "approved_unpaid", "paid", "available"];
    let now = "2026-11-21T02:00:00Z";
    // Before the budget was approved nothing had been given: what was used stands below zero.
    for (as_of, known_at, expected) in [
        ("2026-10-01", now, [300, 0, 0, 0, 0, -300]),
        // The admission of the 2nd was told on the 5th.
        ("2026-10-03", "2026-10-03T00:00:00Z", [300, 0, 0, 0, 0, -300]),
        ("2026-10-03", now, [0, 300, 0, 0, 0, -300]),
        ("2026-10-20", now, [0, 0, 350, 0, 0, -350]),
        ("2026-11-02", now, [0, 0, 0, 320, 0, -320]),
        // The payment of the 10th was told on the 18th.
        ("2026-11-15", "2026-11-15T00:00:00Z", [0, 0, 0, 320, 0, -320]),
        ("2026-11-15", now, [0, 0, 0, 0, 320, -320]),
        ("2026-09-30", now, [0; 6]),
    ] {
        let known = position(&finance, &id, &format!("as_of={as_of}&known_at={known_at}")).await;
        assert_eq!((of(&known, "rsud", names), &known["no_budget"]), (expected, &json!(true)), "{as_of} known {known_at}");
    }
    // With the budget of this morning; kept balances and a plain recount say the same.
    for as_of in ["2026-10-01", "2026-10-20", "2026-11-09", TODAY, "2026-12-31"] {
        let kept = position(&finance, &id, &format!("as_of={as_of}")).await;
        let counted = position(&finance, &id, &format!("as_of={as_of}&known_at={}", text(&kept["known_at"]))).await;
        assert_eq!(kept, counted, "{as_of}");
        assert_eq!(of(&kept, "rsud", ["ceiling"]), [1_000], "{as_of}");
    }

    let before = position(&finance, &id, &format!("as_of=2026-11-02&known_at={EARLIER}")).await;
    let standing = position(&finance, &id, "as_of=2026-11-02").await;
    // The decision is found to be wrong, and dated back.
    server.put_forward(Duration::minutes(10));
    step(PostingKind::ClaimReopened, "2026-11-02", "2026-11-21T03:09:00Z", &[(ApprovedUnpaid, Billed, 20)]);
    assert_eq!(position(&finance, &id, &format!("as_of=2026-11-02&known_at={EARLIER}")).await, before);
    let again = position(&finance, &id, &format!("as_of=2026-11-02&known_at={}", text(&standing["known_at"]))).await;
    assert_eq!(again, standing);
    let corrected = position(&finance, &id, "as_of=2026-11-02").await;
    assert_eq!(of(&corrected, "rsud", ["billed", "approved_unpaid", "verified"]), [20, 300, 300]);
}

on_both!(each_threshold_is_told_once);
async fn each_threshold_is_told_once(server: DatedServer) {
    let finance = server.client().as_role("finance");
    let id = budget(&server, 1_000, 1_000).await;
    let books = Books::of(&server);
    let alerts = async || {
        let listed = server.client().as_role("manager").get(ALERTS).await.expect(200);
        let of = |alert: &Value| format!("{} {} of {}", text(&alert["pot"]), alert["percent"], alert["used"]);
        let mut told: Vec<String> = listed["items"].as_array().expect("a list").iter().map(of).collect();
        told.sort();
        told
    };
    books.reserve(Pot::Rsud, 499);
    assert_eq!(alerts().await, Vec::<String>::new());
    books.reserve(Pot::Rsud, 1);
    books.reserve(Pot::Rsud, 1);
    assert_eq!(alerts().await, ["rsud 50 of 500"]);
    // Moves within what is used cross nothing.
    let within = [(Account::Reserved, Account::Incurred, 501)];
    books.post(Pot::Rsud, PostingKind::LetterAdmitted, (TODAY, "2026-11-21T02:59:59Z"), &within);
    books.reserve(Pot::Others, 600);
    books.reserve(Pot::Rsud, 420);
    assert_eq!(alerts().await, ["others 50 of 600", "rsud 50 of 500", "rsud 75 of 921", "rsud 90 of 921"]);
    // Nobody is refused when there is nothing left.
    books.reserve(Pot::Rsud, 500);
    let position = position(&finance, &id, "").await;
    assert_eq!(of(&position, "rsud", ["available"]), [-421]);
    let percents = |one: &Value| one["alerts"].as_array().expect("a list").iter().map(|alert| alert["percent"].as_i64()).collect::<Vec<_>>();
    assert_eq!(percents(&position["pots"][0]), [Some(50), Some(75), Some(90), Some(100)]);
    assert_eq!((percents(&position["pots"][1]), percents(&position["total"]).len()), (vec![Some(50)], 5));
    assert_eq!(position["pots"][0]["exhaustion_on"], json!(TODAY));

    // More money: what is reached anew is told anew.
    revise(&server, &id, revision("rsud", 1_000, TODAY)).await;
    books.reserve(Pot::Rsud, 79);
    assert_eq!(alerts().await.iter().filter(|told| told.starts_with("rsud 75")).collect::<Vec<_>>(), ["rsud 75 of 1500", "rsud 75 of 921"]);

    let open = finance.get(&format!("{ALERTS}?acknowledged=false&pot=others")).await.expect(200);
    assert_eq!(open["items"].as_array().map(Vec::len), Some(1));
    let path = format!("{ALERTS}/{}/acknowledge", text(&open["items"][0]["id"]));
    let seen = finance.post(&path, json!({})).await.expect(200);
    assert!(seen["acknowledged_at"].is_string() && seen["acknowledged_by"].is_string(), "{seen}");
    finance.post(&path, json!({})).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(finance.get(&format!("{ALERTS}?acknowledged=false&pot=others")).await.expect(200)["items"], json!([]));
    assert_eq!(finance.get(&format!("{ALERTS}?acknowledged=true&year=2026")).await.expect(200)["items"], json!([seen]));

    let raised = server.client().as_role("auditor").get("/api/v1/audit/events?kind=budget_alert.raised").await.expect(200);
    let mut percents: Vec<_> = raised["items"].as_array().expect("a list").iter().map(|event| event["payload"]["percent"].as_i64()).collect();
    percents.sort_unstable();
    assert_eq!(percents, [50, 50, 75, 75, 90, 100].map(Some));
    let log = server.client().as_role("auditor").get("/api/v1/audit/verify").await.expect(200);
    assert_eq!(log["broken"], Value::Null);
}

on_both!(what_a_budget_finds_already_used_is_told_when_it_is_approved);
async fn what_a_budget_finds_already_used_is_told_when_it_is_approved(server: DatedServer) {
    Books::of(&server).reserve(Pot::Others, 80);
    let finance = server.client().as_role("finance");
    let without = finance.get("/api/v1/budget-positions/2026").await.expect(200);
    holds_together(&without);
    assert_eq!((&without["no_budget"], &without["budget_id"]), (&json!(true), &Value::Null));
    assert_eq!(of(&without, "others", ["reserved", "ceiling", "available"]), [80, 0, -80]);
    assert_eq!(without["pots"][1]["forecast_basis"]["reason"], "no_budget");
    assert_eq!(finance.get(ALERTS).await.expect(200)["items"], json!([]));

    let id = budget(&server, 0, 100).await;
    let alerts = finance.get(ALERTS).await.expect(200);
    let told: Vec<_> = alerts["items"].as_array().expect("a list").iter().map(|alert| (alert["percent"].as_i64(), alert["used"].as_i64())).collect();
    assert!(told.len() == 2 && told.contains(&(Some(50), Some(80))) && told.contains(&(Some(75), Some(80))), "{told:?}");
    let by_year = finance.get("/api/v1/budget-positions/2026").await.expect(200);
    assert_eq!((of(&by_year, "others", ["available"]), &by_year["budget_id"]), ([20], &json!(id)));
    let other_year = finance.get("/api/v1/budget-positions/2031").await.expect(200);
    assert_eq!((&other_year["no_budget"], &other_year["total"]["used"]), (&json!(true), &json!(0)));
}

on_both!(a_forecast_tells_what_it_goes_by);
async fn a_forecast_tells_what_it_goes_by(server: DatedServer) {
    use Account::{Available, Billed, Incurred, Reserved};
    let id = budget(&server, 1_132, 500).await;
    let finance = server.client().as_role("finance");
    let none = position(&finance, &id, "").await;
    let basis = &none["pots"][0]["forecast_basis"];
    assert_eq!((&basis["reason"], &basis["months_used"], &basis["amount_per_month"]), (&json!("too_few_months"), &json!(0), &Value::Null));

    let books = Books::of(&server);
    // 92 days from August to October, ten a day; what is freed again is no use, and November is not over.
    for (occurred_on, amount) in [("2026-08-01", 300), ("2026-09-30", 320), ("2026-10-31", 310)] {
        let at = (occurred_on, "2026-11-01T00:00:00Z");
        books.post(Pot::Rsud, PostingKind::LetterIssued, at, &[(Available, Reserved, amount)]);
    }
    books.post(Pot::Rsud, PostingKind::LetterReleased, ("2026-10-31", "2026-11-01T00:00:00Z"), &[(Reserved, Available, 10)]);
    books.post(Pot::Rsud, PostingKind::LetterIssued, ("2026-11-05", "2026-11-05T00:00:00Z"), &[(Available, Reserved, 112)]);
    // One that is not in use yet, and a year's own money is not another's.
    books.post_in(2025, Pot::Rsud, PostingKind::LetterIssued, ("2026-10-01", "2026-11-01T00:00:00Z"), &[(Available, Reserved, 9_999)]);
    let told = position(&finance, &id, "").await;
    let rsud = &told["pots"][0];
    assert_eq!(of(&told, "rsud", ["available"]), [100]);
    assert_eq!(rsud["exhaustion_on"], "2026-12-01", "{}", rsud["forecast_basis"]);
    assert_eq!(
        rsud["forecast_basis"],
        json!({"from": "2026-08-01", "to": "2026-10-31", "months_used": 3, "amount_per_month": 306, "reason": null, "months": [
            {"month": "2026-08-01", "amount": 300}, {"month": "2026-09-01", "amount": 320}, {"month": "2026-10-01", "amount": 300}]})
    );
    assert_eq!(told["pots"][1]["forecast_basis"]["reason"], "too_few_months");
    assert_eq!((&told["total"]["exhaustion_on"], &told["total"]["forecast_basis"]["reason"]), (&Value::Null, &json!("lasts_the_year")));
    // As it was known before November's letter was written.
    let earlier = position(&finance, &id, "as_of=2026-11-04").await;
    assert_eq!(earlier["pots"][0]["exhaustion_on"], "2026-11-26", "212 at ten a day");

    // Two admissions told after four days, and a claim without a letter told after one.
    for day in ["2026-10-05", "2026-10-06"] {
        let told_at = day.replace("05", "09").replace("06", "10") + "T08:00:00Z";
        books.post(Pot::Rsud, PostingKind::LetterAdmitted, (day, &told_at), &[(Reserved, Incurred, 230)]);
    }
    books.post(Pot::Rsud, PostingKind::ClaimSubmitted, ("2026-10-07", "2026-10-08T08:00:00Z"), &[(Available, Billed, 460), (Incurred, Billed, 100)]);
    let told = position(&finance, &id, "").await;
    let basis = &told["pots"][0]["unbilled_basis"];
    // (460 x 4 + 460 x 1) / 92 days = 25 are not told of yet; the mean of the lag is 2.5 days.
    assert_eq!(
        basis,
        &json!({"from": "2026-08-01", "to": "2026-10-31", "incurred": 360, "begun_per_day": 10, "average_lag_tenths": 25, "untold": 25})
    );
    assert_eq!(of(&told, "rsud", ["incurred", "unbilled_estimate"]), [360, 385]);
}

on_both!(measures_are_defined_in_the_readers_language);
async fn measures_are_defined_in_the_readers_language(server: DatedServer) {
    let id = propose(&server, 2026, 1, 1).await;
    let manager = server.client().as_role("manager");
    let (english, indonesian) = (position(&manager, &id, "").await, position(&manager.in_language("id"), &id, "").await);
    assert!(text(&english["definitions"]["ceiling_less_paid"]).contains("It is no debt"), "{}", english["definitions"]);
    assert!(text(&indonesian["definitions"]["ceiling_less_paid"]).contains("bukan utang"), "{}", indonesian["definitions"]);
}
