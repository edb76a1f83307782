//! S-05: a thousand clients who stall, in every way, while others ask.

use std::time::{Duration, Instant};

use serde_json::json;

use super::support::client::Client;
use super::support::databases::{Database, Engine, Seed};
use super::support::served::Served;
use super::support::small_city::PEOPLE;
use super::support::stalled::Stall;

const STALLED: usize = 1_000;
const ASKED: usize = 400;

/// What 99 of 100 answers took at most.
async fn usual(clinic: &Client) -> Duration {
    let mut took = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let began = Instant::now();
        clinic.post("/api/v1/eligibility-checks", json!({"nik": PEOPLE[0].0, "care_type": "primary"})).await.expect(201);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took[ASKED * 99 / 100]
}

#[test]
#[ignore = "minutes"]
fn a_thousand_who_stall_are_hung_up_on_and_hinder_nobody() {
    let database = Database::copy_of(Engine::Sqlite, Seed::City).expect("a file");
    let served = Served::start(&database, &[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let clinic = served.client().as_role("clinic");
        usual(&clinic).await;
        let alone = usual(&clinic).await;
        let stalled: Vec<_> = (0..STALLED)
            .map(|number| {
                let (stall, address) = (Stall::ALL[number % Stall::ALL.len()], served.address);
                tokio::spawn(async move {
                    // One after the other: of a burst the kernel forgets some, who then wait for a server that never heard of them.
                    tokio::time::sleep(Duration::from_millis(number as u64)).await;
                    (stall, stall.at(address, Duration::from_millis(250), Duration::from_secs(60)).await)
                })
            })
            .collect();
        let among_them = usual(&clinic).await;
        let mut longest = Duration::ZERO;
        for stalled in stalled {
            let (stall, heard) = stalled.await.expect("a stall");
            let after = heard.closed_after.unwrap_or_else(|| panic!("{stall:?} was never hung up on"));
            assert!(after <= Duration::from_secs(10), "{stall:?} after {after:?}");
            longest = longest.max(after);
        }
        println!("p99 alone {alone:?}, among them {among_them:?}; the last was hung up on after {longest:?}");
        assert!(among_them < 2 * alone + Duration::from_millis(10), "{alone:?} became {among_them:?}");
    });
}
