//! `ksnik migrate`: brings the schema up to date, where serving does not do it by itself.

use std::process::ExitCode;

use super::{Common, assemble, print};
use crate::service::housekeeping;
use crate::store;

pub fn run(common: &Common) -> Result<ExitCode, String> {
    let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
    let mut db = app.pool.connect()?;
    let run = store::migrate::run(&mut db).map_err(|error| error.to_string())?;
    // An empty database gets its keys with its tables.
    housekeeping::prepare(&app, &mut db).map_err(|error| error.to_string())?;
    if run.is_empty() { print("the schema was up to date") } else { print(&format!("migrated: {}", run.join(", "))) }
}
