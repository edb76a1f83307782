//! `ksnik signals scan`: goes through everybody at once who was registered or changed since the last scan.

use std::process::ExitCode;

use super::{Common, assemble, context, open, print, told};
use crate::service::{lookup_watch, signal_scan};

#[derive(clap::Args)]
pub struct Signals {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Looks for what people share, and for look-ups without a visit. Who was registered in the last five minutes is left for the next scan.
    Scan,
}

impl Signals {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let Action::Scan = self.action;
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let mut db = open(&app)?;
        let context = context(&app);
        let begun = std::time::Instant::now();
        let scanned = signal_scan::all(&app, &mut db, &context, false).and_then(|run| {
            while lookup_watch::step(&app, &mut db, &context)? {}
            Ok(run.people)
        });
        let people = scanned.map_err(|error| told(&app, &error))?;
        print(&format!("{people} people were gone through in {:.1} s; what was found is at GET /api/v1/signals", begun.elapsed().as_secs_f64()))
    }
}
