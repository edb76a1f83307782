//! The ledger's promises: whatever is posted, every pot of every year sums to zero, and everything posted can be taken back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;

fn facility(kind: FacilityKind, government: bool, inside_city: bool) -> Facility {
    Facility {
        id: Id::from_bytes([1; 16]),
        version: 1,
        code: None,
        name: "RS Teratai".into(),
        kind,
        class: None,
        government,
        inside_city,
        village_code: None,
        beds: None,
        address: None,
        contracts: Vec::new(),
    }
}

#[test]
fn the_citys_own_hospitals_have_a_pot_of_their_own() {
    use FacilityKind::{Clinic, Hospital, Puskesmas};
    for (kind, government, inside_city, pot) in [
        (Hospital, true, true, Pot::Rsud),
        (Hospital, true, false, Pot::Others),
        (Hospital, false, true, Pot::Others),
        (Hospital, false, false, Pot::Others),
        (Puskesmas, true, true, Pot::Others),
        (Clinic, false, true, Pot::Others),
    ] {
        assert_eq!(Pot::of(&facility(kind, government, inside_city)), pot, "{kind} government {government} inside {inside_city}");
    }
}

fn allowed() -> Vec<(PostingKind, Account, Account)> {
    let pairs = |kind: PostingKind| Account::ALL.iter().flat_map(move |from| Account::ALL.iter().map(move |to| (kind, *from, *to)));
    PostingKind::ALL.iter().flat_map(|kind| pairs(*kind)).filter(|(kind, from, to)| kind.allows(*from, *to)).collect()
}

#[test]
fn whatever_a_kind_may_move_can_be_taken_back() {
    for (kind, from, to) in allowed() {
        assert_ne!(from, to, "{kind}");
        assert!(kind.undone_by().allows(to, from), "{kind} moves from {from} to {to}, and {} does not take it back", kind.undone_by());
    }
    for kind in PostingKind::ALL {
        assert!(allowed().iter().any(|(one, ..)| one == kind), "{kind} moves nothing");
    }
}

fn posting(kind: PostingKind, moves: &[(Account, Account, i64)]) -> Posting {
    let moves = moves.iter().map(|(from, to, amount)| Move { from: *from, to: *to, amount: Rupiah(*amount) }).collect();
    let occurred_on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    Posting { year: 2026, pot: Pot::Rsud, kind, object_id: Id::from_bytes([7; 16]), occurred_on, moves }
}

#[test]
fn what_is_no_posting_is_refused() {
    use Account::{Appropriation, Available, Billed, Paid, Reserved};
    let not_allowed = |kind, from, to| PostingFault::NotAllowed { kind, from, to };
    for (kind, moves, fault) in [
        (PostingKind::LetterIssued, (Available, Reserved, -1), PostingFault::Negative),
        (PostingKind::LetterIssued, (Available, Available, 1), not_allowed(PostingKind::LetterIssued, Available, Available)),
        (PostingKind::LetterIssued, (Reserved, Available, 1), not_allowed(PostingKind::LetterIssued, Reserved, Available)),
        (PostingKind::PaymentSettled, (Billed, Paid, 1), not_allowed(PostingKind::PaymentSettled, Billed, Paid)),
        (PostingKind::ClaimDecided, (Appropriation, Available, 1), not_allowed(PostingKind::ClaimDecided, Appropriation, Available)),
    ] {
        assert_eq!(posting(kind, &[moves]).changes(), Err(fault));
    }
    let largest = [(Available, Reserved, i64::MAX), (Available, Reserved, 1)];
    assert!(matches!(posting(PostingKind::LetterIssued, &largest).changes(), Err(PostingFault::TooLarge(_))));
}

#[test]
fn moves_of_nothing_are_dropped() {
    use Account::{Available, Billed, Reserved};
    assert_eq!(posting(PostingKind::LetterIssued, &[(Available, Reserved, 0)]).changes(), Ok(BTreeMap::new()));
    let claim = posting(PostingKind::ClaimSubmitted, &[(Reserved, Billed, 700), (Reserved, Available, 300), (Available, Billed, 0)]);
    let expected = BTreeMap::from([(Available, Rupiah(300)), (Reserved, Rupiah(-1_000)), (Billed, Rupiah(700))]);
    assert_eq!(claim.changes(), Ok(expected));
}

fn postings() -> impl Strategy<Value = Posting> {
    let moves_of = |kind: PostingKind| {
        let pairs: Vec<_> = allowed().into_iter().filter(|(one, ..)| *one == kind).map(|(_, from, to)| (from, to)).collect();
        proptest::collection::vec((select(pairs), 0i64..1_000_000_000_000), 1..5)
    };
    (2025i32..2028, select(Pot::ALL), select(PostingKind::ALL)).prop_flat_map(move |(year, pot, kind)| {
        moves_of(kind).prop_map(move |moves| {
            let moves: Vec<_> = moves.into_iter().map(|((from, to), amount)| (from, to, amount)).collect();
            Posting { year, pot, ..posting(kind, &moves) }
        })
    })
}

type Books = BTreeMap<(i32, Pot), Balances>;

fn post(books: &mut Books, posting: &Posting) {
    let balances = books.entry((posting.year, posting.pot)).or_default();
    for (account, amount) in posting.changes().unwrap() {
        balances.add(account, amount).unwrap();
    }
}

proptest! {
    #[test]
    fn every_pot_of_every_year_sums_to_zero(postings in proptest::collection::vec(postings(), 0..40)) {
        let mut books = Books::new();
        for posting in &postings {
            post(&mut books, posting);
            for balances in books.values() {
                prop_assert_eq!(balances.over(Account::ALL), Ok(Rupiah::ZERO));
            }
        }
    }

    #[test]
    fn each_account_holds_what_came_less_what_went(postings in proptest::collection::vec(postings(), 0..40)) {
        let mut books = Books::new();
        postings.iter().for_each(|posting| post(&mut books, posting));
        for ((year, pot), balances) in &books {
            for account in Account::ALL {
                let moves = postings.iter().filter(|posting| (posting.year, posting.pot) == (*year, *pot)).flat_map(|posting| &posting.moves);
                let counted: i64 = moves
                    .map(|one| if one.to == *account { one.amount.0 } else if one.from == *account { -one.amount.0 } else { 0 })
                    .sum();
                prop_assert_eq!(balances.of(*account), Rupiah(counted), "{} {} {}", year, pot, account);
            }
        }
    }

    #[test]
    fn a_reversal_gives_back_what_was(before in proptest::collection::vec(postings(), 0..10), posting in postings()) {
        let mut books = Books::new();
        before.iter().for_each(|posting| post(&mut books, posting));
        let of = |books: &Books| Account::ALL.iter().map(|account| books.get(&(posting.year, posting.pot)).map_or(Rupiah::ZERO, |one| one.of(*account))).collect::<Vec<_>>();
        let was = of(&books);
        post(&mut books, &posting);
        post(&mut books, &posting.reversed());
        prop_assert_eq!(of(&books), was);
    }
}
