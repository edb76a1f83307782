//! `ING_NO_DISCHARGE`: a stay is billed when it is over, and with how it ended.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_NO_DISCHARGE", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if !case.is_stay() {
        return;
    }
    for (field, missing) in [("discharged_on", case.bill.discharged_on.is_none()), ("discharge_status", case.bill.discharge_status.is_none())] {
        if missing {
            findings.claim(EditOutcome::Reject, field, "", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn only_stays_end() {
        let mut fixture = Fixture::clean();
        fixture.bill.discharge_status = None;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
        fixture.bill.discharged_on = None;
        assert_eq!(fixture.found(EDIT.code).len(), 2);
        assert_eq!(Fixture::outpatient().found(EDIT.code), []);
    }
}
