//! A sign-in that lasts: a session is a family of refresh tokens, of which each is good for one use.

use chrono::Duration;

use super::id::Id;
use super::text_enum::text_enum;
use super::time::UtcTime;

/// For so long after a use the same client may ask again, because its answer was lost.
pub const LOST_ANSWER: Duration = Duration::seconds(30);

text_enum! {
    /// Why a session ended.
    EndReason {
        SignedOut = "signed_out",
        /// A refresh token was used twice: one of the two who have it is a thief.
        TokenReused = "token_reused",
        PasswordChanged = "password_changed",
        PasswordSet = "password_set",
        UserDisabled = "user_disabled",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::schema::sessions)]
pub struct Session {
    pub id: Id,
    pub user_id: Id,
    /// Keyed hash of the address and the user agent that got the last tokens.
    pub client: Vec<u8>,
    pub created_at: UtcTime,
    /// The end, however busy it is.
    pub expires_at: UtcTime,
    pub ended_at: Option<UtcTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::schema::refresh_tokens)]
pub struct RefreshToken {
    pub token_hash: Vec<u8>,
    pub session_id: Id,
    pub issued_at: UtcTime,
    /// The end if it is not used.
    pub expires_at: UtcTime,
    /// Since when it is used up.
    pub rotated_at: Option<UtcTime>,
    /// It was not used itself: one that was issued beside it was.
    pub replaced: bool,
}

/// What a refresh token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is used up now, and another takes its place.
    Rotate,
    /// Its answer was lost: another one beside the one that never arrived.
    Repeat,
    /// Two have it. The session must end.
    Reused,
    /// Nothing.
    Over,
}

impl Session {
    /// `successor_used`: a token that was issued since this one was used up has been used, so its answer did arrive.
    pub fn judge(&self, token: &RefreshToken, client: &[u8], successor_used: bool, now: UtcTime) -> Verdict {
        if self.ended_at.is_some() || self.expires_at <= now || token.expires_at <= now {
            return Verdict::Over;
        }
        match token.rotated_at {
            None => Verdict::Rotate,
            Some(at) if now.since(at) <= LOST_ANSWER && self.client == client && !successor_used => Verdict::Repeat,
            Some(_) => Verdict::Reused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_good_once_and_for_a_lost_answer() {
        let at = |seconds: i64| UtcTime::from_unix_millis(seconds * 1000).unwrap();
        let session = |ended: Option<i64>, expires: i64| Session {
            id: Id::from_bytes([1; 16]),
            user_id: Id::from_bytes([2; 16]),
            client: b"this".to_vec(),
            created_at: at(0),
            expires_at: at(expires),
            ended_at: ended.map(at),
        };
        let token = |rotated: Option<i64>, expires: i64| RefreshToken {
            token_hash: vec![3],
            session_id: Id::from_bytes([1; 16]),
            issued_at: at(0),
            expires_at: at(expires),
            rotated_at: rotated.map(at),
            replaced: false,
        };
        let live = session(None, 900);
        for (name, session, token, client, successor_used, now, verdict) in [
            ("first use", &live, token(None, 500), "this", false, 100, Verdict::Rotate),
            ("another client may use it first", &live, token(None, 500), "that", false, 100, Verdict::Rotate),
            ("idle too long", &live, token(None, 500), "this", false, 500, Verdict::Over),
            ("session too old", &live, token(None, 1000), "this", false, 900, Verdict::Over),
            ("session ended", &session(Some(50), 900), token(None, 500), "this", false, 100, Verdict::Over),
            ("lost answer", &live, token(Some(100), 500), "this", false, 130, Verdict::Repeat),
            ("lost for too long", &live, token(Some(100), 500), "this", false, 131, Verdict::Reused),
            ("lost by another client", &live, token(Some(100), 500), "that", false, 101, Verdict::Reused),
            ("not lost at all", &live, token(Some(100), 500), "this", true, 101, Verdict::Reused),
            ("used again after the end", &session(Some(50), 900), token(Some(40), 500), "that", true, 100, Verdict::Over),
        ] {
            assert_eq!(session.judge(&token, client.as_bytes(), successor_used, at(now)), verdict, "{name}");
        }
    }
}
