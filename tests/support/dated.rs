//! A service for which it is the morning of 21 November 2026 in the city, whenever the test runs, and whose clock a test can put forward.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use ksnik::context::{Machine, Surroundings};
use ksnik::domain::time::UtcTime;

use super::Given;
use super::client::Client;
use super::databases::{Database, Engine, Seed};
use super::product;
use super::server::Running;

pub const TODAY: &str = "2026-11-21";
/// Ten o'clock in the city.
const MORNING: &str = "2026-11-21T03:00:00Z";

/// It goes on as clocks do, so that ids made later are later.
struct Clock {
    began: Instant,
    ahead: Mutex<chrono::Duration>,
}

impl Surroundings for Clock {
    fn now(&self) -> UtcTime {
        // To the microsecond, as the service keeps instants.
        let gone = chrono::Duration::microseconds(i64::try_from(self.began.elapsed().as_micros()).expect("a test is short"));
        MORNING.parse::<UtcTime>().expect("an instant").plus(gone + *self.ahead.lock().expect("nobody panics with it"))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        Machine.fill_random(bytes);
    }
}

pub struct DatedServer {
    running: Option<Running>,
    clock: Arc<Clock>,
    database: Database,
}

impl Given for DatedServer {
    fn on(engine: Engine) -> Option<Self> {
        Database::copy_of(engine, Seed::City).map(|database| {
            let clock = Arc::new(Clock { began: Instant::now(), ahead: Mutex::default() });
            let mut server = Self { running: None, clock, database };
            server.restart(&[]);
            server
        })
    }
}

impl DatedServer {
    /// A stranger with connections of its own; `as_role` signs it in.
    pub fn client(&self) -> Client {
        let running = self.running.as_ref().expect("it runs");
        Client::new(running.address, running.token_of.clone())
    }

    /// What this user signs in with.
    pub fn access_token(&self, user: &str) -> String {
        (self.running.as_ref().expect("it runs").token_of)(user)
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What its clock says.
    pub fn now(&self) -> UtcTime {
        self.clock.now()
    }

    /// Tokens of an hour ago are then too old: ask for a client again.
    pub fn put_forward(&self, by: chrono::Duration) {
        *self.clock.ahead.lock().expect("nobody panics with it") += by;
    }

    /// Starts again over the same database, with other settings.
    pub fn restart(&mut self, more: &[(&str, &str)]) {
        self.stop();
        self.running = Some(product::start_app(product::app(product::settings(self.database.url(), more), self.clock.clone())));
    }

    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            (running.stop)();
        }
    }
}

impl Drop for DatedServer {
    fn drop(&mut self) {
        self.stop();
    }
}
