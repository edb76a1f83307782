//! What a letter promises: the care of a patient who had one on the day of admission is paid for, even where the register says otherwise since.

use super::{Case, EditOutcome, Findings};
use crate::domain::claims::Procedure;
use crate::domain::eligibility::{Decision, RuleCode};
use crate::domain::letters::LetterState;

/// The rules that yield to a letter: those about membership, and those about the referral, which was looked at when the letter was given. Death and the
/// membership of JKN are not among them.
const YIELDING: [RuleCode; 14] = [
    RuleCode::NikNotFound,
    RuleCode::NikInactive,
    RuleCode::ParticipantSuspended,
    RuleCode::NewbornCovered,
    RuleCode::MovedOut,
    RuleCode::NotResident,
    RuleCode::ResidencyTooShort,
    RuleCode::NotEnrolled,
    RuleCode::CardSuspended,
    RuleCode::PapersMissing,
    RuleCode::SpecialGroup,
    RuleCode::IncomeAboveLimit,
    RuleCode::NoReferral,
    RuleCode::ReferralExpired,
];

impl Case<'_> {
    /// Did this hospital hold a letter for this patient on the day of admission?
    pub fn is_guaranteed(&self) -> bool {
        let day = self.bill.admitted_on;
        self.letter.as_ref().is_some_and(|letter| {
            // A provisional letter promises nothing until its papers are there.
            let promises = matches!(letter.state, LetterState::Issued | LetterState::Used);
            promises && letter.of_facility && letter.of_person && (letter.valid_from..=letter.valid_until).contains(&day)
        })
    }

    /// The rules that fail and that the letter answers for.
    pub fn honoured(&self) -> Vec<RuleCode> {
        if self.is_guaranteed() { YIELDING.into_iter().filter(|rule| self.coverage.fails(*rule)).collect() } else { Vec::new() }
    }

    /// Finds each of these rules that fails and that no letter answers for. What can still be cured in an emergency is looked at, not refused.
    pub fn find_failing(&self, rules: &[RuleCode], field: &'static str, findings: &mut Findings) {
        let honoured = self.honoured();
        let outcome = if self.coverage.decision == Decision::Provisional { EditOutcome::Pend } else { EditOutcome::Reject };
        for rule in rules.iter().filter(|rule| self.coverage.fails(**rule) && !honoured.contains(*rule)) {
            findings.claim(outcome, field, rule, self.bill.admitted_on);
        }
    }

    /// What was done and asks to be authorised before.
    pub fn preauthorised(&self) -> impl Iterator<Item = &Procedure> {
        self.bill.procedures.iter().filter(|procedure| self.lists.needs_authorisation(&procedure.code, procedure.date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};
    use crate::domain::adjudication::{LetterFacts, Verdict};
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_letter_answers_for_membership_on_the_day_of_admission() {
        let spoiled: [(&str, fn(&mut LetterFacts)); 8] = [
            ("nothing", |_| {}),
            ("only issued", |letter| letter.state = LetterState::Issued),
            ("good for that day alone", |letter| letter.valid_until = letter.valid_from),
            ("cancelled", |letter| letter.state = LetterState::Cancelled),
            ("provisional", |letter| letter.state = LetterState::Provisional),
            ("another hospital's", |letter| letter.of_facility = false),
            ("another patient's", |letter| letter.of_person = false),
            ("a day too late", |letter| letter.valid_from = day("2026-11-02")),
        ];
        for (at, (why, spoil)) in spoiled.into_iter().enumerate() {
            for rule in YIELDING {
                let mut fixture = Fixture::clean().saying(rule, Outcome::Fail);
                spoil(fixture.letter.as_mut().unwrap());
                let judged = fixture.judged();
                let refused = judged.hits.iter().any(|hit| hit.value.as_deref() == Some(rule.as_str()) && hit.outcome == EditOutcome::Reject);
                assert_eq!(refused, at > 2, "{rule}: {why}");
                assert_eq!(judged.verdict == Verdict::Reject, at > 2, "{rule}: {why}");
            }
        }
    }

    #[test]
    fn what_papers_can_cure_is_looked_at() {
        let mut fixture = Fixture::outpatient().saying(RuleCode::PapersMissing, Outcome::Fail);
        assert_eq!(fixture.judged().verdict, Verdict::Reject);
        fixture.coverage.decision = Decision::Provisional;
        assert_eq!(fixture.judged().verdict, Verdict::Pend);
    }
}
