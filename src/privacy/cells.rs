//! Sealed cells: AES-256-GCM with a fresh nonce, bound to the row's id and column, with the id of the key in front.
//! `key id (2 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::PrivacyFault;
use super::keyring::Keyring;
use crate::domain::id::Id;

/// Stands in front of sealed JSON. It grows when a field of it changes its meaning, not when one is added: those who read pass over what they do not know.
const FORM: u8 = 1;

/// Which column a cell stands in. The text goes into the seal, so a cell moved to another column or row no longer opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    HouseholdSealed,
    ParticipantIdentity,
    ParticipantContact,
    ParticipantEventSealed,
    ParticipantChangeSealed,
    MergeSealed,
    TemporaryIdentitySealed,
    RegistryCaseSealed,
    SignalSealed,
    EnrollmentCard,
    EnrollmentRequest,
    EnrollmentStepSealed,
    CardSealed,
    CardEventSealed,
    CheckRecord,
    CheckPaperSealed,
    ReviewSealed,
    ReferralSealed,
    LetterEventSealed,
    ClaimEventSealed,
    ClaimRevisionSealed,
    ClaimCaseSealed,
    MessageSealed,
    MessageReply,
    IdempotencyAnswer,
    AuditPayload,
    ImportSpoolKey,
    PopulationRecordSealed,
    ReconciliationFindingSealed,
    DocumentSealed,
}

impl Column {
    pub const fn label(self) -> &'static str {
        match self {
            Self::HouseholdSealed => "households.sealed",
            Self::ParticipantIdentity => "participants.identity",
            Self::ParticipantContact => "participants.contact",
            Self::ParticipantEventSealed => "participant_events.sealed",
            Self::ParticipantChangeSealed => "participant_changes.sealed",
            Self::MergeSealed => "merges.sealed",
            Self::TemporaryIdentitySealed => "temporary_identities.sealed",
            Self::RegistryCaseSealed => "registry_cases.sealed",
            Self::SignalSealed => "signals.sealed",
            Self::EnrollmentCard => "enrollments.card",
            Self::EnrollmentRequest => "enrollments.request",
            Self::EnrollmentStepSealed => "enrollment_steps.sealed",
            Self::CardSealed => "cards.sealed",
            Self::CardEventSealed => "card_events.sealed",
            Self::CheckRecord => "eligibility_checks.record",
            Self::CheckPaperSealed => "check_papers.sealed",
            Self::ReviewSealed => "eligibility_reviews.sealed",
            Self::ReferralSealed => "referrals.sealed",
            Self::LetterEventSealed => "letter_events.sealed",
            Self::ClaimEventSealed => "claim_events.sealed",
            Self::ClaimRevisionSealed => "claim_revisions.sealed",
            Self::ClaimCaseSealed => "claim_cases.sealed",
            Self::MessageSealed => "messages.sealed",
            Self::MessageReply => "messages.reply",
            Self::IdempotencyAnswer => "idempotency.answer",
            Self::AuditPayload => "audit_events.payload",
            Self::ImportSpoolKey => "imports.spool_key",
            Self::PopulationRecordSealed => "population_records.sealed",
            Self::ReconciliationFindingSealed => "reconciliation_findings.sealed",
            Self::DocumentSealed => "documents.sealed",
        }
    }
}

impl Keyring {
    pub fn seal(&self, column: Column, row: Id, plain: &[u8]) -> Result<Vec<u8>, PrivacyFault> {
        let (key_id, key) = self.active_data()?;
        let mut cell = Vec::with_capacity(2 + NONCE_LEN + plain.len() + 16);
        let mut sealed = Vec::with_capacity(plain.len() + 16);
        sealed.extend_from_slice(plain);
        let nonce = key.seal_in_place_append_tag(Aad::from(place(column, row)), &mut sealed).map_err(|_| PrivacyFault::Library("seal"))?;
        cell.extend_from_slice(&key_id.to_be_bytes());
        cell.extend_from_slice(nonce.as_ref());
        cell.extend_from_slice(&sealed);
        Ok(cell)
    }

    pub fn unseal(&self, column: Column, row: Id, cell: &[u8]) -> Result<Zeroizing<Vec<u8>>, PrivacyFault> {
        let (head, rest) = cell.split_at_checked(2).ok_or(PrivacyFault::Sealed)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(PrivacyFault::Sealed)?;
        let key_id = u16::from_be_bytes([head[0], head[1]]);
        let key: &RandomizedNonceKey = self.data(key_id)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| PrivacyFault::Sealed)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let length = key.open_in_place(nonce, Aad::from(place(column, row)), &mut plain).map_err(|_| PrivacyFault::Sealed)?.len();
        plain.truncate(length);
        Ok(plain)
    }

    pub fn seal_json<T: serde::Serialize>(&self, column: Column, row: Id, value: &T) -> Result<Vec<u8>, PrivacyFault> {
        let mut plain = Zeroizing::new(vec![FORM]);
        serde_json::to_writer(&mut *plain, value).map_err(|_| PrivacyFault::Library("json"))?;
        self.seal(column, row, &plain)
    }

    pub fn unseal_json<T: serde::de::DeserializeOwned>(&self, column: Column, row: Id, cell: &[u8]) -> Result<T, PrivacyFault> {
        let plain = self.unseal(column, row, cell)?;
        match plain.split_first() {
            // serde's message could quote the plaintext, so it is dropped.
            Some((&FORM, json)) => serde_json::from_slice(json).map_err(|_| PrivacyFault::Sealed),
            Some((&form, _)) => Err(PrivacyFault::Form(form)),
            None => Err(PrivacyFault::Sealed),
        }
    }
}

fn place(column: Column, row: Id) -> Vec<u8> {
    let mut place = Vec::with_capacity(48);
    place.extend_from_slice(column.label().as_bytes());
    place.push(0);
    place.extend_from_slice(row.as_bytes());
    place
}
