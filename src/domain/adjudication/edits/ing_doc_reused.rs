//! `ING_DOC_REUSED`: a document that lies with a claim of somebody else proves nothing about this one.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_DOC_REUSED", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for document in case.documents.iter().filter(|document| document.used_for_another) {
        findings.claim(EditOutcome::Pend, "document_ids", document.id, document.kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_document_is_of_one_patient() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.documents[1].used_for_another = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
