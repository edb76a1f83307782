//! Counting each night how the hospitals compare: the claims of the next day are judged by it.

use crate::domain::claim_statistics::{compare, first_day};
use crate::error::Result;
use crate::service::App;
use crate::store::db::{Db, write_quietly};
use crate::store::facility_statistics;
use crate::store::gate::Priority;

/// Counts, unless another process did today.
pub fn count(app: &App, db: &mut Db) -> Result<()> {
    let today = app.city.today(app.surroundings.now());
    if facility_statistics::counted_on(db)? == Some(today) {
        return Ok(());
    }
    let counts = facility_statistics::counts(db, first_day(today))?;
    let class_of = |id| app.memory.facility(id).map(|facility| (facility.kind, facility.class));
    let compared = compare(&counts, today, class_of);
    write_quietly(db, Priority::Bulk, "it is counted from claims that are recorded", |tx| facility_statistics::replace(tx, today, &compared))
}
