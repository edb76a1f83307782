//! How often a person who decided agreed with what an edit had found.
//!
//! The unit is a finding: all that one edit found on one claim. It is *upheld* where the person took something from what it spoke of, and *overridden* where
//! they paid it all the same. What no person decided says nothing about an edit.

use super::EditOutcome;
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::{Rupiah, TooLarge};

/// A hit as it is kept: what it leads to, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub outcome: EditOutcome,
    /// None: the claim as a whole.
    pub line: Option<i32>,
    /// Of a cap: the most that it leaves of the line.
    pub limit: Option<String>,
}

/// A line as it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecidedLine {
    pub line: i32,
    pub claimed: Rupiah,
    pub approved: Rupiah,
    /// Of whoever decided otherwise than the edits did.
    pub reason: Option<ReasonCode>,
}

impl Spoken {
    fn is_about(&self, line: &DecidedLine) -> bool {
        self.line.is_none_or(|about| about == line.line)
    }

    fn is_upheld(&self, lines: &[DecidedLine]) -> bool {
        let mut about = lines.iter().filter(|line| self.is_about(line)).peekable();
        match self.outcome {
            // It asked for a look, and the look led to a cut with a reason.
            EditOutcome::Flag | EditOutcome::Pend => about.any(|line| line.approved < line.claimed && line.reason.is_some()),
            EditOutcome::Cap => {
                let limit = self.limit.as_deref().and_then(|limit| limit.parse().ok()).map(Rupiah);
                about.peek().is_some() && about.all(|line| limit.is_some_and(|limit| line.approved <= limit))
            }
            EditOutcome::Reject => about.peek().is_some() && about.all(|line| line.approved == Rupiah::ZERO),
        }
    }
}

/// What is counted of one edit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Claims on which it found something.
    pub hits: u32,
    /// Of these, where it asked for a person.
    pub pended: u32,
    /// Of these, where a person decided: either `upheld` or `overridden`.
    pub decided: u32,
    pub upheld: u32,
    pub overridden: u32,
    /// What was claimed on the lines that it spoke of.
    pub at_stake: Rupiah,
    /// What was not paid of these lines where it was upheld.
    pub cut: Rupiah,
}

impl Tally {
    /// Counts what one edit found on one claim.
    pub fn add(&mut self, spoken: &[Spoken], lines: &[DecidedLine], by_a_person: bool) -> Result<(), TooLarge> {
        if spoken.is_empty() {
            return Ok(());
        }
        let about: Vec<&DecidedLine> = lines.iter().filter(|line| spoken.iter().any(|hit| hit.is_about(line))).collect();
        self.hits += 1;
        self.pended += u32::from(spoken.iter().any(|hit| hit.outcome == EditOutcome::Pend));
        self.at_stake = self.at_stake.plus(Rupiah::sum(about.iter().map(|line| line.claimed))?)?;
        if !by_a_person {
            return Ok(());
        }
        self.decided += 1;
        if spoken.iter().any(|hit| hit.is_upheld(lines)) {
            self.upheld += 1;
            let paid = Rupiah::sum(about.iter().map(|line| line.approved))?;
            self.cut = self.cut.plus(Rupiah::sum(about.iter().map(|line| line.claimed))?.minus(paid)?)?;
        } else {
            self.overridden += 1;
        }
        Ok(())
    }

    /// Upheld of a thousand that were decided; none where none was.
    pub fn permille(&self) -> Option<u32> {
        (self.upheld * 1000).checked_div(self.decided)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hit(outcome: EditOutcome, line: Option<i32>, limit: &str) -> Spoken {
        Spoken { outcome, line, limit: Some(limit.to_owned()) }
    }

    fn decided(line: i32, approved: i64, reason: Option<ReasonCode>) -> DecidedLine {
        DecidedLine { line, claimed: Rupiah(100), approved: Rupiah(approved), reason }
    }

    #[test]
    fn a_person_upholds_or_overrides() {
        let why = Some(ReasonCode::Duplicate);
        for (outcome, line, limit, lines, upheld) in [
            (EditOutcome::Pend, None, "", vec![decided(1, 100, None), decided(2, 0, why)], true),
            (EditOutcome::Pend, Some(1), "", vec![decided(1, 100, None), decided(2, 0, why)], false),
            // Cut by another edit, and let stand: the look itself took nothing.
            (EditOutcome::Pend, None, "", vec![decided(1, 90, None)], false),
            (EditOutcome::Pend, None, "", vec![decided(1, 100, why)], false),
            (EditOutcome::Flag, Some(2), "", vec![decided(2, 99, why)], true),
            (EditOutcome::Cap, Some(1), "80", vec![decided(1, 80, None)], true),
            (EditOutcome::Cap, Some(1), "80", vec![decided(1, 81, why)], false),
            (EditOutcome::Cap, Some(1), "", vec![decided(1, 0, why)], false),
            (EditOutcome::Reject, Some(1), "", vec![decided(1, 0, None), decided(2, 100, None)], true),
            (EditOutcome::Reject, None, "", vec![decided(1, 0, None), decided(2, 100, None)], false),
            (EditOutcome::Reject, Some(7), "", vec![decided(1, 0, None)], false),
        ] {
            let mut tally = Tally::default();
            tally.add(&[hit(outcome, line, limit)], &lines, true).unwrap();
            assert_eq!((tally.upheld, tally.overridden), (u32::from(upheld), u32::from(!upheld)), "{outcome} {line:?} {limit} {lines:?}");
        }
    }

    #[test]
    fn what_no_person_decided_says_nothing() {
        let mut tally = Tally::default();
        tally.add(&[], &[decided(1, 0, None)], true).unwrap();
        assert_eq!(tally, Tally::default());
        tally
            .add(&[hit(EditOutcome::Pend, Some(1), ""), hit(EditOutcome::Pend, None, "")], &[decided(1, 0, None), decided(2, 0, None)], false)
            .unwrap();
        assert_eq!((tally.hits, tally.pended, tally.decided, tally.at_stake, tally.permille()), (1, 1, 0, Rupiah(200), None));
    }

    proptest! {
        #[test]
        fn what_was_decided_is_one_or_the_other(
            claims in prop::collection::vec((0..4_usize, prop::option::of(1..3_i32), 0..101_i64, any::<bool>(), any::<bool>()), 0..20)
        ) {
            let mut tally = Tally::default();
            for (outcome, line, approved, reason, by_a_person) in claims {
                let lines = [decided(1, approved, reason.then_some(ReasonCode::Late)), decided(2, 100, None)];
                tally.add(&[hit(EditOutcome::ALL[outcome], line, "50")], &lines, by_a_person).unwrap();
            }
            prop_assert_eq!(tally.upheld + tally.overridden, tally.decided);
            prop_assert!(tally.decided <= tally.hits && tally.cut <= tally.at_stake && tally.permille().is_none_or(|part| part <= 1000));
        }
    }
}
