//! `ksnik import`: reads a file into the database from the command line, with everything that is wrong in it told at the end.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Common, assemble, context, open, told};
use crate::api::imports::sentence;
use crate::api::problem;
use crate::domain::imports::{ErrorReport, ImportKind, ReportLine, Survey, Unreadable, survey};
use crate::domain::texts::{Language, Texts};
use crate::error::{self, Fault};
use crate::service::App;
use crate::service::imports::{self, Manner, Manners, Pace, Settled, fault, record_command, require_available};
use crate::store::db::Db;
use crate::store::imports::Tally;

/// What a refused file ends with; 1 says that single rows were refused.
const REFUSED: u8 = 2;

#[derive(clap::Args)]
pub struct Import {
    /// What the file is about, as in `POST /api/v1/imports`: its columns are those of `GET /api/v1/imports/templates/KIND.csv`.
    kind: ImportKind,
    /// A CSV file in UTF-8.
    file: PathBuf,
    /// Judge and count every row, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write every fault to this file: line, column, code, message, row_key.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Nobody else uses the database: large steps and no pauses.
    #[arg(long)]
    alone: bool,
    /// The language of messages: id or en.
    #[arg(long, default_value = "id")]
    language: Language,
}

impl Import {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let same =
            |one: &std::path::Path, other: &std::path::Path| one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other));
        if self.errors.as_deref().is_some_and(|errors| same(errors, &self.file)) {
            return Err("--errors names the file that is read: give the report another name".into());
        }
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let columns = require_available(self.kind).map_err(|error| told(&app, &error))?;
        let survey = match survey(self.read()?, columns) {
            Ok(survey) => survey,
            Err(Unreadable::Refused(faults)) => {
                let lines: Vec<String> = faults.iter().map(|found| refusal(&app.city.texts, self.language, &fault(found))).collect();
                eprintln!("{}: nothing was imported.\n{}", self.file.display(), lines.join("\n"));
                return Ok(ExitCode::from(REFUSED));
            }
            Err(error @ (Unreadable::Io(_) | Unreadable::Kind)) => return Err(self.at(&error)),
        };
        let mut db = open(&app)?;
        let begun = Instant::now();
        let rows = self.import(&app, &mut db, survey)?;
        record_command(&mut db, &context(&app), self.kind, self.dry_run, rows).map_err(|error| error.to_string())?;
        println!("{}", self.summary(rows, begun.elapsed()));
        Ok(if rows.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn read(&self) -> Result<File, String> {
        File::open(&self.file).map_err(|error| self.at(&error))
    }

    fn at(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.file.display())
    }

    fn import(&self, app: &App, db: &mut Db, survey: Survey) -> Result<Tally, String> {
        let mut steps = imports::open(app, self.kind, self.read()?, survey, 0).map_err(|error| self.at(&error))?;
        let mut pace = Pace::new(if self.alone { Manners::Alone } else { Manners::AlwaysPause }, db.backend());
        let output: Box<dyn Write> = match &self.errors {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|error| format!("{}: {error}", path.display()))?)),
            None => Box::new(io::sink()),
        };
        let message = |line: &ReportLine<'_>| sentence(&app.city.texts, self.language, line.column, line.code);
        let mut report = ErrorReport::new(output, message).map_err(|error| error.to_string())?;
        let bar = progress(survey.rows);
        let mut rows = Tally::default();
        loop {
            let begun = Instant::now();
            let mut settled = Vec::new();
            let manner = Manner { rows: pace.rows(), dry_run: self.dry_run };
            if !steps.next(db, &context(app), manner, &mut |_, part| keep(&mut settled, part)).map_err(|error| self.at(&error))? {
                break;
            }
            for part in settled {
                rows += part.rows;
                for fault in &part.faults {
                    let column = fault.column.map(|column| column.as_str());
                    let line = ReportLine { line: fault.line, column, code: &fault.code, row_key: fault.row_key.as_deref() };
                    report.write(&line).map_err(|error| error.to_string())?;
                }
            }
            bar.set_position(u64::try_from(rows.read()).unwrap_or_default());
            std::thread::sleep(pace.after(begun.elapsed(), db));
        }
        bar.finish_and_clear();
        report.finish().and_then(|mut output| output.flush()).map_err(|error| error.to_string())?;
        Ok(rows)
    }

    fn summary(&self, rows: Tally, took: Duration) -> String {
        let Tally { created, changed, unchanged, failed } = rows;
        let seconds = took.as_secs_f64();
        // Far below where a fraction loses whole rows.
        let rate = rows.read() as f64 / seconds.max(1e-3);
        let what = if self.dry_run { "Dry run: nothing was stored" } else { "Imported" };
        let told = match (&self.errors, failed) {
            (_, 0) => String::new(),
            (Some(path), _) => format!("\nEvery fault is in {}.", path.display()),
            (None, _) => "\nTo see every fault, run it again with --errors errors.csv.".to_owned(),
        };
        format!(
            "{what}: {} rows in {seconds:.1} s ({rate:.0} rows/s).\n  created {created}, changed {changed}, unchanged {unchanged}, failed {failed}{told}",
            rows.read()
        )
    }
}

/// Takes what became of a part. A part that was tried before and did not commit is replaced.
fn keep(settled: &mut Vec<Settled>, part: &Settled) -> error::Result<()> {
    settled.retain(|before| before.begin < part.begin);
    settled.push(part.clone());
    Ok(())
}

fn progress(rows: u64) -> ProgressBar {
    // The template is fixed and known to be one.
    let style = ProgressStyle::with_template("{percent:>3} % {bar:40} {human_pos}/{human_len} rows, {per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(rows).with_style(style)
}

fn refusal(texts: &Texts, language: Language, fault: &Fault) -> String {
    let arg = |name: &str| fault.args.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value.as_str());
    let column = if arg("column").is_empty() { String::new() } else { format!(", {}", arg("column")) };
    let (message, remedy) = problem::fault_texts(texts, language, &fault.code, &fault.args);
    format!("  line {}{column}: {} {message} {remedy}", arg("line"), fault.code)
}
