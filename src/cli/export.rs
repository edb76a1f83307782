//! `ksnik export`: writes a sheet of people, enrolments or checks to a file that only its owner may read.

use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::{Common, assemble, context, open, print, told};
use crate::domain::exports::{ExportKind, Identifiers};
use crate::domain::id::Id;
use crate::domain::residency::VillageCode;
use crate::domain::sheets::SheetFormat;
use crate::service::exports::{self, Filter, Wanted};

#[derive(clap::Args)]
pub struct Export {
    /// participants, enrollments or eligibility_checks.
    kind: ExportKind,
    /// The file to write. One that is there is not overwritten.
    file: PathBuf,
    /// Why it is needed: it stands in the audit log.
    #[arg(long)]
    reason: String,
    /// csv or xlsx.
    #[arg(long, default_value = "csv")]
    format: SheetFormat,
    /// masked or full: whether NIK, KK, address, phone, mother's name and card number are on it.
    #[arg(long, default_value = "masked")]
    identifiers: Identifiers,
    /// Of participants: where they live.
    #[arg(long)]
    village_code: Option<String>,
    /// Of participants and enrolments.
    #[arg(long)]
    state: Option<String>,
    /// Of enrolments the first day of filing, of checks the first date of service.
    #[arg(long)]
    from: Option<NaiveDate>,
    #[arg(long)]
    to: Option<NaiveDate>,
    /// Of checks.
    #[arg(long)]
    facility_id: Option<Id>,
}

impl Export {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let village_code =
            self.village_code.as_deref().map(str::parse::<VillageCode>).transpose().map_err(|error| format!("--village-code: {error}"))?;
        let filter = Filter { village_code, state: self.state, from: self.from, to: self.to, facility_id: self.facility_id };
        let wanted = Wanted::new(self.kind, self.format, self.identifiers, filter, self.reason).map_err(|error| told(&app, &error))?;
        let mut db = open(&app)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let context = context(&app);
        let written = exports::begin(&mut db, &context, &wanted)
            .and_then(|id| exports::run(&app, &context, id, &wanted, BufWriter::new(&file)))
            .map_err(|error| told(&app, &error));
        match written {
            Ok(rows) => {
                file.sync_all().map_err(|error| format!("{}: {error}", self.file.display()))?;
                print(&format!("{rows} rows in {}", self.file.display()))
            }
            Err(error) => {
                // Half a sheet would pass for a whole one.
                let _ = std::fs::remove_file(&self.file);
                Err(error)
            }
        }
    }
}
