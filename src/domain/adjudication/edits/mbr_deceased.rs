//! `MBR_DECEASED`: no care is given after the day of a death. Care on that day was given to a living person.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "MBR_DECEASED",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(died) = case.person.deceased_on else { return };
    if case.bill.admitted_on > died {
        findings.claim(EditOutcome::Reject, "admitted_on", case.bill.admitted_on, died);
        return;
    }
    for line in case.bill.lines.iter().filter(|line| line.date > died) {
        findings.line(line.line, EditOutcome::Reject, "date", line.date, died);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line};

    #[test]
    fn a_death_ends_all_care() {
        for (died, found) in
            [("2026-10-31", vec![(None, EditOutcome::Reject)]), ("2026-11-01", vec![(Some(2), EditOutcome::Reject)]), ("2026-11-02", vec![])]
        {
            let mut fixture = Fixture::clean();
            fixture.bill.lines.push(line(2, "J-4-16-I", "2026-11-02", 1_000));
            fixture.person.deceased_on = Some(day(died));
            assert_eq!(fixture.found(EDIT.code), found, "{died}, under a letter all the same");
        }
    }
}
