//! What the city of the demo spends: a budget for last year and one for this, each with two revisions.

use chrono::{Datelike, NaiveDate};

use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::budgets::{self, Change, Proposal};
use crate::service::idempotency::Once;
use crate::store::db::Db;

const BILLION: i64 = 1_000_000_000;

/// Finance proposes and the admin approves, as they would by hand.
pub fn give(app: &App, db: &mut Db, finance: Id, admin: Id) -> Result<()> {
    let this_year = app.city.today(app.surroundings.now()).year();
    let caller = |user_id, role| Caller { user_id, role, facility_id: None, session_id: None };
    let (finance, admin) = (caller(finance, Role::Finance), caller(admin, Role::Admin));
    for (year, rsud, others) in [(this_year - 1, 105, 250), (this_year, 110, 270)] {
        let (proposes, approves) = (app.context().as_caller(finance), app.context().as_caller(admin));
        let proposal = Proposal { year, pots: vec![(Pot::Rsud, Rupiah(rsud * BILLION)), (Pot::Others, Rupiah(others * BILLION))] };
        let id = budgets::propose(app, db, &proposes, &finance, &proposal, &Once::plain())?.budget.id;
        budgets::approve(db, &approves, &admin, id, &Once::plain())?;
        for (pot, billions, (month, day), number) in [(Pot::Others, 40, (8, 1), 1), (Pot::Rsud, -5, (10, 1), 2)] {
            let effective_on = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| Error::internal("a year without the first of a month"))?;
            let change = Change {
                pot,
                amount: Rupiah(billions * BILLION),
                effective_on,
                legal_basis: format!("Perda Perubahan APBD {year}"),
                document_number: format!("DPPA-{number}/{year}"),
            };
            let (proposes, approves): (Context, Context) = (app.context().as_caller(finance), app.context().as_caller(admin));
            let (_, revision) = budgets::revise(app, db, &proposes, &finance, (id, &change), &Once::plain())?;
            budgets::approve_revision(db, &approves, &admin, (id, revision.id), &Once::plain())?;
        }
    }
    Ok(())
}
