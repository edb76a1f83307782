//! The client of the office's web service: one POST a question, short time-outs, a circuit breaker, no second try. Its wire form is written down in
//! docs/population-office.md.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::NaiveDate;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::config;
use crate::context::Surroundings;
use crate::domain::circuit_breaker::{Breaker, BreakerState, Pass, Terms};
use crate::domain::eligibility::IdentityMatch;
use crate::domain::population_office::{Away, CallResult, Finding, OfficeSource, Question, Verdict};
use crate::domain::time::UtcTime;
use crate::service::outgoing::{self, Reach};

/// No answer of this service is longer.
const LONGEST_ANSWER: u64 = 16 * 1024;

pub struct WebService {
    agent: ureq::Agent,
    url: String,
    authorization: Option<SecretString>,
    breaker: Mutex<Breaker>,
    /// Calls under way for people who ask by hand; the check desk counts its own.
    by_hand: Mutex<usize>,
    most_by_hand: usize,
}

/// What is sent: what is compared, and nothing else.
#[derive(Serialize)]
struct Sent<'a> {
    nik: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<NaiveDate>,
}

/// What comes back. What else is in it is neither read nor kept.
#[derive(Deserialize)]
struct Received {
    status: Status,
    #[serde(default)]
    name: Option<bool>,
    #[serde(default)]
    birth_date: Option<bool>,
    #[serde(default)]
    as_of: Option<UtcTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Found,
    NotFound,
    Inactive,
    Deceased,
}

/// How many of all calls at once are for people who ask by hand; the rest are the check desk's.
pub fn most_by_hand(settings: &config::PopulationOffice) -> usize {
    (settings.calls_at_once / 4).max(1)
}

impl WebService {
    pub fn open(settings: &config::PopulationOffice) -> Result<Self, String> {
        let reach = Reach {
            section: "population_office",
            url: &settings.url,
            ca_file: &settings.ca_file,
            connect_timeout_ms: settings.connect_timeout_ms,
            timeout_ms: settings.timeout_ms,
        };
        let agent = reach.client()?.max_idle_connections_per_host(settings.calls_at_once).build().new_agent();
        let terms = Terms {
            failures: settings.breaker_failures,
            window: chrono::Duration::seconds(settings.breaker_window_seconds),
            pause: chrono::Duration::seconds(settings.breaker_pause_seconds),
        };
        Ok(Self {
            agent,
            url: settings.url.clone(),
            authorization: authorization(settings)?,
            breaker: Mutex::new(Breaker::new(terms)),
            by_hand: Mutex::new(0),
            most_by_hand: most_by_hand(settings),
        })
    }

    pub fn breaker(&self) -> BreakerState {
        self.lock().state()
    }

    /// Would a call be let through now?
    pub fn may_call(&self, now: UtcTime) -> bool {
        self.lock().would_admit(now)
    }

    // Every change of the breaker is whole when its function returns, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave for somebody who asks by hand; none while as many as may are asking.
    pub fn turn(&self) -> Option<Turn<'_>> {
        let mut asking = self.by_hand.lock().unwrap_or_else(PoisonError::into_inner);
        (*asking < self.most_by_hand).then(|| {
            *asking += 1;
            Turn(self)
        })
    }

    /// Makes one call, if the breaker lets it; with how long it took.
    pub fn ask(&self, question: &Question, surroundings: &dyn Surroundings) -> (Result<Finding, Away>, i64) {
        let Some(pass) = self.lock().admit(surroundings.now()) else {
            metrics::counter!("ksnik_population_office_calls_total", "result" => "not_called").increment(1);
            return (Err(Away::NotCalled), 0);
        };
        let began = Instant::now();
        let answer = self.call(question, surroundings.now());
        let duration = began.elapsed();
        self.tell(pass, &answer, surroundings.now());
        let result = answer.map_or_else(|failure| failure, |finding| finding.verdict.into());
        metrics::counter!("ksnik_population_office_calls_total", "result" => result.as_str()).increment(1);
        metrics::histogram!("ksnik_population_office_call_seconds").record(duration.as_secs_f64());
        (answer.map_err(Away::Failed), i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    fn tell(&self, pass: Pass, answer: &Result<Finding, CallResult>, now: UtcTime) {
        let mut breaker = self.lock();
        let before = breaker.state();
        match answer {
            Ok(_) => breaker.succeeded(pass),
            Err(failure) => {
                tracing::warn!(result = failure.as_str(), "the population office did not answer");
                breaker.failed(pass, now);
            }
        }
        if breaker.state() != before {
            tracing::warn!(breaker = breaker.state().as_str(), "the breaker before the population office has changed");
        }
    }

    fn call(&self, question: &Question, now: UtcTime) -> Result<Finding, CallResult> {
        let sent = Sent { nik: question.nik.digits(), name: question.name.as_deref(), birth_date: question.birth_date };
        let mut request = self.agent.post(&self.url).header("accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization.expose_secret());
        }
        let mut response = request.send_json(&sent).map_err(|error| failure(&error))?;
        if response.status() != 200 {
            return Err(CallResult::Failed);
        }
        let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec().map_err(|error| failure(&error))?;
        let received: Received = serde_json::from_slice(&body).map_err(|_| CallResult::Unreadable)?;
        Ok(received.finding(now))
    }
}

impl Received {
    fn finding(self, now: UtcTime) -> Finding {
        let found = |same: Option<bool>| same.map_or(IdentityMatch::NotGiven, |same| if same { IdentityMatch::Same } else { IdentityMatch::Differs });
        let (name, birth_date) = (found(self.name), found(self.birth_date));
        let verdict = match self.status {
            Status::Found => Verdict::of_fields(name, birth_date),
            Status::NotFound => Verdict::NotFound,
            Status::Inactive => Verdict::Inactive,
            Status::Deceased => Verdict::Deceased,
        };
        // Nobody can know today what holds tomorrow.
        Finding { verdict, name, birth_date, as_of: self.as_of.map_or(now, |as_of| as_of.min(now)), source: OfficeSource::WebService }
    }
}

/// Held by somebody who asks by hand.
pub struct Turn<'a>(&'a WebService);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.by_hand.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}

/// How a call failed. The error's own text may quote what was sent, so it goes no further.
fn failure(error: &ureq::Error) -> CallResult {
    match error {
        ureq::Error::Timeout(_) => CallResult::Timeout,
        ureq::Error::Io(error) if matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock) => CallResult::Timeout,
        ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            CallResult::Unreachable
        }
        ureq::Error::StatusCode(_) => CallResult::Failed,
        // Not HTTP, too long, or whatever else the client's later versions may tell of.
        _ => CallResult::Unreadable,
    }
}

fn authorization(settings: &config::PopulationOffice) -> Result<Option<SecretString>, String> {
    let given = outgoing::secret("population_office", "credentials", &settings.credentials, &settings.credentials_file)?;
    let Some(credentials) = given else { return Ok(None) };
    if credentials.is_empty() || !credentials.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err("population_office: the credentials are empty or hold what no header can carry".to_owned());
    }
    Ok(Some(format!("Bearer {credentials}").into()))
}
