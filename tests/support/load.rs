//! Many who ask for checks at once, and a ledger of what each was told: whoever was not answered asks again with the same key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::small_city::PEOPLE;

const CHECKS: &str = "/api/v1/eligibility-checks";
const ASKERS: usize = 8;

/// By key, the id of the check that was acknowledged; None where the answer was lost or said "later".
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<String, Option<String>>>>);

impl Ledger {
    fn note(&self, key: &str, id: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), id);
    }

    fn snapshot(&self) -> BTreeMap<String, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn acknowledged(&self) -> usize {
        self.snapshot().values().flatten().count()
    }

    pub fn keys(&self) -> usize {
        self.snapshot().len()
    }

    pub fn ids(&self) -> BTreeSet<String> {
        self.snapshot().into_values().flatten().collect()
    }

    /// Asks once. False when nobody was there to be asked.
    async fn ask(&self, clinic: &Client, key: &str) -> bool {
        // In doubt from the moment on which it is sent.
        self.note(key, None);
        let person = PEOPLE[key.len() % PEOPLE.len()].0;
        let request = clinic.request(Method::POST, CHECKS).header("Idempotency-Key", key).json(&json!({"nik": person, "care_type": "primary"}));
        let Ok(response) = request.send().await else { return false };
        let status = response.status().as_u16();
        let Ok(body) = response.json::<Value>().await else { return false };
        match status {
            201 => self.note(key, Some(body["id"].as_str().expect("an id").to_owned())),
            409 | 503 => {}
            other => panic!("{other}: {body}"),
        }
        true
    }

    /// Asks again for whatever was not answered, until all of it is.
    pub async fn settle(&self, clinic: &Client) {
        for _ in 0..100 {
            let open: Vec<String> = self.snapshot().into_iter().filter(|(_, id)| id.is_none()).map(|(key, _)| key).collect();
            if open.is_empty() {
                return;
            }
            for key in open {
                self.ask(clinic, &key).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("some questions find no answer");
    }
}

/// Askers who go on until they are stopped or nobody answers.
pub struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    /// Keys begin with this word.
    pub fn begin(clinic: &Client, ledger: &Ledger, word: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..ASKERS).map(|asker| {
            let (clinic, ledger, stop, word) = (clinic.clone(), ledger.clone(), stop.clone(), word.to_owned());
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) && ledger.ask(&clinic, &format!("{word}-{asker}-{number}")).await {
                    number += 1;
                }
            })
        });
        Self { tasks: tasks.collect(), stop }
    }

    /// Waits until so many more have been answered.
    pub async fn until_answered(ledger: &Ledger, more: usize) {
        let enough = ledger.acknowledged() + more;
        tokio::time::timeout(Duration::from_secs(60), async {
            while ledger.acknowledged() < enough {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("questions are answered");
    }

    pub async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("an asker");
        }
    }
}
