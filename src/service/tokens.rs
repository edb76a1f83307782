//! Access tokens: Ed25519-signed JWTs that live a quarter of an hour. Who the caller *is* comes from memory, not from the token, so that a changed
//! role or an ended session counts at once.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::App;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::sessions::Session;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Result};
use crate::privacy::keyring::Keyring;

const AUDIENCE: &str = "ksnik-api";
const TYPE: &str = "at+jwt";
/// How many verified tokens are remembered: far more than a city has sessions.
const MOST_REMEMBERED: usize = 100_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Id,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sid: Option<Id>,
    jti: Id,
    iat: i64,
    nbf: i64,
    exp: i64,
}

#[derive(Debug, Clone, Copy)]
struct Verified {
    user_id: Id,
    session_id: Option<Id>,
    not_before: i64,
    expires: i64,
}

/// Tokens whose signature was checked once: an Ed25519 verification costs more than everything else that a check does.
#[derive(Default)]
pub struct Remembered(RwLock<HashMap<[u8; 32], Verified>>);

impl Remembered {
    fn find(&self, key: &[u8; 32]) -> Option<Verified> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn keep(&self, key: [u8; 32], verified: Verified, now: i64) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, verified| verified.expires > now);
            if remembered.len() >= MOST_REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(key, verified);
    }
}

/// Who a valid token speaks for, as things stand now.
pub struct SignedIn {
    pub caller: Caller,
    pub must_change_password: bool,
}

impl App {
    /// Makes an access token. The seconds are how long it lives.
    pub fn issue_token(&self, keyring: &Keyring, user_id: Id, session_id: Option<Id>, jti: Id, now: UtcTime) -> Result<(String, i64)> {
        self.issue_for(keyring, (user_id, session_id), jti, now, self.settings.sign_in.access_token_seconds)
    }

    /// The same for a session, whose end no token outlives.
    pub(super) fn issue_session_token(&self, keyring: &Keyring, session: &Session, jti: Id, now: UtcTime) -> Result<(String, i64)> {
        let left = session.expires_at.since(now).num_seconds();
        self.issue_for(keyring, (session.user_id, Some(session.id)), jti, now, self.settings.sign_in.access_token_seconds.min(left))
    }

    fn issue_for(&self, keyring: &Keyring, (user_id, session_id): (Id, Option<Id>), jti: Id, now: UtcTime, lifetime: i64) -> Result<(String, i64)> {
        let iat = now.unix_seconds();
        let claims = Claims { iss: self.issuer(), aud: AUDIENCE.into(), sub: user_id, sid: session_id, jti, iat, nbf: iat, exp: iat + lifetime };
        let key = keyring.signing_token_key()?;
        let header = Header { typ: Some(TYPE.into()), kid: Some(kid(key.id)), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key.pkcs8()))
            .map_err(|_| Error::internal("an access token could not be signed"))?;
        Ok((token, lifetime))
    }

    /// The caller behind a token, or the one answer that every bad token gets.
    pub fn authenticate(&self, token: &str, now: UtcTime) -> Result<SignedIn> {
        let refuse = || Error::refused(Code::SignInRequired);
        let key: [u8; 32] = digest(&SHA256, token.as_bytes()).as_ref().try_into().map_err(|_| Error::internal("sha-256"))?;
        let seconds = now.unix_seconds();
        let verified = match self.tokens.find(&key) {
            Some(verified) => verified,
            None => {
                let verified = self.verify(token).ok_or_else(refuse)?;
                self.tokens.keep(key, verified, seconds);
                verified
            }
        };
        if seconds >= verified.expires || seconds < verified.not_before {
            return Err(refuse());
        }
        self.memory.signed_in(verified.user_id, verified.session_id)?.ok_or_else(refuse)
    }

    /// Signature, type, algorithm, issuer and audience; the times are judged against our own clock each time.
    fn verify(&self, token: &str) -> Option<Verified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let keyring = self.pool.shared().keyring();
        let wanted = header.kid?;
        let key = keyring.token_keys().iter().find(|key| kid(key.id) == wanted)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[self.issuer()]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(&key.public), &validation).ok()?.claims;
        Some(Verified { user_id: claims.sub, session_id: claims.sid, not_before: claims.nbf, expires: claims.exp })
    }

    /// The public halves of all keys whose tokens are accepted, and of all that have signed cards: a card is shown for years.
    pub fn jwks(&self) -> Value {
        let keyring = self.pool.shared().keyring();
        let tokens = keyring.token_keys().iter().map(|key| jwk(&kid(key.id), &key.public));
        let cards = keyring.card_keys().iter().map(|key| jwk(&card_kid(key.id), &key.public));
        let letters = keyring.letter_keys().iter().map(|key| jwk(&letter_kid(key.id), &key.public));
        json!({ "keys": tokens.chain(cards).chain(letters).collect::<Vec<_>>() })
    }

    pub(super) fn issuer(&self) -> String {
        let issuer = &self.settings.sign_in.issuer;
        if self.settings.demo.enabled { format!("{issuer}-demo") } else { issuer.clone() }
    }
}

fn jwk(kid: &str, public: &[u8]) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": BASE64_URL_SAFE_NO_PAD.encode(public) })
}

/// The id in a card's token, apart from those of access tokens: nobody who looks for one finds the other.
fn card_kid(id: i32) -> String {
    format!("card-{id}")
}

/// The id in a letter's token, apart from the others.
pub(super) fn letter_kid(id: i32) -> String {
    format!("letter-{id}")
}

fn kid(id: i32) -> String {
    format!("k{id}")
}
