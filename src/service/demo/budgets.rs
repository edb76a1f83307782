//! What the city of the demo spends: a budget for last year and one for this, each with two revisions, and each of the size of the city.

use chrono::{Datelike, NaiveDate};

use super::Plan;
use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::domain::synthetic::year::{Place, year as year_of};
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::budgets::{self, Change, Proposal};
use crate::service::idempotency::Once;
use crate::store::db::Db;

/// What a case costs on average, and somewhat more: at the city's own hospital, and in the emergency ward of another.
const RSUD_CASE: i64 = 1_500_000;
const OTHERS_CASE: i64 = 230_000;

/// Finance proposes and the admin approves, as they would by hand.
pub fn give(app: &App, db: &mut Db, founding: &Context, (finance, admin): (Id, Id), plan: Plan) -> Result<()> {
    let today = app.city.today(app.surroundings.now());
    let this_year = today.year();
    let caller = |user_id, role| Caller { user_id, role, facility_id: None, session_id: None };
    let (finance, admin) = (caller(finance, Role::Finance), caller(admin, Role::Admin));
    let (proposes, approves) = (founding.clone().as_caller(finance), founding.clone().as_caller(admin));
    // A year is planned from how many came in one.
    let (at_rsud, elsewhere) = year_of(plan.seed, plan.participants, today).iter().fold((0, 0), |(rsud, others), episode| match episode.place {
        Place::Municipal => (rsud + 1, others),
        Place::Private => (rsud, others + 1),
    });
    for year in [this_year - 1, this_year] {
        let (rsud, others) = (at_rsud * RSUD_CASE, elsewhere * OTHERS_CASE);
        let proposal = Proposal { year, pots: vec![(Pot::Rsud, Rupiah(rsud)), (Pot::Others, Rupiah(others))] };
        let id = budgets::propose(app, db, &proposes, &finance, &proposal, &Once::plain())?.budget.id;
        budgets::approve(db, &approves, &admin, id, &Once::plain())?;
        for (pot, amount, (month, day), number) in [(Pot::Others, others * 15 / 100, (8, 1), 1), (Pot::Rsud, -rsud * 5 / 100, (10, 1), 2)] {
            let effective_on = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| Error::internal("a year without the first of a month"))?;
            let change = Change {
                pot,
                amount: Rupiah(amount),
                effective_on,
                legal_basis: format!("Perda Perubahan APBD {year}"),
                document_number: format!("DPPA-{number}/{year}"),
            };
            let (_, revision) = budgets::revise(app, db, &proposes, &finance, (id, &change), &Once::plain())?;
            budgets::approve_revision(db, &approves, &admin, (id, revision.id), &Once::plain())?;
        }
    }
    Ok(())
}
