//! The demo: a city that does not exist, in a database of its own. Facilities, users, prices and budgets first, then the named persons, then households until there
//! are as many people as were asked for.

mod budgets;
mod people;
mod prices;
mod staff;

use serde::{Deserialize, Serialize};

use super::App;
use crate::domain::roles::Role;
use crate::domain::synthetic::City;
use crate::error::{Error, Result};
use crate::store::db::Db;
use people::Batch;
use staff::Hired;

/// People a transaction: large enough that commits cost nothing, small enough that progress shows.
const AT_ONCE: usize = 1_000;

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

/// Fills an empty database; `made` hears how many people there are so far.
pub fn build(app: &App, db: &mut Db, plan: Plan, made: &mut dyn FnMut(usize)) -> Result<Vec<SignIn>> {
    let facilities = staff::found_facilities(app, db)?;
    let Hired { sign_ins, admins: [admin, second], finance } = staff::hire(app, db, &facilities)?;
    budgets::give(app, db, finance, admin)?;
    prices::publish(app, db, admin, second)?;
    let context = app.context();
    let today = app.city.today(context.now);
    let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
    let mut households = city.households(plan.participants).peekable();
    let mut count = 0;
    while households.peek().is_some() {
        let context = app.context();
        let keyring = db.keyring();
        let mut batch = Batch::new(&context, &keyring, admin, today);
        while batch.len() < AT_ONCE
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
