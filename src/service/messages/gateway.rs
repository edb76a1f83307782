//! By what messages go out: a line in the log, or a signed POST to the city's gateway for SMS or WhatsApp. Its wire form is written down in docs/messages.md.

use aws_lc_rs::hmac;
use serde::Serialize;

use crate::config::{self, Settings};
use crate::domain::id::Id;
use crate::domain::messages::{MessageDriver, MessageKind};
use crate::domain::time::UtcTime;
use crate::service::outgoing::{self, Reach};

const SIGNATURE: &str = "x-ksnik-signature";
/// The bytes of a hash, in characters of any kind.
const SHORTEST_SECRET: usize = 32;

/// One message as it goes out.
#[derive(Serialize)]
pub struct Parcel {
    /// The same on every attempt: what came twice is sent once.
    pub id: Id,
    pub kind: MessageKind,
    /// With a plus and the country code.
    pub to: String,
    pub text: String,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Taken,
    /// The gateway does not take this one.
    Refused,
    /// It takes none now.
    Away,
}

impl Delivery {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Away => "away",
        }
    }
}

pub enum Gateway {
    /// Where nobody exists who could be told, the text is shown.
    Log {
        is_demo: bool,
    },
    Webhook(Box<Webhook>),
}

pub struct Webhook {
    agent: ureq::Agent,
    url: String,
    key: hmac::Key,
}

impl Gateway {
    /// Opens it as the settings say. What is missing is told to whoever starts the service.
    pub fn open(settings: &Settings) -> Result<Self, String> {
        Ok(match settings.messages.driver {
            MessageDriver::Log => Self::Log { is_demo: settings.demo.enabled },
            MessageDriver::Webhook => Self::Webhook(Box::new(Webhook::open(&settings.messages)?)),
        })
    }

    pub fn driver(&self) -> MessageDriver {
        match self {
            Self::Log { .. } => MessageDriver::Log,
            Self::Webhook(_) => MessageDriver::Webhook,
        }
    }

    pub fn deliver(&self, parcel: &Parcel, now: UtcTime) -> Delivery {
        match self {
            Self::Log { is_demo: true } => {
                tracing::info!(message.id = %parcel.id, message.kind = %parcel.kind, "{}", parcel.text);
                Delivery::Taken
            }
            Self::Log { is_demo: false } => {
                tracing::info!(message.id = %parcel.id, message.kind = %parcel.kind, "a participant would be told");
                Delivery::Taken
            }
            Self::Webhook(webhook) => {
                let delivery = webhook.deliver(parcel, now);
                if delivery != Delivery::Taken {
                    tracing::warn!(message.id = %parcel.id, result = delivery.as_str(), "the gateway did not take a message; it is tried again");
                }
                delivery
            }
        }
    }
}

impl Webhook {
    fn open(settings: &config::Messages) -> Result<Self, String> {
        let reach = Reach {
            section: "messages",
            url: &settings.url,
            ca_file: &settings.ca_file,
            connect_timeout_ms: settings.connect_timeout_ms,
            timeout_ms: settings.timeout_ms,
        };
        let agent = reach.client()?.build().new_agent();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret(settings)?.as_bytes());
        Ok(Self { agent, url: settings.url.clone(), key })
    }

    fn deliver(&self, parcel: &Parcel, now: UtcTime) -> Delivery {
        let Ok(body) = serde_json::to_vec(parcel) else { return Delivery::Refused };
        let signature = self.signature(now, &body);
        let request = self.agent.post(&self.url).header("content-type", "application/json").header(SIGNATURE, signature);
        // The error's own text may quote what was sent, so it goes no further.
        let Ok(response) = request.send(&body[..]) else { return Delivery::Away };
        match response.status().as_u16() {
            200..=299 => Delivery::Taken,
            // Too many at once, or a fault of the gateway: none of the others would fare better.
            408 | 429 | 500.. => Delivery::Away,
            _ => Delivery::Refused,
        }
    }

    /// Over the instant and the body, so that what was overheard cannot be sent again later.
    fn signature(&self, now: UtcTime, body: &[u8]) -> String {
        let at = now.unix_seconds();
        let mut context = hmac::Context::with_key(&self.key);
        context.update(format!("{at}.").as_bytes());
        context.update(body);
        let tag: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={at},v1={tag}")
    }
}

fn secret(settings: &config::Messages) -> Result<String, String> {
    let secret = outgoing::secret("messages", "secret", &settings.secret, &settings.secret_file)?
        .ok_or_else(|| "messages.secret: with a webhook, a secret that signs is compulsory".to_owned())?;
    if secret.len() < SHORTEST_SECRET {
        return Err(format!("messages: the secret has at least {SHORTEST_SECRET} characters"));
    }
    Ok(secret)
}
