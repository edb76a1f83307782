//! `AUT_PREAUTH_INVALID`: the letter holds. One that was taken back, or whose papers did not come in time, pays for nothing; one that nobody used in
//! time, or whose papers are awaited, is looked at.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::letters::LetterState;

pub const EDIT: Edit = Edit { code: "AUT_PREAUTH_INVALID", reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(letter) = &case.letter else { return };
    let outcome = match letter.state {
        LetterState::Issued | LetterState::Used => return,
        LetterState::Provisional | LetterState::Expired => EditOutcome::Pend,
        LetterState::Cancelled | LetterState::Lapsed => EditOutcome::Reject,
    };
    findings.claim(outcome, "letter_number", letter.state, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_letter_holds() {
        for (state, found) in [
            (LetterState::Issued, None),
            (LetterState::Used, None),
            (LetterState::Provisional, Some(EditOutcome::Pend)),
            (LetterState::Expired, Some(EditOutcome::Pend)),
            (LetterState::Cancelled, Some(EditOutcome::Reject)),
            (LetterState::Lapsed, Some(EditOutcome::Reject)),
        ] {
            let mut fixture = Fixture::clean();
            fixture.letter.as_mut().unwrap().state = state;
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|found| (None, found))), "{state}");
        }
    }
}
