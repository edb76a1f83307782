//! Settings: the embedded defaults, a file over them, environment variables over both. An unknown name is refused, so a typing error cannot pass
//! for a setting.

use std::collections::HashMap;
use std::path::Path;

use chrono::{FixedOffset, Offset, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

pub mod database_url;
pub mod ranges;

use database_url::DatabaseUrl;

use crate::domain::budget::percents;
use crate::domain::messages;
use crate::domain::population_office::OfficeDriver;
use ranges::{Range, ranges};

const DEFAULTS: &str = include_str!("../config/default.toml");

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub server: Server,
    pub database: Database,
    pub keys: Keys,
    pub city: City,
    pub files: Files,
    pub sign_in: SignIn,
    pub checks: Checks,
    pub desk: Desk,
    pub reviews: Reviews,
    pub enrollments: Enrollments,
    pub budgets: Budgets,
    pub population_office: PopulationOffice,
    pub messages: Messages,
    pub signals: Signals,
    pub summaries: Summaries,
    pub idempotency: Idempotency,
    pub imports: Imports,
    pub documents: Documents,
    pub metrics: Metrics,
    pub log: Log,
    pub demo: Demo,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: String,
    pub workers: usize,
    pub max_connections: usize,
    pub head_timeout_ms: u64,
    pub keep_alive_ms: u64,
    pub body_timeout_ms: u64,
    /// Addresses with commas between, so that an environment variable can hold them.
    pub trusted_proxies: String,
    pub stale_after_ms: u64,
    pub drain_ms: u64,
    pub finish_ms: u64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// May hold a password.
    #[serde(serialize_with = "without_password")]
    pub url: SecretString,
    pub pool_size: u32,
    pub migrate_on_start: bool,
    pub wait_ms: u64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub root_key_file: String,
    #[serde(serialize_with = "masked")]
    pub root_key: SecretString,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    pub code: String,
    pub name: String,
    pub programme: String,
    pub utc_offset_minutes: i32,
    pub number_prefix: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    pub rule_sets: String,
    pub texts: String,
    pub reference: String,
    pub superseded_regions: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub issuer: String,
    pub access_token_seconds: i64,
    pub refresh_token_days: i64,
    pub session_days: i64,
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    pub argon2_lanes: u32,
    pub argon2_at_once: usize,
    pub failures_per_account: i32,
    pub failures_per_address: i32,
    pub window_minutes: i64,
    pub longest_lock_minutes: i64,
    pub known_address_days: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    pub unknown_per_account: i32,
    pub unknown_per_facility: i32,
    pub window_minutes: i64,
    pub past_days: i64,
    pub future_days: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub single_queue: usize,
    pub batch_queue: usize,
    pub slice: usize,
    pub largest_turn: usize,
    pub clerks: usize,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    pub due_hours: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Enrollments {
    pub due_hours: i64,
    pub draft_days: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// With commas between, so that an environment variable can hold them.
    pub alert_percents: String,
    pub forecast_months: u32,
    pub forecast_least_months: usize,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationOffice {
    pub driver: OfficeDriver,
    pub url: String,
    pub ca_file: String,
    #[serde(serialize_with = "masked")]
    pub credentials: SecretString,
    pub credentials_file: String,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
    pub calls_at_once: usize,
    pub patience_ms: u64,
    pub fresh_hours: i64,
    pub breaker_failures: usize,
    pub breaker_window_seconds: i64,
    pub breaker_pause_seconds: i64,
    pub verify_registrations: bool,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    pub driver: messages::MessageDriver,
    pub url: String,
    pub ca_file: String,
    #[serde(serialize_with = "masked")]
    pub secret: SecretString,
    pub secret_file: String,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
    pub attempts: i32,
    pub first_pause_seconds: i64,
    pub longest_pause_seconds: i64,
    pub answer_at: String,
    pub answer_days: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Summaries {
    pub slow_seconds: i64,
    pub most_streams: usize,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    pub moved_days: i64,
    pub admitted_days: i64,
    pub requests_days: i64,
    pub requests_per_member: i64,
    pub requests_per_officer: i64,
    pub requests_per_account: i64,
    pub cards_per_phone: i64,
    pub cards_per_address: i64,
    pub sequential_niks: i64,
    pub lookups_days: i64,
    pub lookups_without_visit: i64,
    pub scan_minutes: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    pub keep_days: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Imports {
    pub spool: String,
    pub most_bytes: u64,
    pub upload_timeout_ms: u64,
    pub least_population_percent: i64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    pub driver: DocumentStore,
    pub folder: String,
    pub url: String,
    pub ca_file: String,
    pub bucket: String,
    pub region: String,
    pub access_key: String,
    #[serde(serialize_with = "masked")]
    pub secret_key: SecretString,
    pub secret_key_file: String,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
    pub most_bytes: u64,
    pub upload_timeout_ms: u64,
    pub orphan_days: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentStore {
    Folder,
    Bucket,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    #[serde(serialize_with = "masked")]
    pub token: SecretString,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    pub enabled: bool,
}

impl City {
    pub fn offset(&self) -> FixedOffset {
        // `check` refuses an offset that no place has; UTC only stands in for what cannot happen.
        FixedOffset::east_opt(self.utc_offset_minutes * 60).unwrap_or(FixedOffset::east_opt(0).unwrap_or(Utc.fix()))
    }
}

impl Settings {
    /// Reads the settings. `overrides` are the command line's, as ("database.url", value).
    pub fn load(file: Option<&Path>, overrides: &[(&str, String)]) -> Result<Self, String> {
        Self::load_from(file, overrides, std::env::vars().collect())
    }

    /// The same with a given environment, for tests.
    pub fn load_from(file: Option<&Path>, overrides: &[(&str, String)], variables: HashMap<String, String>) -> Result<Self, String> {
        let mut builder = config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            builder = builder.add_source(config::File::from_str(&text, config::FileFormat::Toml));
        }
        let environment = config::Environment::with_prefix("KSNIK").prefix_separator("__").separator("__").source(Some(ours(variables)?));
        builder = builder.add_source(environment);
        for (key, value) in overrides {
            builder = builder.set_override(*key, value.as_str()).map_err(|error| error.to_string())?;
        }
        let settings: Self = builder.build().and_then(config::Config::try_deserialize).map_err(|error| format!("settings: {error}"))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        let mut faults: Vec<String> = ranges(self).iter().filter_map(Range::fault).collect();
        let mut refuse = |wrong: bool, text: &str| {
            if wrong {
                faults.push(text.to_owned());
            }
        };
        let is_code = self.city.code.len() == 4 && self.city.code.bytes().all(|byte| byte.is_ascii_digit());
        refuse(!is_code, "city.code: expected the Ministry's four digits of a city or regency");
        refuse(percents(&self.budgets.alert_percents).is_none(), "budgets.alert_percents: expected percents in rising order with commas between");
        let SignIn { argon2_memory_kib, argon2_lanes, longest_lock_minutes, window_minutes, .. } = self.sign_in;
        refuse(argon2_memory_kib / 8 < argon2_lanes, "sign_in: argon2_memory_kib is at least 8 for each of argon2_lanes");
        refuse(longest_lock_minutes < window_minutes, "sign_in: longest_lock_minutes is not below window_minutes");
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }

    /// The effective settings as TOML, secrets masked.
    pub fn shown(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }
}

impl Server {
    pub fn trusted(&self) -> Result<Vec<std::net::IpAddr>, String> {
        let addresses = self.trusted_proxies.split(',').map(str::trim).filter(|text| !text.is_empty());
        addresses.map(|text| text.parse().map_err(|_| format!("server.trusted_proxies: {text} is not an address"))).collect()
    }
}

fn masked<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if secret.expose_secret().is_empty() { "" } else { "***" })
}

fn without_password<S: Serializer>(url: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    match DatabaseUrl::parse(url.expose_secret()) {
        Ok(url) => serializer.collect_str(&url),
        Err(_) => serializer.serialize_str("***"),
    }
}

/// Variables that begin like ours but are no setting: most likely one underscore too few.
const NOT_SETTINGS: [&str; 4] = ["KSNIK_ADMIN_PASSWORD", "KSNIK_CONFIG", "KSNIK_REQUIRE_POSTGRES", "KSNIK_TEST_POSTGRES_URL"];

fn ours(variables: HashMap<String, String>) -> Result<HashMap<String, String>, String> {
    let odd = variables.keys().find(|name| name.starts_with("KSNIK_") && !name.starts_with("KSNIK__") && !NOT_SETTINGS.contains(&name.as_str()));
    match odd {
        Some(name) => Err(format!("settings: {name} is not known; a setting is named KSNIK__SECTION__KEY, with two underscores")),
        None => Ok(variables.into_iter().filter(|(name, _)| name.starts_with("KSNIK__")).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::load_from(None, &[], variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn variables_stand_over_the_defaults_and_keep_their_type() {
        let settings =
            load(&[("KSNIK__SERVER__LISTEN", "0.0.0.0:1"), ("KSNIK__DATABASE__POOL_SIZE", "3"), ("KSNIK__CITY__CODE", "3171"), ("HOME", "/")])
                .unwrap();
        assert_eq!((settings.server.listen.as_str(), settings.database.pool_size, settings.city.code.as_str()), ("0.0.0.0:1", 3, "3171"));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (name, expected) in [
            ("KSNIK__SERVER__LISTN", "listn"),
            ("KSNIK__SEVER__LISTEN", "sever"),
            ("KSNIK_SERVER_LISTEN", "KSNIK_SERVER_LISTEN"),
            ("KSNIK__CITY__CODE", "city.code"),
        ] {
            let refusal = load(&[(name, "x")]).unwrap_err();
            assert!(refusal.contains(expected), "{name}: {refusal}");
        }
    }

    #[test]
    fn secrets_are_masked_when_shown() {
        let secret = "0123456789abcdef".repeat(4);
        let settings = load(&[
            ("KSNIK__DATABASE__URL", "postgres://ksnik:geheim@db/ksnik"),
            ("KSNIK__KEYS__ROOT_KEY", &secret),
            ("KSNIK__METRICS__TOKEN", "token-x"),
        ])
        .unwrap();
        for text in [settings.shown().unwrap(), format!("{settings:?}")] {
            assert!(!text.contains("geheim") && !text.contains(&secret) && !text.contains("token-x"), "{text}");
        }
        assert!(settings.shown().unwrap().contains("@db/ksnik"));
    }
}
