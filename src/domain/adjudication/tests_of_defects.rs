//! Defects that were read in the claims modules of another system (openIMIS), each as a test that this one does not have it.

use proptest::prelude::*;

use super::tests::{Fixture, as_past, day, dx, line};
use super::*;
use crate::domain::claims::{ClaimState, Line, LineState};

/// Its ceilings of a category began anew with each claim, because what was used before was never loaded.
#[test]
fn ceilings_are_not_forgotten_between_claims() {
    let mut fixture = Fixture::clean();
    fixture.rules.claims.annual_ceiling = Some(Rupiah(6_000_000));
    fixture.rules.claims.family_ceiling = Some(Rupiah(9_000_000));
    let mut paid = Vec::new();
    for _ in 0..3 {
        let payable = fixture.judged().payable;
        fixture.used.by_person_in_year = fixture.used.by_person_in_year.plus(payable).unwrap();
        fixture.used.by_family_in_year = fixture.used.by_family_in_year.plus(payable).unwrap();
        paid.push(payable.0);
    }
    assert_eq!(paid, [4_000_000, 2_000_000, 0]);
}

/// Its quantity check read what was used before only where no quantity was approved yet.
#[test]
fn quantities_of_earlier_claims_count_whether_approved_or_not() {
    for (approved, state) in [(1_000_000, ClaimState::Paid), (0, ClaimState::Submitted)] {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![Line { quantity: 2, ..line(1, "13.41", "2026-11-02", 2_000_000) }]);
        let mut past = as_past(&fixture);
        (past.state, past.lines[0].quantity, past.lines[0].approved, past.lines[0].paid) = (state, 1, Rupiah(approved), Rupiah::ZERO);
        fixture.history = vec![past];
        let cut = fixture.judged_by(&[edits::find("BEN_QTY_PERIOD").unwrap()], &|_| false).adjustments;
        assert_eq!(cut.iter().map(|cut| cut.amount.0).collect::<Vec<_>>(), [1_000_000], "{state}");
    }
}

/// It showed the ceiling itself as what was left, with nothing subtracted.
#[test]
fn what_is_told_as_left_is_what_is_left() {
    let mut fixture = Fixture::clean();
    fixture.rules.claims.annual_ceiling = Some(Rupiah(10_000_000));
    fixture.used.by_person_in_year = Rupiah(7_500_000);
    let judged = fixture.judged();
    let hit = judged.hits.iter().find(|hit| hit.edit == "BEN_ANNUAL_CEILING").unwrap();
    assert_eq!((hit.value.as_deref(), hit.limit.as_deref()), (Some("4000000"), Some("2500000")));
    assert_eq!(judged.payable, Rupiah(2_500_000));
}

/// A remainder below zero, none left and no limit at all looked alike.
#[test]
fn none_left_is_not_no_limit() {
    let payable = |ceiling: Option<i64>, used: i64| {
        let mut fixture = Fixture::clean();
        fixture.rules.claims.annual_ceiling = ceiling.map(Rupiah);
        fixture.used.by_person_in_year = Rupiah(used);
        fixture.judged().payable.0
    };
    assert_eq!([payable(None, 10), payable(Some(10), 10), payable(Some(10), 99)], [4_000_000, 0, 0]);
}

/// It told of limits that nothing followed from.
#[test]
fn every_cap_that_is_told_cuts() {
    let mut fixture = Fixture::clean();
    fixture.rules.claims.annual_ceiling = Some(Rupiah(3_000_000));
    fixture.rules.claims.family_ceiling = Some(Rupiah(2_000_000));
    fixture.used.owed = Rupiah(500_000);
    fixture.asks_amount(4_200_000);
    let judged = fixture.judged();
    let capped: Vec<_> = judged.hits.iter().filter(|hit| hit.outcome == EditOutcome::Cap).map(|hit| (hit.edit.as_str(), hit.line)).collect();
    let cut: Vec<_> = judged.adjustments.iter().map(|cut| (cut.edit.as_str(), Some(cut.line))).collect();
    assert_eq!(capped, cut);
    assert_eq!(cut.len(), 4);
    assert_eq!(judged.payable, Rupiah(1_500_000));
}

/// Who had never used a service was not asked anything about it, because the question was joined with their past claims.
#[test]
fn rules_hold_for_who_comes_the_first_time() {
    let mut fixture = Fixture::clean();
    assert!(fixture.history.is_empty());
    fixture.asks(vec![Line { quantity: 3, ..line(1, "13.41", "2026-11-02", 3_000_000) }]);
    assert_eq!(fixture.cut("BEN_QTY_PERIOD"), [(1, 1_000_000)]);
    fixture.bill.diagnoses[0].code = dx("C61");
    assert_eq!(fixture.found("CLN_SEX_DX"), [(None, EditOutcome::Reject)]);
}

/// Its test for adults was always true, so the branch for children never ran.
#[test]
fn children_and_adults_are_told_apart() {
    let found = |born: &str, code: &str| {
        let mut fixture = Fixture::clean();
        fixture.person.birth_date = Some(day(born));
        fixture.bill.diagnoses[0].code = dx(code);
        !fixture.found("CLN_AGE_DX").is_empty()
    };
    assert_eq!([found("2020-01-01", "F90.0"), found("1990-01-01", "F90.0")], [false, true], "of children");
    assert_eq!([found("2020-01-01", "F03"), found("1990-01-01", "F03")], [true, false], "of adults");
}

/// What was wrong with one claim of a batch was told of the next.
#[test]
fn nothing_of_one_claim_is_told_of_the_next() {
    let clean = Fixture::clean();
    let before = clean.judged();
    let mut bad = Fixture::clean();
    bad.bill.total_claimed = Rupiah::ZERO;
    bad.bill.lines[0].quantity = 0;
    assert_eq!(bad.judged().verdict, Verdict::Reject);
    assert_eq!(clean.judged(), before);
}

/// A claim that was refused, withdrawn or never sent counted like one that was paid.
#[test]
fn what_is_not_alive_does_not_count() {
    for state in [ClaimState::Draft, ClaimState::Rejected, ClaimState::Withdrawn, ClaimState::Expired] {
        let mut fixture = Fixture::clean();
        let mut past = as_past(&fixture);
        past.state = state;
        fixture.history = vec![past];
        assert_eq!(fixture.judged().hits, [], "{state}");
    }
}

prop_compose! {
    fn any_line()(number in 1..40_i32, code in 0..9_usize, date in 0..3_i64, quantity in 1..4_i32, claimed in 0..4_000_000_i64) -> Line {
        let code = ["J-4-16-I", "B-1-13-I", "K-1-10-I", "LAB-001", "ROOM-III", "13.41", "45.23", "45.24", "87.44"][code];
        Line { quantity, date: day("2026-11-01") + chrono::Duration::days(date), ..line(number, code, "2026-11-01", claimed) }
    }
}

fn with_all_limits(mut lines: Vec<Line>, (person, family, owed): (i64, i64, i64)) -> Fixture {
    lines.sort_by_key(|line| line.line);
    lines.dedup_by_key(|line| line.line);
    let mut fixture = Fixture::clean();
    for (code, amount) in [("B-1-13-I", 3_000_000), ("LAB-001", 90_000), ("ROOM-III", 150_000), ("13.41", 1_000_000), ("45.24", 400_000)] {
        fixture.prices.insert(code.to_owned(), Priced { amount: Rupiah(amount), payment_percent: 90 });
    }
    fixture.asks(lines);
    fixture.rules.claims.annual_ceiling = Some(Rupiah(person));
    fixture.rules.claims.family_ceiling = Some(Rupiah(family));
    fixture.used.owed = Rupiah(owed);
    fixture
}

proptest! {
    /// Its manual warns that totals depend on the order of the lines where several ceilings meet.
    #[test]
    fn the_order_of_lines_changes_nothing_where_all_limits_meet(
        lines in prop::collection::vec(any_line(), 1..14),
        limits in (1..12_000_000_i64, 1..12_000_000_i64, 0..2_000_000_i64),
        turn in 0..14_usize,
    ) {
        let fixture = with_all_limits(lines, limits);
        let mut turned = with_all_limits(fixture.bill.lines.clone(), limits);
        let length = turned.bill.lines.len();
        turned.bill.lines.rotate_left(turn % length);
        turned.bill.lines.reverse();
        let (one, other) = (fixture.judged(), turned.judged());
        prop_assert_eq!((one.payable, one.verdict), (other.payable, other.verdict));
        prop_assert_eq!(&one.adjustments, &other.adjustments);
        prop_assert!(one.payable.0 <= limits.0.min(limits.1), "{} of {limits:?}", one.payable);
        let cut = Rupiah::sum(one.adjustments.iter().map(|cut| cut.amount)).unwrap();
        prop_assert_eq!(fixture.bill.claimed().unwrap().minus(cut).unwrap(), one.payable);
        for line in &one.lines {
            prop_assert!(line.state != LineState::Rejected || line.payable == Rupiah::ZERO);
        }
    }

    /// One bad line took others with it.
    #[test]
    fn a_line_that_is_refused_takes_no_other_with_it(lines in prop::collection::vec(any_line(), 1..10), mut bad in any_line()) {
        let none = (i64::MAX, i64::MAX, 0);
        let before = with_all_limits(lines.clone(), none).judged();
        (bad.line, bad.quantity) = (99, 0);
        let after = with_all_limits(lines.into_iter().chain([bad]).collect(), none).judged();
        for line in &before.lines {
            let same = after.lines.iter().find(|other| other.line == line.line).unwrap();
            prop_assert_eq!((line.state, line.payable), (same.state, same.payable));
        }
    }
}
