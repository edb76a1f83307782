//! `BEN_ROOM_CLASS`: the patient lay in a higher class than the scheme gives. Prices are those of the entitlement whatever the bed, so what is asked above
//! them is cut here: the hospital bears the rest, and so may not the patient. Where the hospital told a reason, such as a full ward, that is marked too.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Findings, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::WardClass;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "BEN_ROOM_CLASS",
    outcome: EditOutcome::Cap,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminWrongClass,
    judge: Judge::LookAndCap(look, Step::Tariff, cap),
    ..USUAL
};

const fn height(class: WardClass) -> u8 {
    match class {
        WardClass::III => 0,
        WardClass::II => 1,
        WardClass::I => 2,
        WardClass::Vip => 3,
    }
}

/// The class that was used and the one that the patient has a right to, where they are not the same and the first is higher.
fn above(case: &Case<'_>) -> Option<(WardClass, WardClass)> {
    let covered = || case.rules.ward.covered.iter().copied().max_by_key(|class| height(*class));
    let promised = case.letter.as_ref().and_then(|letter| letter.ward_class);
    let used = case.bill.ward_class_used.or(case.bill.ward_class)?;
    let entitled = promised.or(case.bill.ward_class).or_else(covered)?;
    (height(used) > height(entitled)).then_some((used, entitled))
}

fn look(case: &Case<'_>, findings: &mut Findings) {
    if let Some((used, entitled)) = above(case) {
        findings.claim(EditOutcome::Flag, "ward_class_used", used, entitled);
    }
}

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    // With a reason the tariff cuts what is above it, and nobody says that the class was wrong.
    above(case).filter(|_| case.bill.ward_class_reason.is_none())?;
    case.allowed(cut.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn what_the_letter_promised_is_the_class() {
        let mut fixture = Fixture::clean();
        (fixture.bill.ward_class, fixture.bill.ward_class_used) = (Some(WardClass::I), Some(WardClass::I));
        assert_eq!(fixture.found(EDIT.code), [], "the letter names none");
        fixture.letter.as_mut().unwrap().ward_class = Some(WardClass::III);
        assert_eq!(fixture.found(EDIT.code).first(), Some(&(None, EditOutcome::Flag)));
        fixture.letter.as_mut().unwrap().ward_class = Some(WardClass::I);
        assert_eq!(fixture.found(EDIT.code), []);
    }

    #[test]
    fn a_bed_above_the_entitlement_is_paid_as_the_entitlement() {
        for (entitled, used, reason, flagged, cut) in [
            (Some(WardClass::III), WardClass::III, false, false, 0),
            (Some(WardClass::II), WardClass::III, false, false, 0),
            (Some(WardClass::III), WardClass::II, false, true, 500_000),
            (Some(WardClass::III), WardClass::II, true, true, 0),
            (Some(WardClass::I), WardClass::Vip, false, true, 500_000),
            (None, WardClass::III, false, false, 0),
            (None, WardClass::II, false, true, 500_000),
        ] {
            let mut fixture = Fixture::clean();
            fixture.asks_amount(4_500_000);
            (fixture.bill.ward_class, fixture.bill.ward_class_used) = (entitled, Some(used));
            fixture.bill.ward_class_reason = reason.then(|| "penuh".to_owned());
            let flags = fixture.found(EDIT.code).into_iter().filter(|found| *found == (None, EditOutcome::Flag)).count();
            assert_eq!(flags, usize::from(flagged), "{entitled:?} {used}");
            assert_eq!(fixture.cut(EDIT.code), if cut > 0 { vec![(1, cut)] } else { vec![] }, "{entitled:?} {used} {reason}");
            assert_eq!(fixture.judged().payable, Rupiah(4_000_000));
        }
    }
}
