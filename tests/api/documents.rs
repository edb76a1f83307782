//! Documents: what comes in, who sees it, and what lies on the disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ksnik::context::Machine;
use ksnik::domain::files::ContentHash;
use ksnik::domain::id::Id;
use ksnik::service::App;
use ksnik::store;
use ksnik::store::audit::Event;
use ksnik::store::db::write;
use ksnik::store::gate::Priority;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::support::client::{Answer, Client};
use super::support::databases::{Database, Engine, Seed};
use super::support::papers::{Form, jpeg, pdf, pdf_of, png};
use super::support::server::Server;
use super::support::small_city::{NOBODY, PEOPLE, id_of};
use super::support::wire::Wire;
use super::support::{Given, on_both, product, run_folder};

pub const DOCUMENTS: &str = "/api/v1/documents";
const HEAD: &str = "POST /api/v1/documents HTTP/1.1\r\nHost: x\r\n";
const PATIENCE: Duration = Duration::from_secs(20);

/// A server whose documents can be looked at.
pub struct Archive {
    pub server: Server,
    pub app: Arc<App>,
    pub folder: PathBuf,
}

impl Archive {
    pub fn on(database: Database, more: &[(&str, &str)]) -> Self {
        let folder = run_folder::fresh_path("documents");
        let text = folder.display().to_string();
        let settings: Vec<(&str, &str)> = [("documents.folder", text.as_str())].iter().chain(more).copied().collect();
        let app = product::app(product::settings(database.url(), &settings), Arc::new(Machine));
        Self { server: Server::of(database, app.clone()), app, folder }
    }

    pub fn as_role(&self, user: &str) -> Client {
        self.server.client().as_role(user)
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&self.folder).map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect()).unwrap_or_default();
        files.sort();
        files
    }

    pub fn file(&self, document: &Value) -> PathBuf {
        self.folder.join(format!("{}.document", text(document, "id")))
    }

    pub fn rows(&self) -> i64 {
        count(self.server.database(), "SELECT count(*) FROM documents")
    }

    /// An upload that was broken off is noticed a moment later.
    async fn is_empty(&self) {
        let began = std::time::Instant::now();
        while !self.files().is_empty() {
            assert!(began.elapsed() < PATIENCE, "a file stays: {:?}", self.files());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(self.rows(), 0);
    }

    /// Puts documents behind a claim, as claims do; the ids that cannot be come back.
    pub fn attach(&self, claim: Id, person: &str, documents: &[&Value], facility: &str) -> Vec<Id> {
        let ids: Vec<Id> = documents.iter().map(|document| text(document, "id").parse().expect("an id")).collect();
        let context = self.app.context();
        let db = &mut *self.app.pool.get().expect("a connection");
        let attached = write(db, Priority::People, |tx| {
            tx.record(Event::new(&context, "claim.tested"));
            let held = store::documents::lock_many(tx, &ids)?;
            let is_own = |id: &&Id| held.iter().any(|document| document.id == **id && document.facility_id == id_of(facility));
            let mut strange: Vec<Id> = ids.iter().filter(|id| !is_own(id)).copied().collect();
            strange.sort();
            if strange.is_empty() {
                store::documents::attach(tx, (claim, id_of(person)), &ids, context.now)?;
            }
            Ok(strange)
        });
        attached.expect("they are attached, or named")
    }
}

impl Given for Archive {
    fn on(engine: Engine) -> Option<Self> {
        Database::copy_of(engine, Seed::City).map(|database| Self::on(database, &[]))
    }
}

/// An id that nothing has.
pub fn made_up(number: u8) -> Id {
    Id::from_bytes([number; 16])
}

/// A claim for this person that the hospital has begun.
pub async fn draft(hospital: &Client, nik: &str) -> Id {
    let today = chrono::Utc::now().with_timezone(&chrono::FixedOffset::east_opt(7 * 3_600).expect("a zone")).date_naive().to_string();
    let check = hospital.post("/api/v1/eligibility-checks", json!({"nik": nik, "care_type": "emergency"})).await.expect(201);
    let line = json!({"line": 1, "tariff_code": "U-3-10-0", "date": today, "quantity": 1, "claimed_amount": 1});
    let claim = json!({
        "facility_claim_number": "D-1", "check_id": check["id"], "care_type": "emergency", "admitted_on": today,
        "diagnoses": [{"code": "A09", "kind": "principal"}], "lines": [line], "total_claimed": 1, "submit": false,
    });
    text(&hospital.post_keyed("/api/v1/claims", claim).await.expect(201), "id").parse().expect("an id")
}

pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

pub async fn send(client: &Client, body: Vec<u8>) -> Answer {
    client.send(client.request(Method::POST, DOCUMENTS).header("Content-Type", Form::content_type()).body(body)).await
}

pub async fn upload(client: &Client, kind: &str, file: &[u8]) -> Value {
    send(client, Form::of(kind, file).bytes()).await.expect(201)
}

pub async fn content(client: &Client, document: &Value) -> (u16, Vec<u8>) {
    let path = format!("{DOCUMENTS}/{}/content", text(document, "id"));
    let answer = client.request(Method::GET, &path).send().await.expect("an answer");
    (answer.status().as_u16(), answer.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

on_both!(a_document_comes_back_byte_for_byte);
async fn a_document_comes_back_byte_for_byte(archive: Archive) {
    let hospital = archive.as_role("hospital");
    for (kind, media_type, ending, file) in
        [("bill", "application/pdf", "pdf", pdf_of(200_000)), ("er_note", "image/png", "png", png()), ("identity", "image/jpeg", "jpg", jpeg())]
    {
        let answer = send(&hospital, Form::of(kind, &file).bytes()).await;
        let place = answer.header("location").to_owned();
        let made = answer.expect(201);
        assert_eq!(place, format!("{DOCUMENTS}/{}", text(&made, "id")));
        assert_eq!((text(&made, "kind"), text(&made, "media_type"), made["size"].as_u64()), (kind, media_type, Some(file.len() as u64)));
        assert_eq!(text(&made, "sha256"), ContentHash::of(&file).to_string());
        assert_eq!((&made["facility_id"], &made["claim_ids"]), (&json!(id_of("rsud")), &json!([])));
        assert_eq!(hospital.get(&place).await.expect(200), made);

        let answer = hospital.get(&format!("{place}/content")).await;
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"document-{}.{ending}\"", text(&made, "id")));
        assert!(content(&hospital, &made).await == (200, file), "{kind}");
    }
    assert_eq!((archive.files().len(), archive.rows()), (3, 3));
}

#[test]
fn the_digest_is_the_one_of_sha256sum() {
    // Of the empty text and of "abc", as the standard has them.
    assert_eq!(ContentHash::of(b"").to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(ContentHash::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

on_both!(what_is_no_document_is_refused_and_leaves_nothing);
async fn what_is_no_document_is_refused_and_leaves_nothing(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let half = |file: Vec<u8>| file[..file.len() / 2].to_vec();
    for (what, file, code) in [
        ("nothing", Vec::new(), "DOCUMENT_TYPE"),
        ("a program", [&b"MZ\x90\0\x03"[..], &[0; 900]].concat(), "DOCUMENT_TYPE"),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec(), "DOCUMENT_TYPE"),
        ("a workbook", b"PK\x03\x04rest".to_vec(), "DOCUMENT_TYPE"),
        ("a program with the first bytes of a paper", [&b"%PDF-1.7\nMZ\x90\0"[..], &[0; 900]].concat(), "DOCUMENT_BROKEN"),
        ("half a paper", half(pdf_of(5_000)), "DOCUMENT_BROKEN"),
        ("half a picture", half(png()), "DOCUMENT_BROKEN"),
        ("half a photo", half(jpeg()), "DOCUMENT_BROKEN"),
        ("a paper that runs something", pdf("x) /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /Y ("), "DOCUMENT_ACTIVE"),
        ("a paper that carries a file", pdf("x) /Names << /Embedded#46iles 2 0 R >> /Y ("), "DOCUMENT_ACTIVE"),
        ("a picture with a program behind it", [png(), b"MZ\x90\0".to_vec()].concat(), "DOCUMENT_BROKEN"),
    ] {
        let problem = send(&hospital, Form::of("bill", &file).bytes()).await.expect_problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"], "/file", "{what}");
    }
    archive.is_empty().await;
}

on_both!(every_fault_of_a_form_is_told);
async fn every_fault_of_a_form_is_told(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let paper = pdf("x");
    let empty = Form::default();
    for (form, expected) in [
        (empty.clone().file("a.pdf", &paper), vec![("/kind", "FIELD_MISSING")]),
        (empty.clone().word("kind", "bill"), vec![("/file", "FIELD_MISSING")]),
        (Form::of("invoice", &paper), vec![("/kind", "UNKNOWN_VALUE")]),
        (Form::of(&"x".repeat(5_000), &paper), vec![("/kind", "UNKNOWN_VALUE")]),
        (Form::of("bill", &paper).word("kind", "letter"), vec![("/kind", "GIVEN_TWICE")]),
        (Form::of("bill", &paper).file("b.pdf", &paper), vec![("/file", "GIVEN_TWICE")]),
        (Form::of("bill", &paper).word(NOBODY, "x"), vec![("/?", "UNKNOWN_FIELD")]),
        (Form::of("invoice", b"MZ").word("note", "x"), vec![("/file", "DOCUMENT_TYPE"), ("/?", "UNKNOWN_FIELD"), ("/kind", "UNKNOWN_VALUE")]),
        (empty, vec![("/kind", "FIELD_MISSING"), ("/file", "FIELD_MISSING")]),
    ] {
        let problem = send(&hospital, form.bytes()).await.expect(422);
        let told: Vec<_> = problem["errors"].as_array().expect("a list").iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect();
        assert_eq!(told, expected);
        assert!(!problem.to_string().contains(NOBODY));
    }
    // The order of the parts is the sender's.
    send(&hospital, Form::default().file("a.pdf", &paper).word("kind", "bill").bytes()).await.expect(201);
    hospital.post(DOCUMENTS, json!({"kind": "bill"})).await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");
    let typed = |media_type: &'static str, body: Vec<u8>| {
        let request = hospital.request(Method::POST, DOCUMENTS).header("Content-Type", media_type).body(body);
        hospital.send(request)
    };
    typed("application/pdf", paper.clone()).await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");
    typed("multipart/form-data", Form::of("bill", &paper).bytes()).await.expect_problem(400, "BODY_UNREADABLE");
    typed("multipart/form-data; boundary=other", Form::of("bill", &paper).bytes()).await.expect_problem(400, "BODY_UNREADABLE");
    assert_eq!((archive.files().len(), archive.rows()), (1, 1));
}

on_both!(an_upload_that_is_cut_off_leaves_nothing);
async fn an_upload_that_is_cut_off_leaves_nothing(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let whole = Form::of("bill", &pdf_of(300_000));
    // Cut off by the sender's own word: the body ends, and the form does not.
    for length in [whole.open_bytes().len() - 1_000, whole.open_bytes().len() - 2] {
        send(&hospital, whole.open_bytes()[..length].to_vec()).await.expect_problem(400, "BODY_UNREADABLE");
    }
    // Cut off by going away.
    let (bytes, token) = (whole.bytes(), archive.server.token_of("hospital"));
    let head = format!("{HEAD}Authorization: Bearer {token}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", Form::content_type(), bytes.len());
    let mut wire = Wire::to(archive.server.address()).await;
    wire.say(&head).await;
    wire.say(&bytes[..200_000]).await;
    let began = std::time::Instant::now();
    while archive.files().is_empty() {
        assert!(began.elapsed() < PATIENCE, "the upload never began");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    drop(wire);
    archive.is_empty().await;
    upload(&hospital, "bill", &pdf("x")).await;
}

fn small(engine: Engine) -> Option<Archive> {
    Database::copy_of(engine, Seed::City).map(|database| Archive::on(database, &[("documents.most_bytes", "5000")]))
}

on_both!(what_is_too_large_is_refused_unread, small);
async fn what_is_too_large_is_refused_unread(archive: Archive) {
    let hospital = archive.as_role("hospital");
    send(&hospital, Form::of("bill", &pdf_of(5_001)).bytes()).await.expect_problem(413, "BODY_TOO_LARGE");
    // Fifty megabytes by its own word: not a byte of it is waited for.
    let token = archive.server.token_of("hospital");
    let head = format!("{HEAD}Authorization: Bearer {token}\r\nContent-Type: {}\r\n", Form::content_type());
    let mut wire = Wire::to(archive.server.address()).await;
    wire.say(format!("{head}Content-Length: 52428800\r\n\r\n")).await;
    assert!(wire.response().await.starts_with("HTTP/1.1 413"));
    // Without a word of its length, in a file or beside it: it ends where the limit is.
    let start = |part: Vec<u8>| format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n", part.len(), String::from_utf8_lossy(&part));
    let file = Form::default().file("a.pdf", b"%PDF-1.7\n").open_bytes();
    let (in_the_file, beside_it) = (file[..file.len() - 2].to_vec(), Form::default().word("kind", "bill").open_bytes());
    for begin in [in_the_file, beside_it] {
        let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
        let parts = std::iter::once(start(begin)).chain(std::iter::repeat_n(chunk, 6_400));
        let heard = Wire::to(archive.server.address()).await.pour(parts, PATIENCE).await;
        assert_eq!(heard.statuses(), [413], "{heard:?}");
    }
    archive.is_empty().await;
    upload(&hospital, "bill", &pdf_of(5_000)).await;
}

on_both!(many_at_once_do_not_meet);
async fn many_at_once_do_not_meet(archive: Archive) {
    let same = pdf_of(100_000);
    let uploads = (0..12_u32).map(|at| {
        let client = archive.as_role(if at % 2 == 0 { "hospital" } else { "clinic" });
        let file = if at < 4 { same.clone() } else { pdf(&format!("nomor {at}")) };
        tokio::spawn(async move {
            let made = upload(&client, "letter", &file).await;
            assert!(content(&client, &made).await == (200, file));
            text(&made, "id").to_owned()
        })
    });
    let mut ids = BTreeSet::new();
    for upload in uploads.collect::<Vec<_>>() {
        ids.insert(upload.await.expect("an upload"));
    }
    assert_eq!((ids.len(), archive.files().len(), archive.rows()), (12, 12, 12));
    assert_eq!(count(archive.server.database(), "SELECT count(DISTINCT content_bidx) FROM documents"), 9);
}

on_both!(a_place_that_cannot_be_written_is_told_as_busy, unwritable);
async fn a_place_that_cannot_be_written_is_told_as_busy(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let answer = send(&hospital, Form::of("bill", &pdf("x")).bytes()).await;
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    answer.expect_problem(503, "BUSY");
    assert_eq!(archive.rows(), 0);
    // Nothing else suffers.
    hospital.get("/api/v1/me").await.expect(200);
}

/// Nobody makes a folder below a file, not even root.
fn unwritable(engine: Engine) -> Option<Archive> {
    let file = run_folder::fresh_path("file");
    std::fs::write(&file, "x").expect("own folder");
    let below = file.join("documents").display().to_string();
    Database::copy_of(engine, Seed::City).map(|database| Archive::on(database, &[("documents.folder", below.as_str())]))
}

on_both!(whoever_takes_the_files_learns_nothing_and_whoever_changes_them_is_noticed);
async fn whoever_takes_the_files_learns_nothing_and_whoever_changes_them_is_noticed(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let secret = "Siti Teladan 3275014501909001";
    let paper = pdf(&secret.repeat(5_000));
    let form = Form::default().word("kind", "identity").file(&format!("{secret}.pdf"), &paper);
    let made = send(&hospital, form.bytes()).await.expect(201);
    let other = upload(&hospital, "bill", &pdf(&"y".repeat(paper.len() - pdf("").len()))).await;
    let sealed = std::fs::read(archive.file(&made)).expect("the file");
    assert!(sealed.len() > paper.len());
    // Long enough that chance does not write them.
    for word in [&b"Siti Teladan"[..], b"327501", b"%PDF-1", b"endobj", text(&made, "sha256").as_bytes()] {
        assert!(!sealed.windows(word.len()).any(|window| window == word), "{}", String::from_utf8_lossy(word));
    }
    let names: Vec<PathBuf> = archive.files();
    assert_eq!(names.iter().collect::<BTreeSet<_>>(), [&archive.file(&made), &archive.file(&other)].into_iter().collect());
    #[cfg(unix)]
    for path in &names {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o077, 0, "others may read it");
    }

    let mut changed = sealed.clone();
    changed[100] ^= 1;
    let foreign = std::fs::read(archive.file(&other)).expect("the other file");
    for (what, bytes) in [("changed", changed), ("another document's", foreign), ("emptied", Vec::new())] {
        std::fs::write(archive.file(&made), bytes).expect("own file");
        let path = format!("{DOCUMENTS}/{}/content", text(&made, "id"));
        let problem = hospital.get(&path).await.expect_problem(500, "INTERNAL");
        assert!(!problem.to_string().contains(".document"), "{what}: {problem}");
    }
    std::fs::remove_file(archive.file(&made)).expect("own file");
    assert_eq!(content(&hospital, &made).await.0, 500);
    // Cut off or changed further on: the answer breaks off, and nobody takes a part for the whole.
    std::fs::write(archive.file(&made), &sealed[..sealed.len() - 1]).expect("own file");
    let path = format!("{DOCUMENTS}/{}/content", text(&made, "id"));
    let answer = hospital.request(Method::GET, &path).send().await.expect("its beginning is sound");
    assert!(answer.status() == 200 && answer.bytes().await.is_err());
    std::fs::write(archive.file(&made), &sealed).expect("own file");
    assert!(content(&hospital, &made).await == (200, paper));
}

on_both!(a_restart_loses_nothing);
async fn a_restart_loses_nothing(mut archive: Archive) {
    let paper = pdf_of(70_000);
    let made = upload(&archive.as_role("hospital"), "bill", &paper).await;
    archive.server.stop();
    let folder = archive.folder.display().to_string();
    let app = product::app(product::settings(archive.server.database().url(), &[("documents.folder", &folder)]), Arc::new(Machine));
    let running = product::start_app(app);
    let hospital = Client::new(running.address, running.token_of.clone()).as_role("hospital");
    assert!(content(&hospital, &made).await == (200, paper));
    assert_eq!(hospital.get(&format!("{DOCUMENTS}/{}", text(&made, "id"))).await.expect(200), made);
    (running.stop)();
}

on_both!(a_document_is_seen_by_whom_it_concerns_and_they_leave_a_trace);
async fn a_document_is_seen_by_whom_it_concerns_and_they_leave_a_trace(archive: Archive) {
    let made = upload(&archive.as_role("hospital"), "medical_resume", &pdf("x")).await;
    let of_counter = upload(&archive.as_role("counter"), "referral", &pdf("y")).await;
    archive.as_role("counter").get(&format!("{DOCUMENTS}/{}", text(&of_counter, "id"))).await.expect(200);
    for user in ["registrar", "verifier", "finance", "admin", "manager", "auditor", "dpo"] {
        send(&archive.as_role(user), Form::of("bill", &pdf("x")).bytes()).await.expect_problem(403, "NOT_ALLOWED");
    }
    let sees = async |user: &str| {
        let (client, place) = (archive.as_role(user), format!("{DOCUMENTS}/{}", text(&made, "id")));
        let (told, read) = (client.get(&place).await.status, content(&client, &made).await.0);
        assert_eq!(told, read, "{user}");
        told
    };
    let expected = |user: &str, is_attached: bool| match user {
        "hospital" => 200,
        "verifier" | "finance" | "admin" | "auditor" if is_attached => 200,
        "registrar" | "manager" | "dpo" => 403,
        _ => 404,
    };
    const USERS: [&str; 11] =
        ["hospital", "other_hospital", "clinic", "counter", "registrar", "verifier", "finance", "admin", "auditor", "manager", "dpo"];
    for user in USERS {
        assert_eq!(sees(user).await, expected(user, false), "{user}");
    }
    let person = PEOPLE[0].0;
    let claim = draft(&archive.as_role("hospital"), person).await;
    assert_eq!(archive.attach(claim, person, &[&made], "rsud"), []);
    for user in USERS {
        assert_eq!(sees(user).await, expected(user, true), "{user}");
    }
    let told = archive.as_role("verifier").get(&format!("{DOCUMENTS}/{}", text(&made, "id"))).await.expect(200);
    assert_eq!(told["claim_ids"], json!([claim]));

    let auditor = archive.as_role("auditor");
    let events = |query: String| {
        let auditor = auditor.clone();
        async move { auditor.get(&format!("/api/v1/audit/events?limit=200&{query}")).await.expect(200)["items"].as_array().cloned().unwrap_or_default() }
    };
    // Five saw it when it was about this person, and the verifier looked once more.
    assert_eq!(events(format!("kind=document.opened&participant_id={}", id_of(person))).await.len(), 5);
    assert_eq!(events(format!("kind=document.read&participant_id={}", id_of(person))).await.len(), 6);
    assert_eq!(events("kind=document.opened".to_owned()).await.len(), 6);
    let received = events("kind=document.received".to_owned()).await;
    assert_eq!((received.len(), &received[1]["payload"]["kind"]), (2, &json!("medical_resume")));
}

on_both!(documents_stand_behind_claims_and_the_same_content_is_found_again);
async fn documents_stand_behind_claims_and_the_same_content_is_found_again(archive: Archive) {
    let (hospital, other_hospital) = (archive.as_role("hospital"), archive.as_role("other_hospital"));
    let (paper, siti, budi) = (pdf("satu"), PEOPLE[0].0, PEOPLE[1].0);
    let first = upload(&hospital, "bill", &paper).await;
    let second = upload(&hospital, "letter", &pdf("dua")).await;
    let again = upload(&other_hospital, "other", &paper).await;

    // Of another facility, or of nobody: nothing is attached.
    let foreign: Id = text(&again, "id").parse().expect("an id");
    let (of_siti, of_budi) = (draft(&hospital, siti).await, draft(&other_hospital, budi).await);
    assert_eq!(archive.attach(of_siti, siti, &[&first, &again, &json!({"id": made_up(9)})], "rsud"), {
        let mut strange = vec![foreign, made_up(9)];
        strange.sort();
        strange
    });
    let db = || archive.app.pool.get().expect("a connection");
    assert!(store::documents::of_claim(&mut db(), of_siti).expect("a list").is_empty());

    assert_eq!(archive.attach(of_siti, siti, &[&second, &first, &first], "rsud"), []);
    assert_eq!(archive.attach(of_siti, siti, &[&first], "rsud"), [], "a second time changes nothing");
    let behind = store::documents::of_claim(&mut db(), of_siti).expect("a list");
    let kinds: Vec<&str> = behind.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["bill", "letter"]);

    let contents: Vec<Id> = behind.iter().map(|document| document.content_bidx).collect();
    let whose = || store::documents::people_with_content(&mut db(), &contents).expect("a map");
    let (siti, budi) = (id_of(siti), id_of(budi));
    assert_eq!(whose(), [(contents[0], [siti].into()), (contents[1], [siti].into())].into());
    assert_eq!(archive.attach(of_budi, PEOPLE[1].0, &[&again], "rs_lain"), []);
    assert_eq!(whose(), [(contents[0], [siti, budi].into()), (contents[1], [siti].into())].into());
    // The column is no digest of the content.
    assert!(!ContentHash::of(&paper).as_bytes().starts_with(contents[0].as_bytes()));
}

on_both!(a_key_makes_one_document_of_two_uploads);
async fn a_key_makes_one_document_of_two_uploads(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let keyed = |form: Form| {
        let request = hospital.request(Method::POST, DOCUMENTS).header("Content-Type", Form::content_type()).header("Idempotency-Key", "k");
        hospital.send(request.body(form.bytes()))
    };
    let first = keyed(Form::of("bill", &pdf("x"))).await;
    let again = keyed(Form::of("bill", &pdf("x"))).await;
    assert_eq!((again.status, &again.text, again.header("idempotency-replayed")), (201, &first.text, "true"));
    keyed(Form::of("letter", &pdf("x"))).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    keyed(Form::of("bill", &pdf("y"))).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!((archive.files().len(), archive.rows()), (1, 1));
}
