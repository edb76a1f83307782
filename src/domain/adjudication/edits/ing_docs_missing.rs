//! `ING_DOCS_MISSING`: the documents that the list demands of such care are there.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "ING_DOCS_MISSING",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminDocMissing,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let tariffs: Vec<&str> = bill.lines.iter().map(|line| line.tariff_code.as_str()).collect();
    let procedures: Vec<_> = bill.procedures.iter().map(|procedure| procedure.code.clone()).collect();
    for (kind, mandatory) in case.lists.documents(bill.care_type, &tariffs, &procedures, bill.admitted_on) {
        if mandatory && !case.documents.iter().any(|document| document.kind == kind) {
            findings.claim(EditOutcome::Pend, "document_ids", kind, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, px};
    use crate::domain::documents::DocumentKind;

    #[test]
    fn what_the_list_demands_is_there() {
        for (removed, found) in [(DocumentKind::Letter, 0), (DocumentKind::Referral, 0), (DocumentKind::Bill, 1), (DocumentKind::Identity, 1)] {
            let mut fixture = Fixture::clean();
            fixture.documents.retain(|document| document.kind != removed);
            assert_eq!(fixture.found(EDIT.code), vec![(None, EditOutcome::Pend); found], "{removed}");
        }
        let mut fixture = Fixture::clean();
        fixture.documents.clear();
        assert_eq!(fixture.found(EDIT.code).len(), 3);
    }

    #[test]
    fn some_procedures_have_a_report() {
        let mut fixture = Fixture::clean();
        fixture.bill.procedures[0].code = px("81.54");
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        fixture.documents[2].kind = DocumentKind::Other;
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
