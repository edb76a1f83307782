//! How other services are called: nowhere but where the settings say, and with a secret that lies in one place.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use super::tls;

/// Where a service is, who vouches for it, and how long it may take. `section` is that of the settings, for what is wrong with them.
pub struct Reach<'s> {
    pub section: &'static str,
    pub url: &'s str,
    pub ca_file: &'s str,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
}

impl Reach<'_> {
    /// A client that goes where it is told: a redirect could carry a person's data to where nobody meant it to go, and a proxy from the environment could
    /// read it.
    pub fn client(&self) -> Result<ConfigBuilder<AgentScope>, String> {
        let tls = tls::for_service(self.section, self.url, self.ca_file)?;
        Ok(ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_millis(self.connect_timeout_ms)))
            .timeout_global(Some(Duration::from_millis(self.timeout_ms)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .user_agent(concat!("ksnik/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls))
    }
}

/// A secret of the settings: given there, or in a file; none where neither is.
pub fn secret(section: &str, name: &str, given: &SecretString, file: &str) -> Result<Option<String>, String> {
    let secret = match (given.expose_secret(), file) {
        ("", "") => return Ok(None),
        (given, "") => given.to_owned(),
        ("", file) => std::fs::read_to_string(file).map_err(|error| format!("{section}.{name}_file: {file}: {error}"))?,
        (_, _) => return Err(format!("{section}: {name} and {name}_file are both given")),
    };
    Ok(Some(secret.trim().to_owned()))
}
