//! `ksnik rebuild-summaries`: counts all sums of the dashboard anew. The service keeps them up by itself; this is for whoever doubts them.

use std::process::ExitCode;

use super::{Common, assemble, open, print, told};
use crate::service::summaries;

pub fn run(common: &Common) -> Result<ExitCode, String> {
    let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
    let mut db = open(&app)?;
    let begun = std::time::Instant::now();
    let parts = summaries::rebuild(&app, &mut db).map_err(|error| told(&app, &error))?;
    print(&format!("{parts} parts were counted anew in {:.1} s", begun.elapsed().as_secs_f64()))
}
