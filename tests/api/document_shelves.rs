//! Where the files of documents lie, and what becomes of those that nobody needs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use ksnik::service::documents::{shelf, tidying};

use super::documents::{Archive, DOCUMENTS, content, draft, made_up, send, text, upload};
use super::support::bucket::{self, StubBucket};
use super::support::databases::{Database, Engine, Seed};
use super::support::papers::{Form, pdf};
use super::support::small_city::PEOPLE;
use super::support::{on_both, product};

on_both!(what_nobody_needs_is_tidied_away);
async fn what_nobody_needs_is_tidied_away(archive: Archive) {
    let hospital = archive.as_role("hospital");
    let (kept, orphan) = (upload(&hospital, "bill", &pdf("x")).await, upload(&hospital, "bill", &pdf("y")).await);
    let claim = draft(&hospital, PEOPLE[0].0).await;
    assert_eq!(archive.attach(claim, PEOPLE[0].0, &[&kept], "rsud"), []);
    let forget = |days: i64| {
        let mut context = archive.app.context();
        context.now = context.now.plus(chrono::Duration::days(days));
        tidying::forget_orphans(&archive.app, &mut archive.app.pool.get().expect("a connection"), &context).expect("a tidy house")
    };
    assert!(!forget(29));
    assert_eq!((archive.files().len(), archive.rows()), (2, 2));
    assert!(!forget(31));
    assert_eq!((archive.files(), archive.rows()), (vec![archive.file(&kept)], 1));
    hospital.get(&format!("{DOCUMENTS}/{}", text(&orphan, "id"))).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(content(&hospital, &kept).await.0, 200);
    let events = archive.as_role("auditor").get("/api/v1/audit/events?kind=document.forgotten").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));

    let aged = |path: PathBuf, hours: u64| {
        let file = std::fs::File::options().create(true).append(true).open(&path).expect("own folder");
        file.set_modified(SystemTime::now() - Duration::from_secs(3_600 * hours)).expect("own file");
        path
    };
    let stray = |number: u8, hours: u64| aged(archive.folder.join(format!("{}.document", made_up(number))), hours);
    let (old, young, foreign) = (stray(7, 25), stray(8, 1), aged(archive.folder.join("catatan.txt"), 99));
    aged(archive.file(&kept), 99);
    tidying::sweep(&archive.app, &mut archive.app.pool.get().expect("a connection")).expect("a tidy house");
    assert_eq!(archive.files().into_iter().collect::<BTreeSet<_>>(), [young, foreign, archive.file(&kept)].into_iter().collect(), "{old:?}");
}

/// The bucket and a service that uses it.
fn with_bucket(engine: Engine) -> Option<(StubBucket, Archive)> {
    let bucket = StubBucket::start();
    let settings = [
        ("documents.driver", "bucket"),
        ("documents.url", bucket.url.as_str()),
        ("documents.bucket", bucket::NAME),
        ("documents.access_key", bucket::ACCESS_KEY),
        ("documents.secret_key", "rahasia"),
    ];
    let archive = Archive::on(Database::copy_of(engine, Seed::City)?, &settings);
    Some((bucket, archive))
}

on_both!(a_bucket_serves_as_a_folder_does, with_bucket);
async fn a_bucket_serves_as_a_folder_does((bucket, archive): (StubBucket, Archive)) {
    let hospital = archive.as_role("hospital");
    let paper = pdf(&"Siti Teladan".repeat(20_000));
    let made = upload(&hospital, "bill", &paper).await;
    let name = format!("documents/{}", text(&made, "id"));
    let sealed = bucket.objects().get(&name).cloned().expect("it is in the bucket");
    assert!(sealed.len() > paper.len() && !sealed.windows(4).any(|window| window == b"Siti"));
    assert!(content(&hospital, &made).await == (200, paper));
    assert_eq!((bucket.objects().len(), archive.files().len()), (1, 0), "nothing stays on the desk");

    send(&hospital, Form::of("bill", b"MZ").bytes()).await.expect_problem(422, "DOCUMENT_TYPE");
    assert_eq!((bucket.objects().len(), archive.files().len()), (1, 0));
    bucket.goes_away(true);
    send(&hospital, Form::of("bill", &pdf("y")).bytes()).await.expect_problem(503, "BUSY");
    assert_eq!(content(&hospital, &made).await.0, 503);
    assert_eq!(archive.rows(), 1);
    bucket.goes_away(false);
    bucket.objects().insert(format!("documents/{}", made_up(7)), vec![1]);
    bucket.objects().insert("other/x".to_owned(), vec![1]);
    tidying::sweep(&archive.app, &mut archive.app.pool.get().expect("a connection")).expect("a tidy house");
    assert_eq!(bucket.objects().keys().cloned().collect::<Vec<_>>(), [name.clone(), "other/x".to_owned()]);
    bucket.objects().remove(&name);
    assert_eq!(content(&hospital, &made).await.0, 500);
}

#[test]
fn a_bucket_that_cannot_be_meant_is_refused_at_the_start() {
    let right = [
        ("documents.driver", "bucket"),
        ("documents.url", "https://objek.example"),
        ("documents.bucket", "dokumen"),
        ("documents.access_key", "kunci"),
        ("documents.secret_key", "rahasia"),
    ];
    for (name, value, expected) in [
        ("documents.url", "", "documents.url"),
        ("documents.url", "http://objek.example", "https"),
        ("documents.url", "https://objek.example", "documents.ca_file"),
        ("documents.ca_file", "/nowhere", "documents.ca_file"),
    ] {
        let settings: Vec<_> = right.into_iter().chain([(name, value)]).collect();
        let refusal = shelf::open(&product::settings("sqlite://x", &settings)).err().expect("a refusal");
        assert!(refusal.contains(expected), "{name} = {value}: {refusal}");
    }
    for (name, expected) in [("documents.bucket", "name"), ("documents.access_key", "access_key"), ("documents.secret_key", "secret_key")] {
        let settings: Vec<_> = right.into_iter().chain([("documents.url", "http://127.0.0.1:1"), (name, "")]).collect();
        let refusal = shelf::open(&product::settings("sqlite://x", &settings)).err().expect("a refusal");
        assert!(refusal.contains(expected), "{name}: {refusal}");
    }
}
