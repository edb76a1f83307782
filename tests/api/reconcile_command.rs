//! `ksnik reconcile`, run as an operator runs it, and killed as a machine may kill it.

use std::process::Stdio;
use std::time::Duration;

use super::harness::count;
use super::people_file::{Family, file};
use super::support::binary::{ksnik, texts};
use super::support::databases::Database;
use super::support::{on_both, product, run_folder};

on_both!(a_file_is_compared_from_the_command_line_also_after_kills);
async fn a_file_is_compared_from_the_command_line_also_after_kills(database: Database) {
    let folder = run_folder::fresh_path("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let command = |words: &[&str], path: &std::path::Path| {
        let mut command = ksnik();
        command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", database.url()]).args(words).arg(path).args(["--alone"]);
        command
    };
    let people = file(&(0..60).map(Family::new).collect::<Vec<_>>());
    let (status, out, err) = texts(&command(&["import", "participants"], &write("people.csv", &people)).output().expect("it runs"));
    assert_eq!(status, Some(0), "{out}{err}");

    // The file of the population office has the same people but one, and one of them with another birth date.
    let mut lines = vec!["nik,kk_number,name,birth_date,sex,village_code".to_owned()];
    for (at, row) in people.lines().skip(1).enumerate().filter(|(at, _)| *at != 7) {
        let cells: Vec<&str> = row.split(',').collect();
        let born = if at == 9 { "1950-01-01" } else { cells[4] };
        lines.push([cells[0], cells[1], cells[3], born, cells[5], cells[6]].join(","));
    }
    let path = write("population.csv", &lines.join("\n"));
    for wait in [60, 120, 180, 240] {
        let mut child = command(&["reconcile"], &path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        tokio::time::sleep(Duration::from_millis(wait)).await;
        // One that has ended cannot be killed, and need not be.
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    let (status, out, err) = texts(&command(&["reconcile"], &path).output().expect("it runs"));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("180 people, 178 agree") && out.contains("not found 1, moved 0, duplicate 0, different 1, deceased 0"), "{out}");
    assert_eq!(count(&database, "SELECT count(*) FROM reconciliation_findings"), 2);
    assert_eq!(count(&database, "SELECT count(*) FROM population_records"), 179);
    assert_eq!(count(&database, "SELECT count(*) FROM population_snapshots WHERE state = 'current'"), 1);

    let (status, out, err) = texts(&command(&["reconcile", "--as-of", "2020-01-01"], &path).output().expect("it runs"));
    assert!(status == Some(1) && err.contains("OLDER_THAN_SNAPSHOT"), "{out}{err}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}
