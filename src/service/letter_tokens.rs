//! What the code on a guarantee letter holds: a JWS that a third party verifies with the public keys alone. It tells of the letter and nothing of the
//! patient. Whether the letter is still unused only the service knows.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::NaiveDate;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use super::App;
use super::tokens::letter_kid;
use crate::domain::eligibility::CareType;
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::keyring::{Keyring, signature_holds};
use crate::store::letters::Letter;

const TYPE: &str = "sjp+jwt";
/// Far longer than any of ours.
pub const TOKEN_MAX_CHARS: usize = 2_000;

text_enum! {
    /// What is to be said of a token.
    TokenFinding {
        Genuine = "genuine",
        /// It is no letter's token at all.
        NoToken = "no_token",
        /// Signed, as it says, with a key that the city never had.
        UnknownKey = "unknown_key",
        BadSignature = "bad_signature",
        /// Signed with our key, and no such letter is known here.
        NotRegistered = "not_registered",
    }
}

/// What is signed. `nbf` and `exp` bound the validity in instants, for readers that know no dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterClaims {
    pub iss: String,
    pub jti: Id,
    pub number: String,
    pub facility_id: Id,
    pub facility: String,
    pub care_type: CareType,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub nbf: i64,
    pub exp: i64,
}

/// The token of a letter as it is now. The same letter has the same token until it changes or the key does.
pub fn sign(app: &App, keyring: &Keyring, letter: &Letter) -> Result<String> {
    let end = |date: NaiveDate| UtcTime::end_of_date(date, app.city.offset).map_or(0, UtcTime::unix_seconds);
    let claims = LetterClaims {
        iss: app.issuer(),
        jti: letter.id,
        number: letter.number.clone(),
        facility_id: letter.facility_id,
        facility: app.memory.facility(letter.facility_id).map_or_else(String::new, |facility| facility.name.clone()),
        care_type: letter.care_type,
        valid_from: letter.valid_from,
        valid_until: letter.valid_until,
        nbf: letter.valid_from.pred_opt().map_or(0, |before| end(before) + 1),
        exp: end(letter.valid_until),
    };
    let key = keyring.signing_letter_key()?;
    let header = Header { typ: Some(TYPE.into()), kid: Some(letter_kid(key.id)), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key.pkcs8())).map_err(|_| Error::internal("a letter could not be signed"))
}

/// What a token says, once its signature holds. Its dates are not judged here: a letter that is over is genuine all the same.
pub fn scan(keyring: &Keyring, text: &str) -> std::result::Result<LetterClaims, TokenFinding> {
    let text = text.trim();
    let (message, signature) = text.rsplit_once('.').ok_or(TokenFinding::NoToken)?;
    let (_, payload) = message.split_once('.').ok_or(TokenFinding::NoToken)?;
    let header = jsonwebtoken::decode_header(text).map_err(|_| TokenFinding::NoToken)?;
    let (Some(TYPE), Algorithm::EdDSA, Some(kid)) = (header.typ.as_deref(), header.alg, header.kid) else { return Err(TokenFinding::NoToken) };
    let key = keyring.letter_keys().iter().find(|key| letter_kid(key.id) == kid).ok_or(TokenFinding::UnknownKey)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFinding::BadSignature)?;
    if !signature_holds(&key.public, message.as_bytes(), &signature) {
        return Err(TokenFinding::BadSignature);
    }
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenFinding::NoToken)?;
    serde_json::from_slice(&payload).map_err(|_| TokenFinding::NoToken)
}
