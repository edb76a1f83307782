//! `ING_LATE_FILING`: a claim comes within the months of the rules or is lost. One that is merely late is paid and counted as late.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::{Clocks, ReasonCode};

pub const EDIT: Edit = Edit { code: "ING_LATE_FILING", reason: ReasonCode::Expired, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (clocks, last_day) = (Clocks::new(&case.rules.claims), case.bill.last_day());
    if case.received_on > clocks.expires_on(last_day) {
        findings.claim(EditOutcome::Reject, "discharged_on", case.received_on, clocks.expires_on(last_day));
    } else if clocks.is_late(last_day, case.received_on) {
        findings.claim(EditOutcome::Flag, "discharged_on", case.received_on, clocks.file_by(last_day));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn late_is_marked_and_expired_is_refused() {
        for (received_on, found) in [
            ("2026-12-10", None),
            ("2026-12-11", Some(EditOutcome::Flag)),
            ("2027-05-04", Some(EditOutcome::Flag)),
            ("2027-05-05", Some(EditOutcome::Reject)),
        ] {
            let mut fixture = Fixture::clean();
            fixture.received_on = day(received_on);
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|outcome| (None, outcome))), "{received_on}");
        }
    }
}
