//! `DUP_LINE`: the same code on the same day was granted to this person before, at any hospital. One that is not decided yet, or stands twice on this bill,
//! is looked at, and so is one of another stay.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "DUP_LINE", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for line in &case.bill.lines {
        let has_it = |claim: &&PastClaim| claim.standing_lines().any(|other| other.tariff_code == line.tariff_code && other.date == line.date);
        let mut others = case.others().filter(|claim| claim.earlier).filter(has_it).peekable();
        let twice_here = || {
            case.bill.lines.iter().any(|other| {
                other.line < line.line
                    && (&other.tariff_code, other.date, other.quantity, other.claimed_amount)
                        == (&line.tariff_code, line.date, line.quantity, line.claimed_amount)
            })
        };
        let outcome = if others.peek().is_some() {
            if others.any(|claim| claim.is_granted() && !case.may_be_readmission(claim)) { EditOutcome::Reject } else { EditOutcome::Pend }
        } else if twice_here() {
            EditOutcome::Pend
        } else {
            continue;
        };
        findings.line(line.line, outcome, "tariff_code", &line.tariff_code, line.date);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line};
    use crate::domain::claims::ClaimState;
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn a_service_of_a_day_is_paid_once() {
        for (code, date, state, approved, outcome) in [
            ("J-4-16-I", "2026-11-01", ClaimState::Paid, 1, Some(EditOutcome::Reject)),
            ("J-4-16-I", "2026-11-01", ClaimState::ApprovedPartial, 0, None),
            ("J-4-16-I", "2026-11-01", ClaimState::InVerification, 0, Some(EditOutcome::Pend)),
            ("J-4-16-I", "2026-11-01", ClaimState::Expired, 1, None),
            ("J-4-16-I", "2026-11-02", ClaimState::Paid, 1, None),
            ("J-4-16-II", "2026-11-01", ClaimState::Paid, 1, None),
        ] {
            let mut fixture = Fixture::clean();
            let mut past = Fixture::past(1);
            (past.state, past.admitted_on) = (state, day("2026-11-01"));
            (past.lines[0].tariff_code, past.lines[0].date) = (code.to_owned(), day(date));
            (past.lines[0].approved, past.lines[0].paid) = (Rupiah(approved), Rupiah::ZERO);
            fixture.history = vec![past];
            let expected = outcome.map(|outcome| (Some(1), outcome)).into_iter().collect::<Vec<_>>();
            assert_eq!(fixture.found(EDIT.code), expected, "{code} {date} {state} {approved}");
        }
    }

    #[test]
    fn a_readmission_of_the_same_day_is_not_refused() {
        let mut fixture = Fixture::clean();
        let mut past = Fixture::past(1);
        past.discharged_on = Some(day("2026-11-01"));
        (past.lines[0].tariff_code, past.lines[0].date) = ("J-4-16-I".to_owned(), day("2026-11-01"));
        fixture.history = vec![past];
        assert_eq!(fixture.found(EDIT.code), [(Some(1), EditOutcome::Pend)]);
    }

    #[test]
    fn a_line_that_stands_twice_is_looked_at() {
        for (amount, found) in [(90_000, vec![(Some(3), EditOutcome::Pend)]), (90_001, vec![])] {
            let mut fixture = Fixture::clean();
            fixture.bill.lines.extend([line(2, "LAB-001", "2026-11-02", 90_000), line(3, "LAB-001", "2026-11-02", amount)]);
            assert_eq!(fixture.found(EDIT.code), found);
        }
    }
}
