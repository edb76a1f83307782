//! Accounts, the moves between them that each kind of posting may make, and what comes of them. The accounts of a pot sum to zero at all times.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Pot;
use crate::domain::id::Id;
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// Where money of a year's pot may stand.
    Account {
        /// What the council gave, as a negative number: the other side of everything else.
        Appropriation = "appropriation",
        /// Not yet spoken for. It may be negative, because no patient is refused for want of budget.
        Available = "available",
        /// A letter was issued: its estimate.
        Reserved = "reserved",
        /// Care has begun under a letter and no claim has come.
        Incurred = "incurred",
        /// A claim has come and is not decided.
        Billed = "billed",
        /// Approved and not paid.
        ApprovedUnpaid = "approved_unpaid",
        Paid = "paid",
        /// Not paid by the year's end, acknowledged in writing, and owed from then on by a later year.
        DebtAcknowledged = "debt_acknowledged",
        /// Debt of earlier years that this year has taken over and not paid.
        DebtCarriedIn = "debt_carried_in",
        /// Debt of earlier years that this year has paid, apart from what it paid for its own care.
        DebtPaid = "debt_paid",
    }
}

text_enum! {
    /// What happened, for which money moves.
    PostingKind {
        LetterIssued = "letter_issued", LetterAdmitted = "letter_admitted", LetterReleased = "letter_released", LetterAdjusted = "letter_adjusted",
        ClaimSubmitted = "claim_submitted", ClaimWithdrawn = "claim_withdrawn", ClaimDecided = "claim_decided", ClaimReopened = "claim_reopened",
        PaymentSettled = "payment_settled", Recovery = "recovery", DebtAcknowledged = "debt_acknowledged", DebtCarriedIn = "debt_carried_in",
        Appropriation = "appropriation", Revision = "revision",
    }
}

impl PostingKind {
    /// May a posting of this kind move money from the one to the other?
    pub fn allows(self, from: Account, to: Account) -> bool {
        use Account::{Appropriation, ApprovedUnpaid, Available, Billed, DebtAcknowledged, DebtCarriedIn, DebtPaid, Incurred, Paid, Reserved};
        match self {
            Self::LetterIssued => matches!((from, to), (Available, Reserved)),
            // A patient may be in the ward before there is an estimate.
            Self::LetterAdmitted => matches!((from, to), (Reserved | Available, Incurred)),
            Self::LetterReleased => matches!((from, to), (Reserved | Incurred, Available)),
            // Another estimate, or an admission that was none.
            Self::LetterAdjusted => {
                matches!(
                    (from, to),
                    (Available, Reserved | Incurred) | (Reserved | Incurred, Available) | (Incurred, Reserved) | (Reserved, Incurred)
                )
            }
            // A claim may ask for more than was put aside for it, or for less, which frees the rest.
            Self::ClaimSubmitted => matches!((from, to), (Available | Reserved | Incurred, Billed) | (Reserved | Incurred, Available)),
            Self::ClaimWithdrawn => matches!((from, to), (Billed, Available | Reserved | Incurred) | (Available, Reserved | Incurred)),
            // What is cut goes back; a claim that is sent back to the hospital is care without a bill again; on dispute an approval may change.
            Self::ClaimDecided => matches!(
                (from, to),
                (Billed, ApprovedUnpaid | Available | Incurred | Reserved)
                    | (Available, ApprovedUnpaid | Incurred | Reserved)
                    | (ApprovedUnpaid | Incurred | Reserved, Available)
            ),
            Self::ClaimReopened => matches!(
                (from, to),
                (ApprovedUnpaid | Available | Incurred | Reserved, Billed)
                    | (ApprovedUnpaid | Incurred | Reserved, Available)
                    | (Available, ApprovedUnpaid | Incurred | Reserved)
            ),
            // Both ways: a transfer may come back.
            Self::PaymentSettled => {
                matches!((from, to), (ApprovedUnpaid, Paid) | (Paid, ApprovedUnpaid) | (DebtCarriedIn, DebtPaid) | (DebtPaid, DebtCarriedIn))
            }
            Self::Recovery => matches!((from, to), (Paid | DebtPaid, Available) | (Available, Paid | DebtPaid)),
            Self::DebtAcknowledged => matches!((from, to), (ApprovedUnpaid, DebtAcknowledged) | (DebtAcknowledged, ApprovedUnpaid)),
            Self::DebtCarriedIn => matches!((from, to), (Available, DebtCarriedIn) | (DebtCarriedIn, Available)),
            Self::Appropriation => matches!((from, to), (Appropriation, Available)),
            Self::Revision => matches!((from, to), (Appropriation, Available) | (Available, Appropriation)),
        }
    }

    /// The kind under which the opposite of a posting is posted. Whatever was posted can be taken back.
    pub const fn undone_by(self) -> Self {
        match self {
            Self::LetterIssued => Self::LetterReleased,
            Self::LetterAdmitted | Self::LetterReleased | Self::LetterAdjusted => Self::LetterAdjusted,
            Self::ClaimSubmitted => Self::ClaimWithdrawn,
            Self::ClaimWithdrawn => Self::ClaimSubmitted,
            Self::ClaimDecided => Self::ClaimReopened,
            Self::ClaimReopened => Self::ClaimDecided,
            Self::PaymentSettled => Self::PaymentSettled,
            Self::Recovery => Self::Recovery,
            Self::DebtAcknowledged => Self::DebtAcknowledged,
            Self::DebtCarriedIn => Self::DebtCarriedIn,
            Self::Appropriation | Self::Revision => Self::Revision,
        }
    }
}

/// Money that changes its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub from: Account,
    pub to: Account,
    pub amount: Rupiah,
}

/// One transaction: moves within one pot of one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub year: i32,
    pub pot: Pot,
    pub kind: PostingKind,
    /// The letter, claim, payment item, budget or debt that it is about.
    pub object_id: Id,
    /// The civil date from which it counts, whenever it was told.
    pub occurred_on: NaiveDate,
    pub moves: Vec<Move>,
}

/// Why a posting is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostingFault {
    #[error("{kind} moves no money from {from} to {to}")]
    NotAllowed { kind: PostingKind, from: Account, to: Account },
    #[error("an amount below zero: the other direction is a move of its own")]
    Negative,
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl Posting {
    /// What it does to each account that it changes. Moves of nothing are dropped, so this may be empty.
    pub fn changes(&self) -> Result<BTreeMap<Account, Rupiah>, PostingFault> {
        let mut changes = Balances::default();
        for one in &self.moves {
            if one.amount < Rupiah::ZERO {
                return Err(PostingFault::Negative);
            }
            if !self.kind.allows(one.from, one.to) {
                return Err(PostingFault::NotAllowed { kind: self.kind, from: one.from, to: one.to });
            }
            changes.add(one.from, Rupiah::ZERO.minus(one.amount)?)?;
            changes.add(one.to, one.amount)?;
        }
        changes.0.retain(|_, amount| *amount != Rupiah::ZERO);
        Ok(changes.0)
    }

    /// The posting that takes this one back.
    pub fn reversed(&self) -> Self {
        let moves = self.moves.iter().rev().map(|one| Move { from: one.to, to: one.from, amount: one.amount }).collect();
        Self { kind: self.kind.undone_by(), moves, ..self.clone() }
    }
}

/// How the accounts of one pot of one year stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<Account, Rupiah>);

impl Balances {
    pub fn of(&self, account: Account) -> Rupiah {
        self.0.get(&account).copied().unwrap_or_default()
    }

    pub fn add(&mut self, account: Account, amount: Rupiah) -> Result<(), TooLarge> {
        let balance = self.0.entry(account).or_default();
        *balance = balance.plus(amount)?;
        Ok(())
    }

    /// Adds another pot's, for the total of a year.
    pub fn plus(mut self, other: &Self) -> Result<Self, TooLarge> {
        other.0.iter().try_for_each(|(account, amount)| self.add(*account, *amount))?;
        Ok(self)
    }

    /// Takes away what counts later.
    pub fn minus(mut self, other: &Self) -> Result<Self, TooLarge> {
        other.0.iter().try_for_each(|(account, amount)| self.add(*account, Rupiah::ZERO.minus(*amount)?))?;
        Ok(self)
    }

    /// What several accounts hold together.
    pub fn over(&self, accounts: &[Account]) -> Result<Rupiah, TooLarge> {
        Rupiah::sum(accounts.iter().map(|account| self.of(*account)))
    }
}
