//! `FRD_RANDOM_SAMPLE`: this claim was drawn to be looked at by a person, whatever else was found: only so is it known what passes unseen.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "FRD_RANDOM_SAMPLE", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.sampled {
        findings.claim(EditOutcome::Pend, "claim", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Verdict;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn what_was_drawn_is_looked_at() {
        for (sampled, verdict) in [(false, Verdict::Pay), (true, Verdict::Pend)] {
            let mut fixture = Fixture::clean();
            fixture.sampled = sampled;
            assert_eq!(fixture.judged().verdict, verdict);
            assert_eq!(fixture.found(EDIT.code).len(), usize::from(sampled));
        }
    }
}
