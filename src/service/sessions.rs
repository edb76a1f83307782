//! Sessions: the tokens that a sign-in gives, their renewal, and their end.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use secrecy::{ExposeSecret, SecretString};

use super::App;
use super::sign_in::Visitor;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::sessions::{EndReason, RefreshToken, Session, Verdict};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;

/// What a sign-in or a refresh gives.
pub struct Tokens {
    pub access_token: String,
    pub expires_in: i64,
    pub refresh_token: Option<SecretString>,
}

/// A secret of 256 random bits, as text. The prefix lets scanners of repositories and logs know what they found.
pub(super) fn new_secret(context: &Context) -> SecretString {
    format!("ksnik_{}", BASE64_URL_SAFE_NO_PAD.encode(context.random::<32>())).into()
}

impl App {
    pub(super) fn new_session(&self, context: &Context, user: Id, client: [u8; 16]) -> Session {
        let now = context.now;
        let expires_at = now.plus(chrono::Duration::days(self.settings.sign_in.session_days));
        Session { id: context.new_id(), user_id: user, client: client.to_vec(), created_at: now, expires_at, ended_at: None }
    }

    /// Stores a new refresh token of a session.
    pub(super) fn keep_refresh_token(&self, tx: &mut Tx, session: &Session, secret: &SecretString, context: &Context) -> Result<()> {
        let idle = context.now.plus(chrono::Duration::days(self.settings.sign_in.refresh_token_days));
        let token_hash = tx.keyring().secret_hash(secret.expose_secret())?.to_vec();
        let expires_at = idle.min(session.expires_at);
        let token = RefreshToken { token_hash, session_id: session.id, issued_at: context.now, expires_at, rotated_at: None, replaced: false };
        store::sessions::insert_token(tx, &token)
    }

    pub(super) fn tokens(&self, db: &Db, context: &Context, session: &Session, refresh_token: SecretString) -> Result<Tokens> {
        let (access_token, expires_in) = self.issue_session_token(&db.keyring(), session, context.new_id(), context.now)?;
        Ok(Tokens { access_token, expires_in, refresh_token: Some(refresh_token) })
    }
}

/// Renews a session's tokens. A refresh token is good once; used again it ends the session, unless the same client only lost the answer.
pub fn refresh(app: &App, db: &mut Db, context: &Context, visitor: &Visitor, token: &SecretString) -> Result<Tokens> {
    let now = context.now;
    let token_hash = db.keyring().secret_hash(token.expose_secret())?;
    let client = visitor.client(db)?;
    let next = new_secret(context);
    let refused = || Error::refused(Code::SignInRequired);
    let outcome = write(db, Priority::People, |tx| {
        let (session, user_is_active) = store::sessions::lock_by_token(tx, &token_hash)?.ok_or_else(refused)?;
        let token = store::sessions::find_token(tx, &token_hash)?.ok_or_else(refused)?;
        let successor_used = match token.rotated_at {
            Some(at) => store::sessions::successor_used(tx, &token, at)?,
            None => false,
        };
        let verdict = if user_is_active { session.judge(&token, &client, successor_used, now) } else { Verdict::Over };
        let event = |kind| Event::new(context, kind).object(session.user_id).with("session", session.id);
        match verdict {
            Verdict::Over => return Err(refused()),
            Verdict::Rotate => {
                store::sessions::use_up(tx, &token, &client, now)?;
                app.keep_refresh_token(tx, &session, &next, context)?;
                tx.record(event("session.refreshed"));
            }
            Verdict::Repeat => {
                app.keep_refresh_token(tx, &session, &next, context)?;
                tx.record(event("session.refreshed").with("repeated", true));
            }
            Verdict::Reused => {
                store::sessions::end(tx, session.id, EndReason::TokenReused, now)?;
                store::keys::bump_sessions(tx)?;
                tx.record(event("session.ended").with("reason", EndReason::TokenReused).with("address", visitor.address));
            }
        }
        Ok((session, verdict))
    });
    let label = match &outcome {
        Ok((_, Verdict::Rotate)) => "rotated",
        Ok((_, Verdict::Repeat)) => "repeated",
        Ok((_, Verdict::Reused)) => "reused",
        Ok((_, Verdict::Over)) | Err(_) => "refused",
    };
    metrics::counter!("ksnik_refreshes_total", "outcome" => label).increment(1);
    match outcome? {
        (session, Verdict::Rotate | Verdict::Repeat) => app.tokens(db, context, &session, next),
        (session, Verdict::Reused | Verdict::Over) => {
            tracing::warn!(user.id = %session.user_id, session.id = %session.id, "a refresh token was used twice: its session was ended");
            app.refresh(db)?;
            Err(refused())
        }
    }
}

/// Ends the caller's session. A system has none, and signing out of nothing is no mistake.
pub fn sign_out(app: &App, db: &mut Db, context: &Context) -> Result<()> {
    let session = context.caller.and_then(|caller| caller.session_id);
    let Some(session) = session.map(|id| store::sessions::find(db, id)).transpose()?.flatten() else { return Ok(()) };
    write(db, Priority::People, |tx| {
        store::sessions::end(tx, session.id, EndReason::SignedOut, context.now)?;
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "session.ended").object(session.user_id).with("session", session.id).with("reason", EndReason::SignedOut));
        Ok(())
    })?;
    app.refresh(db)
}
