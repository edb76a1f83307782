//! `ksnik demo`: a made-up city in a folder of its own, served at once, with everything printed that is needed to try it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::{Common, assemble, open};
use crate::api::server;
use crate::domain::eligibility::Decision;
use crate::domain::roles::Role;
use crate::domain::synthetic::heroes;
use crate::service::App;
use crate::service::bases::{self, Adoption};
use crate::service::demo::year::{self, Example};
use crate::service::demo::{Plan, SignIn, build};

/// Who moved here lately, and who was just suspended, is counted from the day of building.
const STALE_AFTER_DAYS: i64 = 60;
/// How many people are named whose answer is no.
const OTHERS: usize = 4;
const MARKER: &str = "demo.json";
const DATABASE: &str = "ksnik.sqlite";
/// Of the year that is played.
const DAYS: u64 = 365;

#[derive(clap::Args)]
pub struct Demo {
    /// How many people live in the city.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    participants: u64,
    /// Another seed, another city.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where the city is kept; its root key lies beside it.
    #[arg(long, default_value = "ksnik-demo")]
    folder: PathBuf,
}

/// Stands beside the city from its beginning; with the sign-ins when it is complete.
#[derive(Serialize, Deserialize)]
struct Marker {
    version: String,
    plan: Plan,
    built_on: NaiveDate,
    sign_ins: Vec<SignIn>,
    /// A claim that waits for a verifier.
    #[serde(default)]
    example: Option<Example>,
}

impl Demo {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        if common.database_url.is_some() {
            return Err("demo makes a database of its own in --folder; --database-url is for serve".into());
        }
        // Found out before the work, not after it.
        TcpListener::bind(&self.listen).map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => format!("{} is taken by another program: choose another port with --listen 127.0.0.1:8081", self.listen),
            _ => format!("{} cannot be listened on: {error}", self.listen),
        })?;
        let plan = Plan { participants: self.participants(), seed: self.seed };
        let standing = self.standing(plan);
        let app = assemble(common.settings(&self.settings())?)?;
        let today = app.city.today(app.surroundings.now());
        let standing = standing.filter(|marker| (today - marker.built_on).num_days() <= STALE_AFTER_DAYS);
        let marker = match standing {
            Some(marker) => marker,
            None => self.build(&app, plan, today)?,
        };
        self.serve(app, marker)
    }

    fn participants(&self) -> usize {
        // Ten million at most, which fits.
        usize::try_from(self.participants).unwrap_or(usize::MAX)
    }

    fn key_file(&self) -> PathBuf {
        let mut file = self.folder.clone().into_os_string();
        file.push(".key");
        file.into()
    }

    fn settings(&self) -> [(&'static str, String); 7] {
        [
            ("database.url", format!("sqlite://{}", self.folder.join(DATABASE).display())),
            ("keys.root_key_file", self.key_file().display().to_string()),
            ("keys.root_key", String::new()),
            ("server.listen", self.listen.clone()),
            ("demo.enabled", "true".into()),
            ("log.format", "text".into()),
            // Nobody exists who could be told, so what they would be told is shown.
            ("log.level", "error,ksnik::service::messages=info".into()),
        ]
    }

    /// The city that is there, if it is the one that was asked for, complete, and readable by this program.
    fn standing(&self, plan: Plan) -> Option<Marker> {
        let there = self.folder.join(DATABASE).exists() && self.key_file().exists();
        let marker = fs::read_to_string(self.folder.join(MARKER)).ok().and_then(|text| serde_json::from_str::<Marker>(&text).ok());
        marker.filter(|marker| there && !marker.sign_ins.is_empty() && marker.plan == plan && marker.version == env!("CARGO_PKG_VERSION"))
    }

    /// A database without a marker beside it was not made here: it may be somebody's own.
    fn refuse_what_is_no_demo(&self) -> Result<(), String> {
        let (database, marker) = (self.folder.join(DATABASE), self.folder.join(MARKER));
        if database.exists() && !marker.exists() {
            return Err(format!("{} is not a demo's database and stays as it is: choose another folder with --folder", database.display()));
        }
        Ok(())
    }

    fn build(&self, app: &App, plan: Plan, today: NaiveDate) -> Result<Marker, String> {
        self.refuse_what_is_no_demo()?;
        let at = |error: std::io::Error| format!("{}: {error}", self.folder.display());
        if self.folder.join(MARKER).exists() {
            println!("The city in {} is not the one asked for, or is out of date: a new one takes its place.", self.folder.display());
        }
        clear(&self.folder).map_err(at)?;
        // Before the first row: a city that was interrupted half-way is still known as one that may be thrown away.
        let unfinished = Marker { version: env!("CARGO_PKG_VERSION").to_owned(), plan, built_on: today, sign_ins: Vec::new(), example: None };
        write_marker(&self.folder.join(MARKER), &unfinished).map_err(at)?;
        let begun = Instant::now();
        let mut db = open(app)?;
        if let Adoption::Refused(reason) = bases::adopt(app, &mut db).map_err(|error| error.to_string())? {
            return Err(reason);
        }
        let bar = progress("Making up a city ", "people", plan.participants as u64);
        let sign_ins = build(app, &mut db, plan, &mut |count| bar.set_position(count as u64)).map_err(|error| error.to_string())?;
        bar.finish_and_clear();
        println!("A city of {} people was made up in {:.1} s.", grouped(plan.participants), begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let bar = progress("Playing its year ", "days", DAYS);
        let example = year::play(app, &mut db, plan, &mut |days| bar.set_position(days)).map_err(|error| error.to_string())?;
        bar.finish_and_clear();
        println!("Its last year was played in {:.1} s.", begun.elapsed().as_secs_f64());
        let marker = Marker { sign_ins, example, ..unfinished };
        write_marker(&self.folder.join(MARKER), &marker).map_err(at)?;
        Ok(marker)
    }

    fn serve(&self, app: Arc<App>, marker: Marker) -> Result<ExitCode, String> {
        actix_web::rt::System::new().block_on(async {
            let bound = server::bind(app.clone())?;
            let welcome = self.welcome(&format!("http://{}", bound.address), &app, &marker);
            actix_web::rt::spawn(async move {
                // What is printed must work when it is read.
                while app.ready().is_err() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                println!("{welcome}");
            });
            bound.run_until_told().await
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn welcome(&self, url: &str, app: &App, Marker { sign_ins, example, .. }: &Marker) -> String {
        let width = sign_ins.iter().map(|sign_in| sign_in.username.len()).max().unwrap_or_default();
        let users: String = sign_ins
            .iter()
            .map(|SignIn { username, password, role, place }| format!("  {username:width$}  {password}  {:9}  {place}\n", role.as_str()))
            .collect();
        let question = sign_ins.iter().find(|sign_in| sign_in.role == Role::Clinic).map(|clinic| question(url, clinic)).unwrap_or_default();
        let others: String = heroes(app.city.today(app.surroundings.now()))
            .iter()
            .filter(|hero| hero.decision == Decision::NotEligible)
            .take(OTHERS)
            .map(|hero| format!("  {}  {}\n", hero.person().registration.nik.digits(), hero.situation))
            .collect();
        let claim = example.as_ref().map(|example| look_at(url, example)).unwrap_or_default();
        format!(
            "\n{}, {} people who do not exist: {url}/docs\n\n{users}\nIs Siti Aminah covered at the clinic today?\n\n{question}\n\n\
             Not covered are, for example:\n\n{others}\n{claim}Ctrl-C ends it. The city stays in {} for the next time.",
            app.city.name,
            grouped(self.participants()),
            self.folder.display(),
        )
    }
}

/// One command for any shell: signs in, takes the token out of the answer, and asks.
fn question(url: &str, clinic: &SignIn) -> String {
    let SignIn { username, password, .. } = clinic;
    format!(
        r#"curl -s {url}/api/v1/eligibility-checks -H 'Accept-Language: en' -H 'Content-Type: application/json' \
  -H "Authorization: Bearer $(curl -s {url}/api/v1/auth/token -H 'Content-Type: application/json' \
      -d '{{"username":"{username}","password":"{password}"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')" \
  -d '{{"nik":"3275014501909001","care_type":"primary","diagnosis_code":"A09"}}'"#
    )
}

/// A claim of the year that is over, and who sees it.
fn look_at(url: &str, example: &Example) -> String {
    format!(
        "A year of letters, claims and payments lies behind it. Claim {} waits for a verifier: GET {url}/api/v1/review-queue as verifier or verifier-2.\n\
         GET {url}/api/v1/claims/{} as its hospital, a verifier, finance, admin or auditor says why.\n\n",
        example.claim_number, example.claim_id
    )
}

/// Deletes what an earlier demo left in the folder.
fn clear(folder: &Path) -> std::io::Result<()> {
    for name in [MARKER.to_owned(), DATABASE.to_owned(), format!("{DATABASE}-wal"), format!("{DATABASE}-shm")] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    match fs::remove_dir_all(folder.join(format!("{DATABASE}-documents"))) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// It holds the passwords of the demo, so only its owner may read it.
fn write_marker(path: &Path, marker: &Marker) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    serde_json::to_writer_pretty(options.open(path)?, marker).map_err(std::io::Error::other)
}

fn progress(what: &str, of: &str, count: u64) -> ProgressBar {
    // The template is fixed and known to be one.
    let style = ProgressStyle::with_template(&format!("{what} {{percent:>3}} % {{bar:40}} {{human_pos}}/{{human_len}} {of}, {{eta}} left"))
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count).with_style(style)
}

/// 20,000 rather than 20000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (20_000, "20,000"), (2_500_000, "2,500,000")] {
            assert_eq!(grouped(number), expected);
        }
    }
}
