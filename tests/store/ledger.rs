//! The ledger's balances, on both databases: many who post at once lose nothing and do not stand in each other's way.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use ksnik::context::Machine;
use ksnik::domain::budget::{Account, Balances, Move, Posting, PostingKind, Pot};
use ksnik::domain::id::Id;
use ksnik::domain::roles::{Caller, Role};
use ksnik::domain::rupiah::Rupiah;
use ksnik::error::{Error, Result};
use ksnik::service::budgets::Proposal;
use ksnik::service::idempotency::Once;
use ksnik::service::{App, budgets, ledger};
use ksnik::store;
use ksnik::store::audit::Event;
use ksnik::store::db::{Db, Tx, write};
use ksnik::store::gate::Priority;

use super::support::databases::Database;
use super::support::{on_both, product};

const THREADS: usize = 16;
const ROUNDS: i64 = 12;

fn opened(database: &Database) -> Arc<App> {
    let app = product::app(product::settings(database.url(), &[("database.pool_size", "16")]), Arc::new(Machine));
    ksnik::service::keys::unlock(&mut app.pool.connect().unwrap(), &app.settings, &app.context()).unwrap();
    app
}

fn posting(app: &App, (year, pot): (i32, Pot), kind: PostingKind, moves: &[(Account, Account, i64)]) -> Posting {
    let moves = moves.iter().map(|(from, to, amount)| Move { from: *from, to: *to, amount: Rupiah(*amount) }).collect();
    let occurred_on = NaiveDate::from_ymd_opt(year, 11, 1).unwrap();
    Posting { year, pot, kind, object_id: app.context().new_id(), occurred_on, moves }
}

fn in_one(app: &App, db: &mut Db, work: impl Fn(&mut Tx) -> Result<()>) -> Result<()> {
    let context = app.context();
    write(db, Priority::People, |tx| {
        tx.record(Event::new(&context, "test.posted"));
        work(tx)
    })
}

fn books(app: &App, year: i32) -> BTreeMap<Pot, Balances> {
    store::ledger::balances(&mut app.pool.get().unwrap(), year).unwrap()
}

on_both!(many_who_post_at_once_lose_nothing);
async fn many_who_post_at_once_lose_nothing(database: Database) {
    use Account::{Available, Billed, Incurred, Reserved};
    let app = opened(&database);
    let places = [(2026, Pot::Rsud), (2026, Pot::Others), (2027, Pot::Rsud)];
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let app = &app;
            scope.spawn(move || {
                let mut db = app.pool.get().unwrap();
                for round in 0..ROUNDS {
                    // Each begins elsewhere: who took the rows as they came would meet others who hold what they want next.
                    let mut order = places;
                    order.rotate_left((thread + usize::try_from(round).unwrap()) % 3);
                    let postings: Vec<_> = order
                        .into_iter()
                        .flat_map(|place| {
                            [
                                posting(app, place, PostingKind::LetterIssued, &[(Available, Reserved, 10 + round)]),
                                posting(app, place, PostingKind::LetterAdmitted, &[(Reserved, Incurred, 7)]),
                                posting(app, place, PostingKind::ClaimSubmitted, &[(Incurred, Billed, 5), (Incurred, Available, 2)]),
                            ]
                        })
                        .collect();
                    in_one(app, &mut db, |tx| postings.iter().try_for_each(|posting| ledger::post(tx, &app.context(), posting))).unwrap();
                }
            });
        }
    });
    let rounds = i64::try_from(THREADS).unwrap() * ROUNDS;
    let reserved: i64 = i64::try_from(THREADS).unwrap() * (0..ROUNDS).map(|round| 10 + round).sum::<i64>();
    for (year, pot) in places {
        let balances = books(&app, year)[&pot].clone();
        let stand = [Available, Reserved, Incurred, Billed].map(|account| balances.of(account).0);
        assert_eq!(stand, [2 * rounds - reserved, reserved - 7 * rounds, 0, 5 * rounds], "{year} {pot}");
        assert_eq!(balances.over(Account::ALL), Ok(Rupiah::ZERO));
    }
}

/// A budget of 2026 with 1,000 in one pot, approved.
fn given(app: &App, db: &mut Db) -> Id {
    let caller = |role| Caller { user_id: app.context().new_id(), role, facility_id: None, session_id: None };
    let (finance, admin) = (caller(Role::Finance), caller(Role::Admin));
    let proposal = Proposal { year: 2026, pots: vec![(Pot::Rsud, Rupiah(1_000))] };
    let id = budgets::propose(app, db, &app.context(), &finance, &proposal, &Once::plain()).unwrap().budget.id;
    budgets::approve(db, &app.context(), &admin, id, &Once::plain()).unwrap();
    id
}

on_both!(many_who_cross_a_threshold_at_once_tell_of_it_once);
async fn many_who_cross_a_threshold_at_once_tell_of_it_once(database: Database) {
    use Account::{Available, Reserved};
    let app = opened(&database);
    let id = given(&app, &mut app.pool.get().unwrap());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut db = app.pool.get().unwrap();
                for _ in 0..10 {
                    let issued = posting(&app, (2026, Pot::Rsud), PostingKind::LetterIssued, &[(Available, Reserved, 7)]);
                    in_one(&app, &mut db, |tx| ledger::post(tx, &app.context(), &issued)).unwrap();
                }
            });
        }
    });
    let mut db = app.pool.get().unwrap();
    let later = app.context().now.plus(chrono::Duration::days(1));
    let mut alerts = store::budget_alerts::of_budget(&mut db, id, later).unwrap();
    alerts.sort_by_key(|alert| alert.percent);
    // The first multiple of 7 that reaches each.
    let told: Vec<_> = alerts.iter().map(|alert| (alert.percent, alert.used.0)).collect();
    assert_eq!(told, [(50, 504), (75, 756), (90, 903), (100, 1_001)]);
    assert_eq!(books(&app, 2026)[&Pot::Rsud].of(Available), Rupiah(1_000 - 7 * 10 * i64::try_from(THREADS).unwrap()));
    let verdict = ksnik::service::audit::verify(&mut db, true, &mut std::iter::empty()).unwrap();
    assert_eq!(verdict.broken, None);
}

on_both!(what_is_taken_back_leaves_no_balance);
async fn what_is_taken_back_leaves_no_balance(database: Database) {
    use Account::{Available, Paid, Reserved};
    let app = opened(&database);
    let mut db = app.pool.get().unwrap();
    let issued = posting(&app, (2026, Pot::Rsud), PostingKind::LetterIssued, &[(Available, Reserved, 100)]);
    let impossible = posting(&app, (2026, Pot::Rsud), PostingKind::LetterIssued, &[(Available, Paid, 100)]);
    let failed = in_one(&app, &mut db, |tx| {
        ledger::post(tx, &app.context(), &issued)?;
        ledger::post(tx, &app.context(), &impossible)
    });
    assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
    assert_eq!(books(&app, 2026), BTreeMap::new());
    in_one(&app, &mut db, |tx| {
        ledger::post(tx, &app.context(), &issued)?;
        tx.rehearse(|tx| ledger::post(tx, &app.context(), &issued))?;
        let refused = tx.attempt(|tx| {
            ledger::post(tx, &app.context(), &issued)?;
            Err::<(), Error>(Error::internal("a part that fails"))
        });
        assert!(refused.is_err());
        Ok(())
    })
    .unwrap();
    assert_eq!(books(&app, 2026)[&Pot::Rsud].of(Reserved), Rupiah(100));
}
