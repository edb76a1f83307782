//! A server whose clock the test sets, and whose visitors come from where the test says.

use super::Given;
use super::client::{Answer, Client};
use super::databases::{Database, Engine, Seed};
use super::product;
use super::server::Server;
use chrono::{Duration, Utc};
use ksnik::context::{Machine, Surroundings};
use ksnik::domain::time::UtcTime;
use ksnik::service::App;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Goes as clocks go, and so far ahead as the test has set it.
#[derive(Default)]
pub struct Clock(AtomicI64);

impl Clock {
    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Surroundings for Clock {
    fn now(&self) -> UtcTime {
        UtcTime::new(Utc::now() + Duration::milliseconds(self.0.load(Ordering::SeqCst)))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        Machine.fill_random(bytes);
    }
}

pub const PASSWORD: &str = "kuda lumping berlari 7";

pub struct House {
    pub server: Server,
    pub app: Arc<App>,
    pub clock: Arc<Clock>,
}

impl Given for House {
    fn on(engine: Engine) -> Option<Self> {
        Self::with(Database::copy_of(engine, Seed::City)?, &[]).into()
    }
}

impl House {
    /// Over a database of the test's choice, with settings of its own.
    pub fn with(database: Database, settings: &[(&str, &str)]) -> Self {
        let clock = Arc::new(Clock::default());
        let settings: Vec<(&str, &str)> = [("server.trusted_proxies", "127.0.0.1")].iter().chain(settings).copied().collect();
        let app = product::app(product::settings(database.url(), &settings), clock.clone());
        Self { server: Server::of(database, app.clone()), app, clock }
    }

    pub fn admin(&self) -> Client {
        self.server.client().as_role("admin")
    }

    pub fn stranger(&self) -> Client {
        self.server.client()
    }

    /// Makes a user who may sign in with `PASSWORD`, and returns its path and its id.
    pub async fn user(&self, username: &str, role: &str, facility: Option<&str>) -> String {
        let facility = facility.map(|name| super::small_city::id_of(name).to_string());
        let body = json!({"username": username, "password": PASSWORD, "name": "Uji Coba", "role": role, "facility_id": facility});
        self.admin().post("/api/v1/users", body).await.expect(201)["id"].as_str().expect("an id").to_owned()
    }

    /// Knocks at the door from an address.
    pub async fn knock(&self, from: &str, path: &str, body: Value) -> Answer {
        knock(self.stranger(), from.to_owned(), path.to_owned(), body).await
    }

    /// The same many times at once.
    pub async fn knock_at_once(&self, times: usize, from: &str, path: &str, body: &Value) -> Vec<Answer> {
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..times {
            all.spawn(knock(self.stranger(), from.to_owned(), path.to_owned(), body.clone()));
        }
        all.join_all().await
    }

    pub async fn sign_in_from(&self, from: &str, username: &str, password: &str) -> Answer {
        self.knock(from, "/api/v1/auth/token", json!({"username": username, "password": password})).await
    }

    pub async fn refresh_from(&self, from: &str, token: &str) -> Answer {
        self.knock(from, "/api/v1/auth/refresh", json!({"refresh_token": token})).await
    }

    /// A session of a user: a client with its access token, and the refresh token.
    pub async fn session(&self, username: &str) -> (Client, String) {
        let tokens = self.sign_in_from("198.51.100.1", username, PASSWORD).await.expect(200);
        let text = |field: &str| tokens[field].as_str().expect("a token").to_owned();
        (self.stranger().with_token(text("access_token")), text("refresh_token"))
    }
}

async fn knock(client: Client, from: String, path: String, body: Value) -> Answer {
    client.send(client.request(Method::POST, &path).header("x-forwarded-for", from).header("user-agent", "uji/1").json(&body)).await
}
