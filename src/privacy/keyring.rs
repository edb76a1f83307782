//! The keys in memory, as the table `keys` says: those that seal and index, and the signing keys of tokens, checkpoints, cards and letters.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::PrivacyFault;
use super::root::RootKey;
use crate::domain::text_enum::text_enum;

text_enum! {
    KeyPurpose { Data = "data", Index = "index", Token = "token", Checkpoint = "checkpoint", Card = "card", Letter = "letter" }
}

text_enum! {
    /// `active` makes new things, `reading` only opens or verifies old ones, `retired` is kept for the record.
    KeyPhase { Active = "active", Reading = "reading", Retired = "retired" }
}

/// A key as it is stored: wrapped by the root key, the public half in the clear.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    pub id: i32,
    pub purpose: KeyPurpose,
    pub phase: KeyPhase,
    pub wrapped: Vec<u8>,
    pub public_key: Option<Vec<u8>>,
}

/// An Ed25519 key that signs or has signed.
pub struct SigningKey {
    pub id: i32,
    pub active: bool,
    pub public: Vec<u8>,
    /// PKCS#8 version 1, the only form that every library here reads.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    fn open(key: &WrappedKey, active: bool, pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, PrivacyFault> {
        let public = key.public_key.clone().ok_or(PrivacyFault::UnknownKey(key.id))?;
        Ok(Self { id: key.id, active, public, pkcs8 })
    }

    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PrivacyFault> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.pkcs8).map_err(|_| PrivacyFault::Library("signing key"))?;
        Ok(pair.sign(message).as_ref().to_vec())
    }
}

/// Was this message signed with the Ed25519 key of which this is the public half? Verifying needs no secret.
pub fn signature_holds(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

#[derive(Default)]
pub struct Keyring {
    data: BTreeMap<u16, RandomizedNonceKey>,
    active_data: Option<u16>,
    index: Option<(i32, hmac::Key)>,
    tokens: Vec<SigningKey>,
    checkpoints: Vec<SigningKey>,
    cards: Vec<SigningKey>,
    letters: Vec<SigningKey>,
}

/// Makes a new key of a purpose, wrapped.
pub fn make(root: &RootKey, id: i32, purpose: KeyPurpose) -> Result<WrappedKey, PrivacyFault> {
    let (secret, public_key) = match purpose {
        KeyPurpose::Data | KeyPurpose::Index => {
            let mut secret = Zeroizing::new(vec![0; 32]);
            aws_lc_rs::rand::fill(&mut secret).map_err(|_| PrivacyFault::Library("randomness"))?;
            (secret, None)
        }
        KeyPurpose::Token | KeyPurpose::Checkpoint | KeyPurpose::Card | KeyPurpose::Letter => {
            let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).map_err(|_| PrivacyFault::Library("key pair"))?;
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).map_err(|_| PrivacyFault::Library("key pair"))?;
            (Zeroizing::new(document.as_ref().to_vec()), Some(pair.public_key().as_ref().to_vec()))
        }
    };
    Ok(WrappedKey { id, purpose, phase: KeyPhase::Active, wrapped: root.wrap(&label(id, purpose), &secret)?, public_key })
}

fn label(id: i32, purpose: KeyPurpose) -> String {
    format!("keys.{id}.{purpose}")
}

impl Keyring {
    pub fn open(root: &RootKey, stored: &[WrappedKey]) -> Result<Self, PrivacyFault> {
        let mut keyring = Self::default();
        for key in stored {
            let active = match key.phase {
                KeyPhase::Active => true,
                KeyPhase::Reading => false,
                KeyPhase::Retired => continue,
            };
            let secret = root.unwrap_key(&label(key.id, key.purpose), &key.wrapped)?;
            match key.purpose {
                KeyPurpose::Data => {
                    let id = u16::try_from(key.id).map_err(|_| PrivacyFault::UnknownKey(key.id))?;
                    let cipher = RandomizedNonceKey::new(&AES_256_GCM, &secret).map_err(|_| PrivacyFault::Library("data key"))?;
                    keyring.data.insert(id, cipher);
                    if active {
                        keyring.active_data = Some(id);
                    }
                }
                KeyPurpose::Index => {
                    if active {
                        keyring.index = Some((key.id, hmac::Key::new(hmac::HMAC_SHA256, &secret)));
                    }
                }
                KeyPurpose::Token => keyring.tokens.push(SigningKey::open(key, active, secret)?),
                KeyPurpose::Checkpoint => keyring.checkpoints.push(SigningKey::open(key, active, secret)?),
                KeyPurpose::Card => keyring.cards.push(SigningKey::open(key, active, secret)?),
                KeyPurpose::Letter => keyring.letters.push(SigningKey::open(key, active, secret)?),
            }
        }
        Ok(keyring)
    }

    pub(super) fn active_data(&self) -> Result<(u16, &RandomizedNonceKey), PrivacyFault> {
        let id = self.active_data.ok_or(PrivacyFault::NoActiveKey("data"))?;
        Ok((id, self.data(id)?))
    }

    pub(super) fn data(&self, id: u16) -> Result<&RandomizedNonceKey, PrivacyFault> {
        self.data.get(&id).ok_or(PrivacyFault::UnknownKey(i32::from(id)))
    }

    pub(super) fn active_index(&self) -> Result<(i32, &hmac::Key), PrivacyFault> {
        self.index.as_ref().map(|(id, key)| (*id, key)).ok_or(PrivacyFault::NoActiveKey("index"))
    }

    /// All keys whose tokens are still accepted, the signing one among them.
    pub fn token_keys(&self) -> &[SigningKey] {
        &self.tokens
    }

    pub fn signing_token_key(&self) -> Result<&SigningKey, PrivacyFault> {
        self.tokens.iter().rev().find(|key| key.active).ok_or(PrivacyFault::NoActiveKey("token"))
    }

    /// All keys whose cards are still ours: a card is in use for years after its key was rotated.
    pub fn card_keys(&self) -> &[SigningKey] {
        &self.cards
    }

    pub fn signing_card_key(&self) -> Result<&SigningKey, PrivacyFault> {
        self.cards.iter().rev().find(|key| key.active).ok_or(PrivacyFault::NoActiveKey("card"))
    }

    /// All keys whose guarantee letters are still ours: who holds an old letter can have it verified for years.
    pub fn letter_keys(&self) -> &[SigningKey] {
        &self.letters
    }

    pub fn signing_letter_key(&self) -> Result<&SigningKey, PrivacyFault> {
        self.letters.iter().rev().find(|key| key.active).ok_or(PrivacyFault::NoActiveKey("letter"))
    }

    pub fn signing_checkpoint_key(&self) -> Result<&SigningKey, PrivacyFault> {
        self.checkpoints.iter().rev().find(|key| key.active).ok_or(PrivacyFault::NoActiveKey("checkpoint"))
    }
}
