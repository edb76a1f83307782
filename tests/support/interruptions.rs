//! a process that is killed, or told to stop, while many are asking.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

use super::audited::{deep, opened};
use super::databases::{Database, Engine, Seed};
use super::load::{Ledger, Load};
use super::served::{Served, status};
use super::tampering::Chance;

const READY_WITHIN: Duration = Duration::from_secs(5);

fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// Kills it so many times at random moments. What it acknowledged is there, once, and it comes back by itself.
pub fn kill_again_and_again(rounds: usize, seed: u64) {
    let database = Database::copy_of(Engine::Sqlite, Seed::City).expect("a file");
    let (ledger, mut chance, mut slowest) = (Ledger::default(), Chance(seed), Duration::ZERO);
    for round in 0..rounds {
        let mut served = Served::start(&database, &[]);
        assert!(served.ready_after < READY_WITHIN, "round {round}: ready after {:?}", served.ready_after);
        slowest = slowest.max(served.ready_after);
        on_a_runtime(async {
            let clinic = served.client().as_role("clinic");
            ledger.settle(&clinic).await;
            let load = Load::begin(&clinic, &ledger, &format!("kill-{round}"));
            Load::until_answered(&ledger, 20).await;
            tokio::time::sleep(Duration::from_millis(chance.below(300) as u64)).await;
            served.kill();
            load.end().await;
        });
    }
    all_is_there_once(&database, &ledger, rounds * 20);
    println!("{rounds} kills, {} acknowledged and all there once, ready again after {slowest:?} at most", ledger.acknowledged());
}

/// Tells it to stop so many times, while it is asked by many.
pub fn stop_again_and_again(rounds: usize, answers_in_each: usize) {
    let database = Database::copy_of(Engine::Sqlite, Seed::City).expect("a file");
    let (ledger, mut longest) = (Ledger::default(), Duration::ZERO);
    for round in 0..rounds {
        let mut served = Served::start(&database, &[("server.drain_ms", "600"), ("server.finish_ms", "5000")]);
        let served_while_going = on_a_runtime(async {
            let clinic = served.client().as_role("clinic");
            ledger.settle(&clinic).await;
            let load = Load::begin(&clinic, &ledger, &format!("stop-{round}"));
            Load::until_answered(&ledger, answers_in_each).await;
            served.tell_to_stop();
            let told = Instant::now();
            let address = served.address;
            let not_ready = tokio::task::spawn_blocking(move || {
                while status(address, "/health/ready") == Some(200) {
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
            not_ready.await.expect("a look at readiness");
            let before = ledger.acknowledged();
            let ended = served.ended_within(Duration::from_secs(10)).await;
            longest = longest.max(told.elapsed());
            load.end().await;
            assert_eq!(ended.and_then(|status| status.code()), Some(0), "round {round}: {}", served.printed());
            ledger.acknowledged() - before
        });
        assert!(served_while_going > 0, "round {round}: nobody was served between the order and the end");
    }
    all_is_there_once(&database, &ledger, rounds * answers_in_each);
    println!("{rounds} stops, {} acknowledged and all there once, gone after {longest:?} at most", ledger.acknowledged());
}

/// Every key that was ever used has one check, which is the one that was acknowledged; the file and the audit log are whole.
fn all_is_there_once(database: &Database, ledger: &Ledger, at_least: usize) {
    let mut served = Served::start(database, &[]);
    on_a_runtime(ledger.settle(&served.client().as_role("clinic")));
    served.kill();
    let acknowledged = ledger.ids();
    assert!(acknowledged.len() >= at_least, "only {} were acknowledged", acknowledged.len());
    assert_eq!(acknowledged.len(), ledger.keys(), "two keys were answered with one check");
    assert_eq!(recorded(database), acknowledged);
    let (_, mut db) = opened(database);
    assert_eq!(deep(&mut db).broken, None);
}

fn recorded(database: &Database) -> BTreeSet<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        id: String,
    }
    let file = database.url().trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(file).expect("the file is there");
    let verdict: String = diesel::dsl::sql::<Text>("PRAGMA integrity_check").get_result(&mut connection).expect("a verdict");
    assert_eq!(verdict, "ok");
    let rows: Vec<Row> = diesel::sql_query("SELECT lower(hex(id)) AS id FROM eligibility_checks").load(&mut connection).expect("the checks");
    let ids: BTreeSet<String> = rows.iter().map(|row| uuid::Uuid::parse_str(&row.id).expect("an id").to_string()).collect();
    assert_eq!(ids.len(), rows.len());
    ids
}
