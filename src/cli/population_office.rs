//! `ksnik population-office`: the semester report at the command line.

use std::process::ExitCode;

use super::{Common, assemble, context, open, print, told};
use crate::domain::population_office::Semester;
use crate::service::population_office::report;

#[derive(clap::Subcommand)]
pub enum PopulationOffice {
    /// How often the office was asked in a half of a year, by month, purpose, facility, role and result.
    Report {
        #[arg(long)]
        year: i32,
        /// 1: January to June; 2: July to December.
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=2))]
        semester: u8,
        /// As CSV, for a file.
        #[arg(long)]
        csv: bool,
    },
}

impl PopulationOffice {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let Self::Report { year, semester, csv } = self;
        let semester = Semester::new(year, semester).ok_or("the year lies between 2000 and 2999")?;
        let app = assemble(common.settings(&[])?)?;
        let db = &mut open(&app)?;
        let report = report::report(&app, db, &context(&app), semester).map_err(|error| told(&app, &error))?;
        if csv {
            return print(report::csv(&report).map_err(|error| told(&app, &error))?.trim_end());
        }
        let mut lines = vec![format!(
            "{} calls in semester {semester} of {year}, {} without an answer",
            report.calls(),
            report.failures(),
            semester = semester.half
        )];
        lines.extend(report.lines.iter().map(|line| {
            let counted = &line.counted;
            let by = counted.role.map_or_else(|| "the service".to_owned(), |role| role.to_string());
            let at = counted.facility_id.map(|id| format!(" at {id}")).unwrap_or_default();
            format!("{}-{:02}  {:>8}  {} by {by}{at}, {}: {}", line.year, line.month, counted.calls, counted.purpose, counted.source, counted.result)
        }));
        print(&lines.join("\n"))
    }
}
