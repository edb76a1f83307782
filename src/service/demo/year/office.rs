//! What the verifiers and the finance desk of the demo do.

use chrono::NaiveDate;

use super::{Act, Year, month_before};
use crate::domain::budget::Pot;
use crate::domain::claims::{ClaimState, DisputeOutcome, ReasonCode};
use crate::domain::id::Id;
use crate::domain::recoveries::RecoveryReason;
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::domain::synthetic::year::Word;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::claims::{self, Decision, DecisionKind, DisputeDecision, LineDecision, Told};
use crate::service::debts;
use crate::service::idempotency::Once;
use crate::service::payments::{self, Order};
use crate::service::recoveries::{self, Demand};
use crate::store::db::Db;

/// What is left of a line that a verifier cuts, in per cent.
const LEFT: i64 = 85;
/// Of so many batches one is audited.
const BATCHES_AN_AUDIT: usize = 6;

fn plain(kind: DecisionKind) -> Decision {
    Decision { kind, reason_code: None, note: None, lines: Vec::new() }
}

impl Year<'_> {
    /// A verifier looks at what waits for one; what the participant denies needs more than a look, and stays.
    pub(super) fn decide(&mut self, db: &mut Db, index: usize, at: UtcTime) -> Result<()> {
        let Some(id) = self.courses[index].claim else { return Ok(()) };
        let first = self.cast.verifiers[index % 2];
        let told = claims::show(db, &self.acting(first, at), &first, id)?;
        if told.denied_at.is_some() {
            return Ok(());
        }
        let decision = match told.claim.state {
            ClaimState::Complete => self.word(index, &told),
            ClaimState::Submitted => Decision { reason_code: Some(ReasonCode::AdminDocMissing), ..plain(DecisionKind::Return) },
            ClaimState::Disputed => return self.decide_objection(db, (index, id), &told, at),
            _ => return Ok(()),
        };
        let verifier = self.verifier_for(index);
        let told = claims::decide(self.app, db, &self.acting(verifier, at), &verifier, id, &decision, &Once::plain())?;
        self.courses[index].decided_by = Some(verifier.user_id);
        match told.claim.state {
            ClaimState::Returned => self.enter_after(at, self.episodes[index].mended_after, Act::Mend(index)),
            ClaimState::ApprovedPartial | ClaimState::Rejected if self.episodes[index].objects && told.terms.disputes == 0 => {
                self.enter_after(at, 1, Act::Object(index));
            }
            _ => {}
        }
        Ok(())
    }

    /// Who decided before does not decide about the objection.
    fn verifier_for(&self, index: usize) -> Caller {
        let first = self.cast.verifiers[index % 2];
        if self.courses[index].decided_by == Some(first.user_id) { self.cast.verifiers[(index + 1) % 2] } else { first }
    }

    fn decide_objection(&mut self, db: &mut Db, (index, id): (usize, Id), told: &Told, at: UtcTime) -> Result<()> {
        let verifier = self.verifier_for(index);
        claims::decide_dispute(self.app, db, &self.acting(verifier, at), &verifier, id, &halfway(told, index), &Once::plain())?;
        self.courses[index].decided_by = Some(verifier.user_id);
        Ok(())
    }

    fn word(&self, index: usize, told: &Told) -> Decision {
        match self.episodes[index].word {
            _ if told.claim.payable_amount == Rupiah::ZERO => Decision { reason_code: Some(ReasonCode::NotEligible), ..plain(DecisionKind::Reject) },
            Word::ApprovePartly => cut(told, LEFT),
            Word::Reject => Decision { reason_code: Some(ReasonCode::MedicalIndication), ..plain(DecisionKind::Reject) },
            // Nothing is sent back twice.
            Word::Return if told.claim.revision == 1 => Decision {
                reason_code: Some(ReasonCode::SupportExamMissing),
                note: Some("mohon lampirkan hasil pemeriksaan penunjang".to_owned()),
                ..plain(DecisionKind::Return)
            },
            Word::Approve | Word::Return => plain(DecisionKind::Approve),
        }
    }

    /// Finance orders what was approved of care that ended in the months before.
    pub(super) fn order(&mut self, db: &mut Db, pot: Pot, payday: NaiveDate, at: UtcTime) -> Result<()> {
        let [finance, _] = self.cast.finance;
        let order = Order { period: month_before(payday), pot, facility_ids: Vec::new(), claim_ids: Vec::new() };
        let told = payments::order(self.app, db, &self.acting(finance, at), &finance, &order, &Once::plain())?;
        // Of the last orders one waits for its second pair of eyes, and one for the treasury.
        if payday < self.last_payday || pot == Pot::Others {
            self.enter_after(at, 2, Act::Approve(told.batch.id));
        }
        if payday < self.last_payday {
            self.enter_after(at, 5, Act::Settle(told.batch.id));
        }
        Ok(())
    }

    pub(super) fn approve(&mut self, db: &mut Db, batch: Id, at: UtcTime) -> Result<()> {
        let [_, second] = self.cast.finance;
        payments::approve(self.app, db, &self.acting(second, at), &second, batch, &Once::plain())?;
        Ok(())
    }

    pub(super) fn settle(&mut self, db: &mut Db, batch: Id, at: UtcTime) -> Result<()> {
        let ([finance, _], paid_on) = (self.cast.finance, self.today(at));
        let sp2d = format!("SP2D-{}-{:05}", paid_on.format("%Y%m"), self.settled + 1);
        let told = payments::settle(self.app, db, &self.acting(finance, at), &finance, batch, (paid_on, &sp2d, None), &Once::plain())?;
        self.settled += 1;
        if self.settled % BATCHES_AN_AUDIT == 1
            && let Some((item, _)) = told.items.first()
        {
            self.enter_after(at, 9, Act::AskBack(item.claim_id));
        }
        Ok(())
    }

    pub(super) fn owe(&mut self, db: &mut Db, year: i32, at: UtcTime) -> Result<()> {
        let [finance, _] = self.cast.finance;
        let document = format!("BA-UTANG/{year}");
        let (debt, _) = debts::propose(self.app, db, &self.acting(finance, at), &finance, (year, &document), &Once::plain())?;
        self.enter_after(at, 1, Act::Acknowledge(debt.id));
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, db: &mut Db, debt: Id, at: UtcTime) -> Result<()> {
        let [_, second] = self.cast.finance;
        debts::approve(db, &self.acting(second, at), &second, debt, &Once::plain())?;
        Ok(())
    }

    /// An audit found that a tenth too much was paid.
    pub(super) fn ask_back(&mut self, db: &mut Db, claim: Id, at: UtcTime) -> Result<()> {
        let [finance, _] = self.cast.finance;
        let context = self.acting(finance, at);
        let paid = claims::show(db, &context, &finance, claim)?.claim.paid_amount;
        let demand = Demand {
            amount: Rupiah(paid.0 / 10),
            reason: RecoveryReason::Audit,
            document_number: format!("LHP-{}", self.today(at).format("%Y%m%d")),
        };
        let told = recoveries::ask(db, &context, &finance, claim, &demand, &Once::plain())?;
        self.enter_after(at, 3, Act::GrantBack(told.recovery.id));
        Ok(())
    }

    /// From then on it is kept back of what the hospital is paid.
    pub(super) fn grant_back(&mut self, db: &mut Db, recovery: Id, at: UtcTime) -> Result<()> {
        let [_, second] = self.cast.finance;
        recoveries::approve(db, &self.acting(second, at), &second, recovery, &Once::plain())?;
        Ok(())
    }
}

/// Less than the adjudication allows, for a reason.
fn cut(told: &Told, percent: i64) -> Decision {
    let lines = told.parts.lines.iter().map(|line| LineDecision {
        line: line.line,
        approved_amount: Rupiah(line.payable_amount.0 * percent / 100),
        reason_code: Some(ReasonCode::MedicalIndication),
    });
    Decision { lines: lines.collect(), ..plain(DecisionKind::ApprovePartial) }
}

/// Between what was asked and what was approved, by the minutes of the panel.
fn halfway(told: &Told, index: usize) -> DisputeDecision {
    let cut = told.parts.lines.iter().filter(|line| line.approved_amount < line.claimed_amount);
    let lines = cut.map(|line| LineDecision {
        line: line.line,
        approved_amount: Rupiah((line.claimed_amount.0 + line.approved_amount.0) / 2),
        reason_code: Some(ReasonCode::TariffExceeded),
    });
    DisputeDecision { outcome: DisputeOutcome::Changed, lines: lines.collect(), minutes_number: format!("BA-{:03}", index + 1) }
}
