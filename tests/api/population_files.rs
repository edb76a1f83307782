//! Files of the population office that are not what they seem: parts of one, and one that comes while a person decides.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;

use super::harness::count;
use super::imports::{ended, import, upload};
use super::people::register;
use super::reconciliations::{Civil, FILES, KK, about, file, send};
use super::support::databases::Engine;
use super::support::dated::DatedServer;
use super::support::on_both;

on_both!(a_part_of_a_file_does_not_take_the_place_of_the_whole);
async fn a_part_of_a_file_does_not_take_the_place_of_the_whole(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    for serial in 9001..=9006 {
        register(&registrar, serial, json!({"kk_number": KK[0], "relation": "other"})).await;
    }
    let whole: Vec<Civil> = (9001..=9006).map(|serial| Civil::new(serial, KK[0])).collect();
    // Nine people live here. Of four in the file before the first one, of two after it.
    let part = |people: usize| file(&whole).lines().take(people + 1).collect::<Vec<_>>().join("\n");
    let snapshots = |state: &str| count(server.database(), &format!("SELECT count(*) FROM population_snapshots WHERE state = '{state}'"));
    let findings = || count(server.database(), "SELECT count(*) FROM reconciliation_findings");

    let refused = import(&admin, FILES, part(4)).await;
    assert_eq!((&refused["state"], &refused["failure"]["code"]), (&json!("failed"), &json!("FAR_FEWER_PEOPLE")), "{refused}");
    assert!(refused["failure"]["remedy"].as_str().is_some_and(|remedy| remedy.contains("confirm_smaller=true")), "{refused}");
    let run = registrar.get(&format!("/api/v1/reconciliations/{}", refused["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((&run["state"], &run["compared"]), (&json!("abandoned"), &json!(0)), "{run}");
    assert_eq!((snapshots("current"), findings()), (0, 0), "it counts for nothing");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_records"), 0, "what was read of it is gone");

    assert_eq!(import(&admin, FILES, part(5)).await["state"], "done", "half of nine are five");
    send(&admin, &whole).await;
    let before = findings();
    assert_eq!(import(&admin, FILES, part(4)).await["failure"]["code"], "FAR_FEWER_PEOPLE", "half of nine records are five");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_records"), 9, "the file before still counts");
    assert_eq!(findings(), before);

    let meant = import(&admin, &format!("{FILES}&confirm_smaller=true"), part(2)).await;
    assert_eq!(meant["state"], "done", "{meant}");
    let run = registrar.get(&format!("/api/v1/reconciliations/{}", meant["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((&run["records"], &run["found"]["not_found"]), (&json!(2), &json!(7)), "{run}");

    let of_another_kind = upload(&admin, "/api/v1/imports?kind=deaths&as_of=2026-11-20&confirm_smaller=true", "nik,date\n").await.expect(422);
    let at: Vec<&str> = of_another_kind["errors"].as_array().expect("faults").iter().filter_map(|fault| fault["parameter"].as_str()).collect();
    assert_eq!(at, ["as_of", "confirm_smaller"], "{of_another_kind}");
}

on_both!(a_share_of_nothing_takes_every_file);
async fn a_share_of_nothing_takes_every_file(mut server: DatedServer) {
    server.restart(&[("imports.least_population_percent", "0")]);
    let registrar = server.client().as_role("registrar");
    for serial in 9001..=9006 {
        register(&registrar, serial, json!({"kk_number": KK[0], "relation": "other"})).await;
    }
    send(&server.client().as_role("admin"), &[]).await;
}

on_both!(what_a_person_decides_while_a_file_is_compared_stands);
async fn what_a_person_decides_while_a_file_is_compared_stands(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let person = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let row = Civil::new(9001, KK[0]);
    send(&admin, &[row.clone().with("name", "Wulan Contoh")]).await;
    assert_eq!(about(&registrar, &person).await, ["different open"]);
    let dismiss = format!(
        "UPDATE reconciliation_findings SET state = 'dismissed' WHERE state = 'open' AND participant_id = {}",
        quoted(&server, &person["id"])
    );
    // On SQLite there is one writer: the decision is there before the comparison looks. On PostgreSQL it is not yet, and the comparison waits for it.
    let mut deciding = match server.database().engine() {
        Engine::Sqlite => {
            server.database().execute(&dismiss).expect("a decision");
            None
        }
        Engine::Postgres => {
            let mut connection = PgConnection::establish(server.database().url()).expect("a database");
            connection.batch_execute(&format!("BEGIN; {dismiss}")).expect("a decision");
            Some(connection)
        }
    };
    let job = upload(&admin, FILES, file(std::slice::from_ref(&row))).await;
    let place = job.header("location").to_owned();
    if let Some(connection) = &mut deciding {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let deadline = Instant::now() + Duration::from_secs(60);
        while count(server.database(), waiting) == 0 {
            assert!(Instant::now() < deadline, "the comparison never comes to the finding");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        connection.batch_execute("COMMIT").expect("the decision");
    }
    assert_eq!(ended(&admin, &place).await["state"], "done");
    assert_eq!(about(&registrar, &person).await, ["different dismissed"]);
}

/// An id as each database writes it.
fn quoted(server: &DatedServer, id: &serde_json::Value) -> String {
    let digits = id.as_str().expect("an id").replace('-', "");
    match server.database().engine() {
        Engine::Sqlite => format!("X'{digits}'"),
        Engine::Postgres => format!("'\\x{digits}'"),
    }
}
