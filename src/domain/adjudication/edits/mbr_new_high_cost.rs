//! `MBR_NEW_HIGH_COST`: much is asked for somebody who was registered just before, or after, the care began.

use chrono::NaiveDate;

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit =
    Edit { code: "MBR_NEW_HIGH_COST", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

/// Days from the registration to the admission (assumption).
const WITHIN_DAYS: i64 = 30;
/// Above this it is much: five times what a stay usually costs by the rules (assumption).
const ABOVE: Rupiah = Rupiah(20_000_000);

fn look(case: &Case<'_>, findings: &mut Findings) {
    let registered = |day: NaiveDate| (day - case.person.registered_on).num_days();
    let admitted_on = case.bill.admitted_on;
    // Nobody is registered before birth.
    let is_newborn = case.person.days_old_on(admitted_on).is_some_and(|days| days <= WITHIN_DAYS);
    if !is_newborn && registered(admitted_on) <= WITHIN_DAYS && case.bill.total_claimed > ABOVE {
        findings.claim(EditOutcome::Pend, "total_claimed", case.bill.total_claimed.0, ABOVE.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn a_costly_stay_soon_after_registration_is_looked_at() {
        for (registered_on, born, total, found) in [
            ("2026-10-02", "1990-02-15", 20_000_001, true),
            ("2026-11-03", "1990-02-15", 20_000_001, true),
            ("2026-10-02", "1990-02-15", 20_000_000, false),
            ("2026-10-01", "1990-02-15", 20_000_001, false),
            ("2026-10-02", "2026-10-02", 20_000_001, false),
        ] {
            let mut fixture = Fixture::clean();
            (fixture.person.registered_on, fixture.person.birth_date) = (day(registered_on), Some(day(born)));
            fixture.bill.total_claimed = Rupiah(total);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{registered_on} {born} {total}");
        }
    }
}
