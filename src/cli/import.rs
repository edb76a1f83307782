//! `ksnik import`: reads a file into the database from the command line, with everything that is wrong in it told at the end.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Common, assemble, context, open, tariffs, told};
use crate::api::imports::sentence;
use crate::api::problem;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{ErrorReport, ImportFailure, ImportKind, ReportLine, Survey, Unreadable, survey};
use crate::domain::roles::Caller;
use crate::domain::texts::{Language, Texts};
use crate::error::{self, Fault};
use crate::service::App;
use crate::service::imports::{self, Interrupted, Manner, Manners, Pace, Settled, Task, fault, record_command};
use crate::service::reconciliations::{self, Brought};
use crate::store::db::Db;
use crate::store::imports::Tally;
use crate::store::reconciliations::{Dated, Run};

/// What a refused file ends with; 1 says that single rows were refused.
pub(super) const REFUSED: u8 = 2;

pub enum Import {
    List(List),
    Rows(Rows),
}

/// By hand, because clap's derive takes arguments that hold others, as `Rows` holds `Source`, for absent where they may be left out.
impl FromArgMatches for Import {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        match matches.subcommand_name() {
            Some(_) => List::from_arg_matches(matches).map(Self::List),
            None => Rows::from_arg_matches(matches).map(Self::Rows),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Import {
    fn augment_args(command: Command) -> Command {
        List::augment_subcommands(Rows::augment_args(command)).args_conflicts_with_subcommands(true).subcommand_negates_reqs(true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Files that say nothing of people.
#[derive(clap::Subcommand)]
pub enum List {
    /// Reads a price list, CSV or XLSX, into a draft that another admin publishes.
    Tariffs(tariffs::Tariffs),
}

#[derive(clap::Args)]
pub struct Rows {
    /// What the file is about, as in `POST /api/v1/imports`: its columns are those of `GET /api/v1/imports/templates/KIND.csv`.
    kind: ImportKind,
    #[command(flatten)]
    source: Source,
    /// Judge and count every row, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// The admin in whose name deaths, moves and requests for enrolment are recorded.
    #[arg(long = "as", value_name = "USERNAME")]
    by: Option<String>,
}

/// Compares the registry with a file of the population office; nobody is changed by it.
#[derive(clap::Args)]
pub struct Reconcile {
    #[command(flatten)]
    source: Source,
    /// The date of what the file says; if none is given, that of the interrupted run of the same file, else today.
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// The file may have far fewer people than the one before. Without it such a file is taken for a part of one and not compared.
    #[arg(long)]
    confirm_smaller: bool,
}

/// The file, and how it is read.
#[derive(clap::Args)]
struct Source {
    /// A CSV file in UTF-8.
    file: PathBuf,
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
        match self {
            Self::List(List::Tariffs(tariffs)) => tariffs.run(common),
            Self::Rows(Rows { kind, source, dry_run, by }) => Course { kind, source, dry_run, by, brought: Brought::default() }.run(common),
        }
    }
}

impl Reconcile {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let brought = Brought { as_of: self.as_of, confirm_smaller: self.confirm_smaller };
        Course { kind: ImportKind::Population, source: self.source, dry_run: false, by: None, brought }.run(common)
    }
}

/// A file on its way into the database.
struct Course {
    kind: ImportKind,
    source: Source,
    dry_run: bool,
    by: Option<String>,
    brought: Brought,
}

impl Course {
    fn run(self, common: &Common) -> Result<ExitCode, String> {
        keep_apart(self.source.errors.as_deref(), &self.source.file)?;
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let survey = match survey(self.read()?, self.kind.columns()) {
            Ok(survey) => survey,
            Err(Unreadable::Refused(faults)) => {
                let lines: Vec<String> = faults.iter().map(|found| refusal(&app.city.texts, self.source.language, &fault(found))).collect();
                eprintln!("{}: nothing was imported.\n{}", self.source.file.display(), lines.join("\n"));
                return Ok(ExitCode::from(REFUSED));
            }
            Err(Unreadable::Io(error)) => return Err(self.at(&error)),
        };
        let mut db = open(&app)?;
        let caller = self.caller(&mut db)?;
        let speaking = || caller.into_iter().fold(context(&app), Context::as_caller);
        let begun = Instant::now();
        let task = Task { id: self.begin(&app, &mut db)?, kind: self.kind, dry_run: self.dry_run };
        let rows = self.import(&app, &mut db, survey, task, &speaking)?;
        record_command(&mut db, &speaking(), self.kind, self.dry_run, rows).map_err(|error| error.to_string())?;
        println!("{}", self.summary(rows, begun.elapsed()));
        if let Some(found) = reconciliations::find(&mut db, task.id).map_err(|error| error.to_string())? {
            println!("{}", counted(&found));
        }
        Ok(if rows.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The run that compares the file, where one does. One that was interrupted goes on.
    fn begin(&self, app: &App, db: &mut Db) -> Result<Id, String> {
        if self.kind != ImportKind::Population || self.dry_run {
            return Ok(app.context().new_id());
        }
        let digest = reconciliations::digest(self.read()?).map_err(|error| self.at(&error))?;
        reconciliations::begin_or_go_on(app, db, &context(app), &digest, self.brought).map_err(|error| told(app, &error))
    }

    fn read(&self) -> Result<File, String> {
        File::open(&self.source.file).map_err(|error| self.at(&error))
    }

    fn at(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.source.file.display())
    }

    /// In whose name it is read; nobody's, where the machine may do it by itself.
    fn caller(&self, db: &mut Db) -> Result<Option<Caller>, String> {
        match &self.by {
            Some(username) => match imports::admin(db, username) {
                Ok(Some(caller)) => Ok(Some(caller)),
                Ok(None) => Err("--as names nobody who is an active admin".into()),
                Err(error) => Err(error.to_string()),
            },
            None if self.kind.names_who_records() => {
                Err(format!("files of {} are recorded in somebody's name: add --as with the username of an admin", self.kind))
            }
            None => Ok(None),
        }
    }

    fn import(&self, app: &App, db: &mut Db, survey: Survey, task: Task, speaking: &dyn Fn() -> Context) -> Result<Tally, String> {
        let mut steps = imports::open(app, task, self.read()?, survey, 0).map_err(|error| self.at(&error))?;
        let mut pace = Pace::new(if self.source.alone { Manners::Alone } else { Manners::AlwaysPause }, db.backend());
        let output: Box<dyn Write> = match &self.source.errors {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|error| format!("{}: {error}", path.display()))?)),
            None => Box::new(io::sink()),
        };
        let message = |line: &ReportLine<'_>| sentence(&app.city.texts, self.source.language, line.column, line.code);
        let mut report = ErrorReport::new(output, message).map_err(|error| error.to_string())?;
        let bar = progress(survey.rows);
        let mut rows = Tally::default();
        loop {
            let begun = Instant::now();
            let mut settled = Vec::new();
            let manner = Manner { rows: pace.rows(), dry_run: self.dry_run };
            match steps.next(db, &speaking(), manner, &mut |_, part| keep(&mut settled, part)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Interrupted::FarFewerPeople) => {
                    return Err(self.at(&sentence(&app.city.texts, self.source.language, None, ImportFailure::FarFewerPeople.as_str())));
                }
                Err(error) => return Err(self.at(&error)),
            }
            for part in settled {
                rows += part.rows;
                for fault in &part.faults {
                    let column = fault.column.map(|column| column.as_str());
                    let line = ReportLine { line: fault.line, column, code: &fault.code, row_key: fault.row_key.as_deref() };
                    report.write(&line).map_err(|error| error.to_string())?;
                }
            }
            match steps.beyond_the_file() {
                None => bar.set_position(u64::try_from(rows.read()).unwrap_or_default()),
                Some((what, share)) => show_share(&bar, what, share),
            }
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
        let told = match (&self.source.errors, failed) {
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

/// A report never takes the place of the file that it is about.
pub(super) fn keep_apart(errors: Option<&Path>, file: &Path) -> Result<(), String> {
    let same = |one: &Path, other: &Path| one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other));
    if errors.is_some_and(|errors| same(errors, file)) {
        return Err("--errors names the file that is read: give the report another name".into());
    }
    Ok(())
}

/// What a comparison found, on two lines.
fn counted(found: &Dated) -> String {
    let Dated { run, as_of, records } = found;
    let Run { not_found, moved, duplicate, different, deceased, jkn_changed, .. } = run;
    format!(
        "Compared with the registry as of {as_of} ({}): {} people, {} agree, {} records of people who are not registered.\n  \
         not found {not_found}, moved {moved}, duplicate {duplicate}, different {different}, deceased {deceased}, JKN changed {jkn_changed}; \
         new {}, no longer shown {}",
        run.state,
        run.compared,
        run.agree,
        records - run.matched,
        run.new_findings,
        run.resolved
    )
}

/// After the rows of the file: what is being done, and how much of it is.
fn show_share(bar: &ProgressBar, what: &'static str, share: f64) {
    const WHOLE: u64 = 10_000;
    if bar.length() != Some(WHOLE) || bar.message() != what {
        bar.set_style(ProgressStyle::with_template("{percent:>3} % {bar:40} {msg}, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_length(WHOLE);
        bar.set_message(what);
        bar.reset_eta();
    }
    // A share lies between nothing and one.
    bar.set_position((share * WHOLE as f64) as u64);
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

pub(super) fn refusal(texts: &Texts, language: Language, fault: &Fault) -> String {
    let arg = |name: &str| fault.args.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value.as_str());
    let column = if arg("column").is_empty() { String::new() } else { format!(", {}", arg("column")) };
    let (message, remedy) = problem::fault_texts(texts, language, &fault.code, &fault.args);
    format!("  line {}{column}: {} {message} {remedy}", arg("line"), fault.code)
}
