//! `MBR_NEWBORN_WINDOW`: a newborn is paid for through its mother for the days of the rules, which is marked; later only with a NIK of its own.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_NEWBORN_WINDOW",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (person, coverage) = (&case.person, &case.coverage);
    if coverage.fails(RuleCode::NewbornCovered) {
        case.find_failing(&[RuleCode::NewbornCovered], "check_id", findings);
    } else if person.covered_through_mother || coverage.warns(RuleCode::NewbornCovered) {
        let age = person.days_old_on(case.bill.admitted_on).map(|days| days.to_string()).unwrap_or_default();
        findings.claim(EditOutcome::Flag, "check_id", age, case.rules.newborn.through_mother_days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_child_counts_through_its_mother_for_a_while() {
        for (through_mother, outcome, found) in [
            (false, Outcome::NotApplicable, None),
            (true, Outcome::Pass, Some(EditOutcome::Flag)),
            (false, Outcome::Warn, Some(EditOutcome::Flag)),
            (false, Outcome::Fail, Some(EditOutcome::Reject)),
            (true, Outcome::Fail, Some(EditOutcome::Reject)),
        ] {
            let mut fixture = Fixture::outpatient().saying(RuleCode::NewbornCovered, outcome);
            fixture.person.covered_through_mother = through_mother;
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|found| (None, found))), "{through_mother} {outcome}");
        }
    }
}
