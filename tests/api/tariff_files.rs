//! Price lists as CSV through HTTP, and as files through `ksnik import tariffs`.

use std::path::{Path, PathBuf};

use ksnik::domain::sheets::{Sheet, SheetFormat};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::support::binary::{ksnik, texts};
use super::support::client::{Answer, Client};
use super::support::on_both;
use super::support::product;
use super::support::run_folder;
use super::support::server::Server;
use super::tariffs::{SCHEDULES, faults, second_admin};

async fn draft(client: &Client) -> String {
    let made = client.post(SCHEDULES, json!({"name": "Perwal contoh", "valid_from": "2026-01-01"})).await;
    made.header("location").to_owned()
}

async fn send(client: &Client, path: &str, file: &str) -> Answer {
    let request = client.request(Method::POST, &format!("{path}/items")).header("Content-Type", "text/csv; charset=utf-8");
    client.send(request.body(file.to_owned())).await
}

on_both!(a_csv_list_is_taken_whole_or_every_fault_of_it_is_told);
async fn a_csv_list_is_taken_whole_or_every_fault_of_it_is_told(server: Server) {
    let admin = server.client().as_role("admin");
    let path = draft(&admin).await;
    let bad = "code;description;care_type;ward_class;amount\n\
        A-1;Contoh;inpatient;III;2.000.000,00\n\
        A-2;Contoh;surgery;III;2.000.000\n\
        A-3;Contoh;inpatient;IV;2,000,000.00\n\
        A-4;Contoh;inpatient;;=E2*2\n\
        A-5;Contoh;outpatient;;5\n\
        a-5;Contoh;outpatient;;6\n";
    let told = send(&admin, &path, bad).await.expect(422);
    assert_eq!(
        faults(&told),
        [
            "/3/care_type TARIFF_WORD_UNKNOWN",
            "/4/ward_class TARIFF_WORD_UNKNOWN",
            "/4/amount AMOUNT_FORMAT",
            "/5/amount CELL_FORMULA",
            "/6/amount TARIFF_ITEM_DIFFERS",
            "/7/amount TARIFF_ITEM_DIFFERS",
        ]
    );
    assert!(told["errors"][0]["message"].as_str().is_some_and(|text| text.contains("inpatient, emergency")), "{told}");
    assert_eq!(admin.get(&path).await.expect(200)["item_count"], 0);
    for (file, fault) in [
        ("code,care_type,amount\n", "/1/description COLUMN_MISSING"),
        ("", " FILE_EMPTY"),
        ("code,description,care_type,amount\n", " TOO_FEW"),
        ("PK\u{3}\u{4}", "FILE_IS_A_WORKBOOK"),
    ] {
        let told = faults(&send(&admin, &path, file).await.expect(422));
        assert!(told.len() == 1 && told[0].ends_with(fault.trim_start_matches(' ')), "{told:?}");
    }
    let good = "code,description,care_type,ward_class,region,amount\nA-1,Contoh,inpatient,III,3275,\"Rp 2.000.000,00\"\nA-1,Contoh,Inpatient,iii,3275,2000000\nB-1,Contoh,primary,,,500\n";
    let added = send(&admin, &path, good).await.expect(200);
    assert_eq!((&added["added"], &added["schedule"]["item_count"]), (&json!(2), &json!(2)));
    let items = admin.get(&format!("{path}/items?code=A-1")).await.expect(200);
    let item = &items["items"][0];
    assert_eq!((&item["amount"], &item["ward_class"], &item["region"]), (&json!(2_000_000), &json!("III"), &json!("3275")));
    let other = admin.request(Method::POST, &format!("{path}/items")).header("Content-Type", "application/xml").body("<a/>");
    admin.send(other).await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");

    let published = second_admin(&server).await;
    published.send(published.request(Method::POST, &format!("{path}/publish"))).await.expect(200);
    send(&admin, &path, good).await.expect_problem(409, "TARIFF_SCHEDULE_PUBLISHED");
}

/// A list of this repository, or a mapping.
fn at_home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn import(server: &Server, file: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = ksnik();
    command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", server.database().url(), "import", "tariffs"]);
    texts(&command.arg(file).args(more).output().expect("the binary runs"))
}

const PLAIN: [&str; 6] = ["--schedule", "Perwal 12/2026", "--valid-from", "2026-01-01", "--as", "admin"];

on_both!(a_list_is_imported_into_a_draft_and_again_into_the_same);
async fn a_list_is_imported_into_a_draft_and_again_into_the_same(server: Server) {
    let admin = server.client().as_role("admin");
    let folder = run_folder::fresh_path("tariffs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let errors = folder.join("errors.csv");
    let mapping = at_home("config/tariff-mappings/plain.toml");
    let with_mapping = [&PLAIN[..], &["--mapping", mapping.to_str().unwrap(), "--errors", errors.to_str().unwrap(), "--language", "en"]].concat();
    let file = at_home("tests/golden/tariffs/plain.csv");

    let dry = [&with_mapping[..], &["--dry-run"]].concat();
    let (status, out, err) = import(&server, &file, &dry);
    assert!(status == Some(1) && out.contains("nothing was stored"), "{out}{err}");
    assert_eq!(admin.get(SCHEDULES).await.expect(200)["items"], json!([]));

    let (status, out, err) = import(&server, &file, &with_mapping);
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("6 prices, 1 of them more than once, 12 faults") && out.contains("added 6, replaced 0, unchanged 0"), "{out}{err}");
    assert!(err.contains("line 13, Jenis Pelayanan: TARIFF_WORD_UNKNOWN") && err.contains("primary, outpatient"), "{err}");
    let report = std::fs::read_to_string(&errors).expect("a report");
    assert_eq!(report.lines().count(), 13, "{report}");
    assert!(report.contains("Tarif (Rp),CELL_FORMULA"), "{report}");
    let schedule = admin.get(SCHEDULES).await.expect(200)["items"][0].clone();
    assert_eq!((&schedule["state"], &schedule["item_count"], &schedule["name"]), (&json!("draft"), &json!(6), &json!("Perwal 12/2026")));

    let (status, out, err) = import(&server, &file, &with_mapping);
    assert!(status == Some(1) && out.contains("added 0, replaced 0, unchanged 6"), "{out}{err}");
    let other_percent = [&with_mapping[..], &["--payment-percent", "75"]].concat();
    let (status, out, err) = import(&server, &file, &other_percent);
    assert!(status == Some(1) && !out.contains("Draft") && !err.is_empty(), "{out}{err}");
    assert_eq!(admin.get(SCHEDULES).await.expect(200)["items"].as_array().map(Vec::len), Some(1));

    // Whoever imported it wrote it.
    let path = format!("{SCHEDULES}/{}", schedule["id"].as_str().unwrap());
    admin.send(admin.request(Method::POST, &format!("{path}/publish"))).await.expect_problem(409, "PUBLISHES_OWN_SCHEDULE");
    let second = second_admin(&server).await;
    second.send(second.request(Method::POST, &format!("{path}/publish"))).await.expect(200);
    let quote = server.client().as_role("hospital").get("/api/v1/tariffs/quote?code=A-4-14-I&ward_class=III&service_date=2026-02-02").await;
    assert_eq!(quote.expect(200)["amount"], 2_000_000);
    // A published schedule is left alone: the same name is a new draft.
    let (status, out, err) = import(&server, &file, &with_mapping);
    assert!(status == Some(1) && out.contains("added 6"), "{out}{err}");
    assert_eq!(count(server.database(), "SELECT count(*) FROM tariff_schedules"), 2);
    std::fs::remove_dir_all(&folder).expect("the folder");
}

on_both!(a_wide_list_and_a_workbook_are_imported);
async fn a_wide_list_and_a_workbook_are_imported(server: Server) {
    let admin = server.client().as_role("admin");
    let mapping = at_home("config/tariff-mappings/wide.toml");
    let arguments = [&PLAIN[..], &["--mapping", mapping.to_str().unwrap()]].concat();
    let (status, out, err) = import(&server, &at_home("tests/golden/tariffs/wide.csv"), &arguments);
    assert!(status == Some(1) && out.contains("15 prices") && out.contains("2 faults"), "{out}{err}");

    let folder = run_folder::fresh_path("tariffs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let book = folder.join("list.xlsx");
    let mut sheet =
        Sheet::begin(SheetFormat::Xlsx, std::fs::File::create(&book).expect("a file"), "Harga", &["code", "description", "care_type", "amount"])
            .expect("a sheet");
    sheet.row(&["RJ-001".into(), "Contoh".into(), "outpatient".into(), 45_000.into()]).expect("a row");
    sheet.row(&["RJ-002".into(), "Contoh".into(), "outpatient".into(), "Rp 120.000,00".into()]).expect("a row");
    sheet.finish().expect("a workbook");
    let (status, out, err) = import(&server, &book, &PLAIN);
    assert!(status == Some(0) && out.contains("added 2, replaced 0, unchanged 0; it has 17"), "{out}{err}");
    let schedules = admin.get(SCHEDULES).await.expect(200);
    let path = format!("{SCHEDULES}/{}/items?code=A-4-14-III&limit=200", schedules["items"][0]["id"].as_str().unwrap());
    let items = admin.get(&path).await.expect(200);
    let mut amounts: Vec<i64> = items["items"].as_array().unwrap().iter().filter_map(|item: &Value| item["amount"].as_i64()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [3_800_000, 4_000_000, 4_560_000, 5_320_000, 5_600_000]);

    for (more, told) in [
        (&["--schedule", "X", "--valid-from", "2026-01-01", "--as", "hospital"][..], "--as"),
        (&["--schedule", "X", "--valid-from", "2026-02-01", "--valid-to", "2026-01-01", "--as", "admin"], "BEFORE_FROM"),
        (&["--schedule", "X", "--valid-from", "2026-01-01", "--as", "admin", "--mapping", "no-such-file.toml"], "no-such-file.toml"),
        (&["--schedule", "X", "--valid-from", "2026-01-01"], "--as"),
        (&["--schedule", "", "--valid-from", "2026-01-01", "--as", "admin"], "1 to 200"),
    ] {
        let (status, out, err) = import(&server, &book, more);
        assert!(status != Some(0) && err.contains(told) && !err.contains("panicked"), "{more:?}: {out}{err}");
    }
    let text = folder.join("no-list.csv");
    std::fs::write(&text, "a,b\n1,2\n").expect("a file");
    let (status, _, err) = import(&server, &text, &PLAIN);
    assert!(status == Some(2) && err.contains("COLUMN_MISSING"), "{err}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}
