//! What the code on a card holds, signed and read with the city's own card keys. No other key signs cards, and these sign nothing else.

use crate::domain::card_tokens::{CardToken, Unsigned, looks_like_token};
use crate::domain::text_enum::text_enum;
use crate::error::Result;
use crate::privacy::keyring::{Keyring, signature_holds};

text_enum! {
    /// What is to be said of a token that was scanned.
    CardFinding {
        Genuine = "genuine",
        /// It is no card's code at all: another system's, or a part of one.
        NoToken = "no_token",
        /// Signed, as it says, with a key that the city never had.
        UnknownKey = "unknown_key",
        BadSignature = "bad_signature",
        /// Signed with our key, and nobody has the card.
        NotRegistered = "not_registered",
    }
}

impl CardFinding {
    /// Does somebody show a card that the city never gave?
    pub const fn tells_of_forgery(self) -> bool {
        match self {
            Self::UnknownKey | Self::BadSignature | Self::NotRegistered => true,
            Self::Genuine | Self::NoToken => false,
        }
    }
}

pub fn sign(keyring: &Keyring, card_number: &str) -> Result<String> {
    let key = keyring.signing_card_key()?;
    let unsigned = Unsigned::new(key.id, card_number);
    Ok(unsigned.with(&key.sign(&unsigned.message())?))
}

/// The number of a card whose signature is ours, or what is wrong with the token.
pub fn scan(keyring: &Keyring, text: &str) -> std::result::Result<String, CardFinding> {
    let token = CardToken::parse(text).ok_or(CardFinding::NoToken)?;
    let key = keyring.card_keys().iter().find(|key| key.id == token.key_id).ok_or(CardFinding::UnknownKey)?;
    if signature_holds(&key.public, &token.message(), &token.signature) { Ok(token.card_number) } else { Err(CardFinding::BadSignature) }
}

/// The card number in what was typed or scanned. A token that is not ours stays as it is: it is asked for like a number that no card has, so that
/// a forged one is on record.
pub fn number_in(keyring: &Keyring, typed: &str) -> String {
    let typed = typed.trim().to_ascii_uppercase();
    if looks_like_token(&typed) { scan(keyring, &typed).unwrap_or(typed) } else { typed }
}
