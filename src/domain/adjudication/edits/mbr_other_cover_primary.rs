//! `MBR_OTHER_COVER_PRIMARY`: what JKN covers on a day the city does not pay again, whatever a letter says.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rule_sets::DoubleFunding;

pub const EDIT: Edit = Edit {
    code: "MBR_OTHER_COVER_PRIMARY",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::DoubleFunded,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (bill, covered) = (case.bill, &case.coverage.jkn_days);
    let Some(first) = covered.first() else { return };
    let outcome = match case.rules.claims.double_funding {
        DoubleFunding::Reject => EditOutcome::Reject,
        DoubleFunding::Pend => EditOutcome::Pend,
    };
    if bill.admitted_on.iter_days().take_while(|day| *day <= bill.last_day()).all(|day| covered.contains(&day)) {
        findings.claim(outcome, "admitted_on", first, "");
        return;
    }
    let mut is_shared = true;
    for line in bill.lines.iter().filter(|line| covered.contains(&line.date)) {
        findings.line(line.line, outcome, "date", line.date, "");
        is_shared = false;
    }
    if is_shared {
        // No line is of such a day alone, as where one price stands for the stay: a person says which share is JKN's.
        findings.claim(EditOutcome::Pend, "admitted_on", first, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line};

    fn with_jkn_on(days: &[&str]) -> Fixture {
        let mut fixture = Fixture::clean();
        fixture.bill.lines.push(line(2, "J-4-16-I", "2026-11-03", 1_000));
        fixture.coverage.jkn_days = days.iter().copied().map(day).collect();
        fixture
    }

    #[test]
    fn each_day_is_paid_once() {
        let all = ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"];
        for (days, found) in [
            (&all[..0], vec![]),
            (&all[..], vec![(None, EditOutcome::Reject)]),
            (&all[1..], vec![(Some(2), EditOutcome::Reject)]),
            (&all[..1], vec![(Some(1), EditOutcome::Reject)]),
            (&all[3..], vec![(None, EditOutcome::Pend)]),
        ] {
            assert_eq!(with_jkn_on(days).found(EDIT.code), found, "{days:?}, under a letter all the same");
        }
    }

    #[test]
    fn the_rules_may_leave_it_to_a_person() {
        let mut fixture = with_jkn_on(&["2026-11-03"]);
        fixture.rules.claims.double_funding = DoubleFunding::Pend;
        assert_eq!(fixture.found(EDIT.code), [(Some(2), EditOutcome::Pend)]);
    }
}
