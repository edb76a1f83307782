//! `ksnik reconcile`, run as an operator runs it, and killed as a machine may kill it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::harness::{count, try_count};
use super::imports::{import, upload};
use super::people_file::{Family, file};
use super::reconciliations::FILES;
use super::support::binary::{ksnik, texts};
use super::support::databases::{Database, Seed};
use super::support::served::Served;
use super::support::turns::run_until;
use super::support::{on_both, product, run_folder};

const FAMILIES: u32 = 400;
/// The newest run has kept records of its file, or has compared people.
const LOADING: &str = "SELECT count(*) FROM population_snapshots WHERE state = 'loading' AND records > 0";
const COMPARING: &str = "SELECT count(*) FROM reconciliations WHERE state = 'comparing' AND compared > 0";
const RUNS: &str = "SELECT count(*) FROM reconciliations";

fn command(database: &Database, words: &[&str], path: &Path) -> Command {
    let mut command = ksnik();
    command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", database.url()]).args(words).arg(path);
    command
}

/// The people of these families as a file of the population office has them, but one, and one of them with another birth date.
fn population(people: &str) -> String {
    let mut lines = vec!["nik,kk_number,name,birth_date,sex,village_code".to_owned()];
    for (at, row) in people.lines().skip(1).enumerate().filter(|(at, _)| *at != 7) {
        let cells: Vec<&str> = row.split(',').collect();
        let born = if at == 9 { "1950-01-01" } else { cells[4] };
        lines.push([cells[0], cells[1], cells[3], born, cells[5], cells[6]].join(","));
    }
    lines.join("\n")
}

fn families() -> String {
    file(&(0..FAMILIES).map(Family::new).collect::<Vec<_>>())
}

/// Whether the database says that a run has come so far.
fn has_come(database: &Database, so_far: &str) -> bool {
    try_count(database, so_far).is_ok_and(|count| count > 0)
}

/// Begins to compare a file and is killed when it has come so far.
fn killed_at(database: &Database, path: &Path, so_far: &str) {
    let mut child = command(database, &["reconcile"], path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let came = run_until(&mut child, || has_come(database, so_far));
    child.kill().expect("own child");
    child.wait().expect("it ends");
    assert!(came, "it did not come to: {so_far}");
}

on_both!(a_file_is_compared_from_the_command_line_also_after_kills);
async fn a_file_is_compared_from_the_command_line_also_after_kills(database: Database) {
    let folder = run_folder::fresh_path("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let people = families();
    let (status, out, err) =
        texts(&command(&database, &["import", "participants", "--alone"], &write("people.csv", &people)).output().expect("it runs"));
    assert_eq!(status, Some(0), "{out}{err}");
    let whole = population(&people);
    let path = write("population.csv", &whole);

    // A run that nobody repeats is given up by the next one, with what it has read.
    killed_at(&database, &write("other.csv", &whole.replace("Anak", "Putra")), LOADING);
    let begun = format!("{LOADING} AND (SELECT count(*) FROM population_snapshots WHERE state = 'abandoned') = 1");
    killed_at(&database, &path, &begun);
    assert_eq!(count(&database, "SELECT count(*) FROM reconciliations WHERE state = 'abandoned'"), 1);
    // The same file goes on with its own date on any later day, at every moment.
    database.execute("UPDATE population_snapshots SET as_of = '2020-01-02'").expect("an older date");
    killed_at(&database, &path, COMPARING);
    let compared = count(&database, "SELECT CAST(max(compared) AS BIGINT) FROM reconciliations");
    killed_at(&database, &path, &format!("{COMPARING} AND compared > {compared}"));
    let (status, out, err) = texts(&command(&database, &["reconcile"], &path).output().expect("it runs"));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("as of 2020-01-02 (done): 1200 people, 1198 agree"), "{out}");
    assert!(out.contains("not found 1, moved 0, duplicate 0, different 1, deceased 0"), "{out}");
    assert_eq!(count(&database, RUNS), 2, "one run went on");
    assert_eq!(count(&database, "SELECT count(*) FROM reconciliation_findings"), 2);
    assert_eq!(count(&database, "SELECT count(*) FROM population_records"), 1_199, "of one file");
    assert_eq!(count(&database, "SELECT count(*) FROM population_snapshots WHERE state = 'current'"), 1);

    let part = write("part.csv", &whole.lines().take(400).collect::<Vec<_>>().join("\n"));
    let (status, out, err) = texts(&command(&database, &["reconcile", "--language", "en"], &part).output().expect("it runs"));
    assert!(status == Some(1) && err.contains("far fewer people") && err.contains("--confirm-smaller"), "{out}{err}");
    assert_eq!(count(&database, "SELECT count(*) FROM population_records"), 1_199, "the file before still counts");
    let (status, out, err) = texts(&command(&database, &["reconcile", "--alone", "--confirm-smaller"], &part).output().expect("it runs"));
    assert_eq!(status, Some(0), "{out}{err}");
    assert_eq!(count(&database, "SELECT count(*) FROM population_records"), 399);

    let (status, out, err) = texts(&command(&database, &["reconcile", "--as-of", "2020-01-01"], &path).output().expect("it runs"));
    assert!(status == Some(1) && err.contains("OLDER_THAN_SNAPSHOT"), "{out}{err}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

struct Serving {
    served: Served,
    spool: PathBuf,
    database: Database,
}

impl super::support::Given for Serving {
    fn on(engine: super::support::databases::Engine) -> Option<Self> {
        let database = Database::copy_of(engine, Seed::City)?;
        let spool = run_folder::fresh_path("spool");
        Some(Self { served: start(&database, &spool), spool, database })
    }
}

/// Uploads wait where the next process finds them.
fn start(database: &Database, spool: &Path) -> Served {
    Served::start(database, &[("imports.spool", spool.to_str().expect("a path of UTF-8"))])
}

on_both!(a_job_of_a_service_that_is_killed_goes_on);
async fn a_job_of_a_service_that_is_killed_goes_on(serving: Serving) {
    let Serving { mut served, spool, database } = serving;
    let people = families();
    let job = import(&served.client().as_role("admin"), "/api/v1/imports?kind=participants", people.clone()).await;
    assert_eq!((&job["state"], &job["created"]), (&"done".into(), &1_200.into()), "{job}");
    let job = upload(&served.client().as_role("admin"), FILES, population(&people)).await;
    let place = job.header("location").to_owned();
    for so_far in [LOADING, COMPARING] {
        assert!(served.runs_until(|| has_come(&database, so_far)), "it does not come to: {so_far}");
        served.kill();
        assert_eq!(count(&database, "SELECT count(*) FROM reconciliations WHERE state = 'done'"), 0, "it had ended before it was killed");
        served = start(&database, &spool);
    }
    let job = super::imports::ended(&served.client().as_role("admin"), &place).await;
    assert_eq!((&job["state"], &job["created"], &job["failed"]), (&"done".into(), &1_199.into(), &0.into()), "{job}");
    // The three of the city are in no file.
    assert_eq!(
        count(&database, "SELECT count(*) FROM reconciliations WHERE compared = 1203 AND not_found = 4 AND different = 1 AND new_findings = 5"),
        1
    );
    assert_eq!(count(&database, "SELECT count(*) FROM reconciliation_findings"), 5);
    assert_eq!(count(&database, "SELECT count(*) FROM population_records"), 1_199);
    served.kill();
    std::fs::remove_dir_all(&spool).expect("the folder");
}
