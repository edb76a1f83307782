//! `BEN_FREQUENCY`: what a stay has only so often is done again too soon, before or after, at any hospital. A line for it is not paid where the limit is
//! hard and the other was granted; everything else is looked at, and so is a second stay.

use chrono::Days;

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, Scope, USUAL};
use crate::domain::claim_lists::{ProcedureLimit, Strength};
use crate::domain::claims::ReasonCode;

/// Days in which the number of one stay holds for all of them. Assumption: as long as a stay counts as a readmission.
const DAYS: u64 = 30;

pub const EDIT: Edit = Edit {
    code: "BEN_FREQUENCY",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::MedicalIndication,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let on = case.bill.admitted_on;
    let mut told: Vec<&ProcedureLimit> = Vec::new();
    for line in &case.bill.lines {
        let Some(procedure) = case.procedure_of(&line.tariff_code) else { continue };
        for limit in case.lists.procedure_limits(&procedure, on) {
            let Some((granted, most)) = too_soon(case, limit) else { continue };
            let rejects = granted && limit.people.strength == Strength::Hard;
            findings.line(line.line, if rejects { EditOutcome::Reject } else { EditOutcome::Pend }, "tariff_code", &line.tariff_code, most);
            told.push(limit);
        }
    }
    for procedure in &case.bill.procedures {
        for limit in case.lists.procedure_limits(&procedure.code, on) {
            let Some((_, most)) = too_soon(case, limit).filter(|_| !told.contains(&limit)) else { continue };
            findings.claim(EditOutcome::Pend, "procedures", &procedure.code, most);
            told.push(limit);
        }
    }
}

/// Whether too many were done within the days, all of the other ones surely, and how many may be. What is done once in a lifetime is asked elsewhere.
fn too_soon(case: &Case<'_>, limit: &ProcedureLimit) -> Option<(bool, i64)> {
    let most = limit.max_per_stay.filter(|_| !limit.once_in_lifetime).map(i64::from)?;
    let bill = case.bill;
    let days = bill.admitted_on.checked_sub_days(Days::new(DAYS))?..=bill.last_day().checked_add_days(Days::new(DAYS))?;
    let times = |claim: &PastClaim| {
        let listed = claim.procedures.iter().filter(|(code, date)| limit.procedure.contains(code) && days.contains(date)).count();
        let of_lines = claim.standing_lines().filter(|line| case.is_of_block(&line.tariff_code, &limit.procedure) && days.contains(&line.date));
        // The same procedure stands in both lists.
        i64::try_from(listed).unwrap_or(i64::MAX).max(of_lines.map(|line| i64::from(line.quantity)).sum())
    };
    let is_sure = |claim: &PastClaim| claim.is_granted() && !case.may_be_readmission(claim);
    let others: Vec<(bool, i64)> = case.others().map(|claim| (is_sure(claim), times(claim))).filter(|(_, times)| *times > 0).collect();
    let listed = bill.procedures.iter().filter(|procedure| limit.procedure.contains(&procedure.code)).count();
    let of_lines = bill.lines.iter().filter(|line| case.is_of_block(&line.tariff_code, &limit.procedure)).map(|line| i64::from(line.quantity)).sum();
    let here = i64::try_from(listed).unwrap_or(i64::MAX).max(of_lines);
    let elsewhere: i64 = others.iter().map(|(_, times)| times).sum();
    (!others.is_empty() && here.saturating_add(elsewhere) > most).then(|| (others.iter().all(|(granted, _)| *granted), most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::claims::{ClaimState, Procedure};
    use crate::domain::eligibility::CareType;

    fn again(date: &str, (before, now): (&str, &str)) -> Fixture {
        let mut fixture = Fixture::clean();
        let mut past = Fixture::past(1);
        past.procedures = vec![(px(before), day(date))];
        fixture.history = vec![past];
        fixture.bill.procedures = vec![Procedure { code: px(now), date: day("2026-11-02") }];
        fixture
    }

    #[test]
    fn too_soon_before_and_after() {
        for (date, found) in [("2026-10-01", false), ("2026-10-02", true), ("2026-12-04", true), ("2026-12-05", false)] {
            let expected = if found { vec![(None, EditOutcome::Pend)] } else { vec![] };
            assert_eq!(again(date, ("53.00", "53.01")).found(EDIT.code), expected, "{date}");
        }
        assert_eq!(again("2026-10-20", ("13.41", "13.41")).found(EDIT.code), [], "the other eye");
        assert_eq!(again("2026-10-20", ("47.01", "53.01")).found(EDIT.code), []);
    }

    #[test]
    fn a_line_is_refused_where_the_limit_is_hard_and_the_other_was_granted() {
        for (code, care, state, outcome) in [
            ("74.1", CareType::Outpatient, ClaimState::Paid, EditOutcome::Reject),
            ("74.1", CareType::Outpatient, ClaimState::Submitted, EditOutcome::Pend),
            ("74.1", CareType::Inpatient, ClaimState::Paid, EditOutcome::Pend),
            ("53.01", CareType::Outpatient, ClaimState::Paid, EditOutcome::Pend),
        ] {
            let mut fixture = again("2026-10-20", (code, code));
            (fixture.history[0].state, fixture.history[0].care_type) = (state, care);
            fixture.asks_also(line(2, code, "2026-11-02", 1_000));
            assert_eq!(fixture.found(EDIT.code), [(Some(2), outcome)], "{code} {state}");
            fixture.history[0].state = ClaimState::Withdrawn;
            assert_eq!(fixture.found(EDIT.code), [], "{code} withdrawn");
        }
    }
}
