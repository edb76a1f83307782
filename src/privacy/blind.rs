//! Blind indexes: HMAC-SHA-256 under a key that is not in the database, cut to 16 bytes, with the purpose inside, so that equality can be asked
//! without the value being readable and the same value in two columns does not show as the same.

use aws_lc_rs::hmac;
use chrono::NaiveDate;

use super::PrivacyFault;
use super::keyring::Keyring;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;

/// What a hash is for. Two purposes never give the same hash for one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Nik,
    Kk,
    Card,
    NameWord,
    Birth,
    Newborn,
    Signal,
    Phone,
    Address,
    NikStem,
    Secret,
    Throttle,
    Idempotency,
    Finding,
    Document,
    Confirmation,
}

impl Tag {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Nik => b"nik",
            Self::Kk => b"kk",
            Self::Card => b"card",
            Self::NameWord => b"name-word",
            Self::Birth => b"birth",
            Self::Newborn => b"newborn",
            Self::Signal => b"signal",
            Self::Phone => b"phone",
            Self::Address => b"address",
            Self::NikStem => b"nik-stem",
            Self::Secret => b"secret",
            Self::Throttle => b"throttle",
            Self::Idempotency => b"idempotency",
            Self::Finding => b"finding",
            Self::Document => b"document",
            Self::Confirmation => b"confirmation",
        }
    }
}

/// A blind index value and the key that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindIndex {
    pub value: Id,
    pub key_id: i32,
}

impl Keyring {
    pub fn nik_index(&self, nik: &Nik) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Nik, &[nik.digits().as_bytes()])
    }

    pub fn kk_index(&self, kk: &KkNumber) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Kk, &[kk.digits().as_bytes()])
    }

    pub fn card_index(&self, card_number: &str) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Card, &[card_number.as_bytes()])
    }

    pub fn name_word_index(&self, word: &str, birth_date: NaiveDate) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::NameWord, &[word.as_bytes(), birth_date.to_string().as_bytes()])
    }

    /// A birth by its mother and date.
    pub fn birth_index(&self, mother: Id, born: NaiveDate) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Birth, &[mother.as_bytes(), born.to_string().as_bytes()])
    }

    /// A child by its mother, birth date and order among those of this birth.
    pub fn newborn_index(&self, mother: Id, born: NaiveDate, order: u8) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Newborn, &[mother.as_bytes(), born.to_string().as_bytes(), &[order]])
    }

    /// A signal by its kind and by whom or what it is about.
    pub fn signal_index(&self, kind: &str, about: &[Id]) -> Result<BlindIndex, PrivacyFault> {
        let parts: Vec<&[u8]> = std::iter::once(kind.as_bytes()).chain(about.iter().map(|id| id.as_bytes().as_slice())).collect();
        self.index(Tag::Signal, &parts)
    }

    pub fn phone_index(&self, phone: &str) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Phone, &[phone.as_bytes()])
    }

    /// An address with the village and the neighbourhoods that it lies in.
    pub fn address_index(&self, parts: &[&str]) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Address, &parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
    }

    /// Region and date of a NIK, with the account that registered it.
    pub fn nik_stem_index(&self, stem: &str, account: Id) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::NikStem, &[stem.as_bytes(), account.as_bytes()])
    }

    /// What a finding says of a person: the same again is the same finding.
    pub fn finding_index(&self, participant: Id, content: &[u8]) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Finding, &[participant.as_bytes(), content])
    }

    /// The content of a document, by its digest: a digest alone would tell whoever has the same paper that it is here.
    pub fn document_index(&self, content: &ContentHash) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Document, &[content.as_bytes()])
    }

    /// The code of a message: forty random bits, which without the key could be tried through.
    pub fn confirmation_index(&self, code: &str) -> Result<BlindIndex, PrivacyFault> {
        self.index(Tag::Confirmation, &[code.as_bytes()])
    }

    /// Who tried: an account name or an address, counted without being kept.
    pub fn throttle_subject(&self, kind: &str, who: &str) -> Result<[u8; 16], PrivacyFault> {
        Ok(*self.index(Tag::Throttle, &[kind.as_bytes(), who.as_bytes()])?.value.as_bytes())
    }

    pub fn idempotency_key(&self, scope: Id, route: &str, key: &str) -> Result<Id, PrivacyFault> {
        Ok(self.index(Tag::Idempotency, &[scope.as_bytes(), route.as_bytes(), key.as_bytes()])?.value)
    }

    /// A fingerprint of what was sent: tells "the same again" from "something else" without keeping it. The client's key goes in, which is kept nowhere: so
    /// not even whoever holds our keys can try passwords against it.
    pub fn fingerprint(&self, key: &str, body: &[u8]) -> Result<[u8; 32], PrivacyFault> {
        self.hash(Tag::Idempotency, &[b"body", key.as_bytes(), body]).map(|(hash, _)| hash)
    }

    /// The stored form of a random secret that we made ourselves (refresh tokens, client secrets): no dictionary reaches 128 bits or more.
    pub fn secret_hash(&self, secret: &str) -> Result<[u8; 32], PrivacyFault> {
        self.hash(Tag::Secret, &[secret.as_bytes()]).map(|(hash, _)| hash)
    }

    fn index(&self, tag: Tag, parts: &[&[u8]]) -> Result<BlindIndex, PrivacyFault> {
        let (hash, key_id) = self.hash(tag, parts)?;
        let mut value = [0; 16];
        value.copy_from_slice(&hash[..16]);
        Ok(BlindIndex { value: Id::from_bytes(value), key_id })
    }

    fn hash(&self, tag: Tag, parts: &[&[u8]]) -> Result<([u8; 32], i32), PrivacyFault> {
        let (key_id, key) = self.active_index()?;
        let mut context = hmac::Context::with_key(key);
        // Each part carries its length, so that no two lists of parts read the same.
        for part in std::iter::once(&tag.label()).chain(parts) {
            context.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            context.update(part);
        }
        let hash = context.sign().as_ref().try_into().map_err(|_| PrivacyFault::Library("hmac"))?;
        Ok((hash, key_id))
    }
}
