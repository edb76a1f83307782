//! The commands of the one binary. Each reads its settings, does one thing, and says what it did.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;

use crate::api::{openapi, problem};
use crate::config::Settings;
use crate::config::database_url::DatabaseUrl;
use crate::context::{Context, Machine};
use crate::domain::texts::Language;
use crate::error::Error;
use crate::service::App;
use crate::service::city::City;
use crate::service::documents;
use crate::service::housekeeping;
use crate::service::messages::gateway::Gateway;
use crate::service::population_office::Office;
use crate::store::db::{Db, Pool};
use crate::telemetry;

mod audit;
mod demo;
mod export;
mod health;
mod import;
mod keys;
mod migrate;
mod population_office;
mod serve;
mod signals;
mod summaries;
mod tariffs;
mod user;

/// Health-card eligibility keyed by the national identity number (NIK).
#[derive(Parser)]
#[command(name = "ksnik", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
pub struct Common {
    /// A TOML file whose values replace the defaults.
    #[arg(long, global = true, env = "KSNIK_CONFIG")]
    config: Option<PathBuf>,
    /// sqlite://path or postgres://…; stands over the settings.
    #[arg(long, global = true)]
    database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API on an own database.
    Serve(serve::Serve),
    /// Brings the schema of the database up to date.
    Migrate,
    /// Makes users.
    User(user::User),
    /// Makes new keys while the service runs.
    Keys(keys::Keys),
    /// Proves that the audit log is whole.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Looks for what somebody should look at.
    Signals(signals::Signals),
    /// Counts all sums of the dashboard anew, from the rows.
    RebuildSummaries,
    /// Serves a made-up city, to try everything at once.
    Demo(demo::Demo),
    /// Reads a file into the database.
    Import(import::Import),
    /// Writes a sheet of people, enrolments or checks, for a reason that the audit log keeps.
    Export(export::Export),
    /// Tells how the population office was asked.
    #[command(subcommand)]
    PopulationOffice(population_office::PopulationOffice),
    /// Compares the registry with a file of the population office.
    Reconcile(import::Reconcile),
    /// Prints the description of the API, as OpenAPI 3.1.
    Openapi,
    /// Asks a running service whether it is well; ends with 0 if it is.
    Health(health::Health),
    /// Shows the effective settings, secrets masked.
    Config,
}

/// Runs the command; the text of an error is for the person at the terminal.
pub fn run(arguments: Arguments) -> Result<ExitCode, String> {
    match arguments.command {
        Command::Serve(serve) => serve.run(&arguments.common),
        Command::Migrate => migrate::run(&arguments.common),
        Command::User(user) => user.run(&arguments.common),
        Command::Keys(keys) => keys.run(&arguments.common),
        Command::Audit(audit) => audit.run(&arguments.common).map(|()| ExitCode::SUCCESS),
        Command::Signals(signals) => signals.run(&arguments.common),
        Command::RebuildSummaries => summaries::run(&arguments.common),
        Command::Demo(demo) => demo.run(&arguments.common),
        Command::Import(import) => import.run(&arguments.common),
        Command::Export(export) => export.run(&arguments.common),
        Command::PopulationOffice(office) => office.run(&arguments.common),
        Command::Reconcile(reconcile) => reconcile.run(&arguments.common),
        Command::Openapi => print(&format!("{:#}", openapi::document())),
        Command::Health(health) => health.run(),
        Command::Config => print(&arguments.common.settings(&[])?.shown()?),
    }
}

/// Prints for people and pipes; a reader who has seen enough is no fault.
fn print(text: &str) -> Result<ExitCode, String> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}

impl Common {
    fn settings(&self, more: &[(&str, String)]) -> Result<Settings, String> {
        let mut overrides = more.to_vec();
        if let Some(url) = &self.database_url {
            overrides.push(("database.url", url.clone()));
        }
        Settings::load(self.config.as_deref(), &overrides)
    }
}

/// Everything a command needs, with the log on standard error.
pub fn assemble(settings: Settings) -> Result<Arc<App>, String> {
    telemetry::log_to_stderr(&settings.log)?;
    telemetry::keep_panics_quiet();
    let url = DatabaseUrl::parse(settings.database.url.expose_secret())?;
    if let Some(folder) = url.sqlite_path().and_then(|path| path.parent()).filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let pool = Pool::new(url, settings.database.pool_size, Duration::from_millis(settings.database.wait_ms)).map_err(|error| error.to_string())?;
    let city = City::load(&settings)?;
    let office = Office::open(&settings.population_office)?;
    let documents = documents::shelf::open(&settings)?;
    let gateway = Gateway::open(&settings)?;
    Ok(Arc::new(App::new(settings, city, office, documents, gateway, Arc::new(Machine), pool)))
}

/// The database of a command, migrated and unlocked.
fn open(app: &App) -> Result<Db, String> {
    let mut db = app.pool.connect()?;
    housekeeping::prepare(app, &mut db).and_then(|()| app.refresh(&mut db)).map_err(|error| error.to_string())?;
    Ok(db)
}

/// What a command does stands in the audit log as done at the command line.
fn context(app: &App) -> Context {
    let mut context = app.context();
    context.actor = Some("command line".to_owned());
    context
}

/// An error for the person at the terminal, with every fault.
fn told(app: &App, error: &Error) -> String {
    let texts = &app.city.texts;
    match error {
        Error::Invalid(faults) => {
            let lines = faults.iter().map(|fault| {
                let (message, remedy) = problem::fault_texts(texts, Language::En, &fault.code, &fault.args);
                format!("{}: {message} {remedy}", fault.code)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Error::Refused(refusal) => {
            let detail = texts.get(Language::En, &format!("problems.{}.detail", refusal.code), &[]);
            format!("{}: {}", refusal.code, detail.unwrap_or_default())
        }
        Error::Busy(_) | Error::InDoubt | Error::Storage(_) | Error::Unusable(_) | Error::Internal(_) => error.to_string(),
    }
}
