//! The demo: a city that does not exist, in a database of its own. Facilities, users, prices and budgets first, then the named persons, then households until there
//! are as many people as were asked for. All that is told as of long enough ago for a year to follow (`year`).

mod budgets;
mod papers;
mod people;
mod prices;
mod staff;
pub mod year;

use serde::{Deserialize, Serialize};

use super::App;
use crate::context::Context;
use crate::domain::roles::Role;
use crate::domain::synthetic::City;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::store::db::Db;
use people::Batch;
use staff::Hired;

/// People a transaction, at least: large enough that commits cost nothing, small enough that progress shows.
const AT_ONCE: usize = 1_000;
/// Transactions of a large city, at most: each writes all over the database.
const STEPS: usize = 25;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub participants: usize,
    pub seed: u64,
}

/// A user of the demo. The password is told to whoever runs the demo, and opens nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub username: String,
    pub password: String,
    pub role: Role,
    /// Where the user works, in words.
    pub place: String,
}

/// So many days ago the city began: more than a year, in which those who come to a hospital are known there.
const FOUNDED_DAYS_AGO: i64 = 400;

/// As if it were this instant.
fn context_at(app: &App, at: UtcTime) -> Context {
    let mut context = app.context();
    context.now = at;
    context.request_id = context.new_id();
    context
}

/// Fills an empty database; `made` hears how many people there are so far.
pub fn build(app: &App, db: &mut Db, plan: Plan, made: &mut dyn FnMut(usize)) -> Result<Vec<SignIn>> {
    let today = app.city.today(app.surroundings.now());
    let founding = context_at(app, app.surroundings.now().minus(chrono::Duration::days(FOUNDED_DAYS_AGO)));
    let facilities = staff::found_facilities(app, db, &founding)?;
    let Hired { sign_ins, admins: [admin, second], finance } = staff::hire(app, db, &founding, &facilities)?;
    budgets::give(app, db, &founding, (finance, admin), plan)?;
    prices::publish(db, &founding, admin, second)?;
    let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
    let mut households = city.households(plan.participants).peekable();
    let mut count = 0;
    let at_once = AT_ONCE.max(plan.participants / STEPS);
    db.make_room()?;
    while households.peek().is_some() {
        let keyring = db.keyring();
        let mut batch = Batch::new(&founding, &keyring, admin, (today, app.city.offset));
        while batch.len() < at_once
            && let Some(household) = households.next()
        {
            batch.add(&household)?;
        }
        count += batch.len();
        batch.write(db)?;
        made(count);
    }
    if count < plan.participants {
        return Err(Error::internal("the city has no villages to live in: demo needs those of config/reference/villages.csv"));
    }
    Ok(sign_ins)
}
