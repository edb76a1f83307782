//! A city's files in their full size: every row is accounted for, the memory is bounded, and what it took is printed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::support::binary::ksnik;
use super::support::databases::Database;
use super::support::{on_both, product, run_folder};

const REGISTERED: usize = 250_000;
const IN_THE_FILE: usize = 2_500_000;
/// As many as lost their membership in one month of 2026.
const SWITCHED_OFF: usize = 77_000;
/// In each so many rows of the population file one person has died, one has moved, one has another name, and one is missing.
const DIFFERING: usize = 500;
const MOST_MIB: u64 = 256;

const NAMES: [&str; 8] = ["Adi", "Budi", "Citra", "Dewi", "Eka", "Fajar", "Gita", "Hadi"];

/// A made-up man: NIK, KK, name, birth date. Each number gives another.
fn person(number: usize) -> [String; 4] {
    let (day_of_all, serial) = (number / 90, 9_000 + number % 90);
    let (day, month, year) = (1 + day_of_all % 28, 1 + day_of_all / 28 % 12, 1_940 + day_of_all / 336);
    let family = number / 4;
    let kk = format!("327502{:02}{:02}{:02}{:04}", 1 + family % 28, 1 + family / 28 % 12, 10 + family / 336 % 90, 9_000 + family / 30_240);
    let name = [number % 8, number / 8 % 8, number / 64 % 8].map(|at| NAMES[at]).join(" ");
    [format!("327501{day:02}{month:02}{:02}{serial}", year % 100), kk, name, format!("{year}-{month:02}-{day:02}")]
}

fn written(folder: &Path, name: &str, header: &str, rows: impl Iterator<Item = String>) -> PathBuf {
    let path = folder.join(name);
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    writeln!(file, "{header}").expect("a header");
    rows.for_each(|row| writeln!(file, "{row}").expect("a row"));
    file.flush().expect("the whole file");
    path
}

fn people(number: usize) -> String {
    let [nik, kk, name, born] = person(number);
    let relation = if number.is_multiple_of(4) { "head" } else { "child" };
    let jkn = if number < SWITCHED_OFF { "PBI_APBN,active,2025-01-01" } else { ",," };
    format!("{nik},{kk},{relation},{name},{born},M,3275011001,003,012,Jl. Mawar {number},,{born},{jkn}")
}

fn civil(number: usize) -> Option<String> {
    let [nik, kk, name, born] = person(number);
    Some(match number % DIFFERING {
        0 => format!("{nik},{kk},Orang Lain,{born},M,3275011001,,"),
        1 => format!("{nik},{kk},{name},{born},M,3275011001,deceased,2026-10-01"),
        2 => format!("{nik},{kk},{name},{born},M,3275011002,,"),
        3 => return None,
        _ => format!("{nik},{kk},{name},{born},M,3275011001,,"),
    })
}

/// Runs a command to its end; prints how long it took and how much memory it held at most.
fn run(database: &Database, arguments: &[&str]) -> String {
    let mut command = ksnik();
    command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", database.url()]).args(arguments);
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a process").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let held = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        peak = held.unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(100));
    }
    let output = child.wait_with_output().expect("what it said");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{:?}, {}: {:.1} s, {} MiB at most", database.engine(), arguments[..2].join(" "), begun.elapsed().as_secs_f64(), peak / 1024);
    assert!(output.status.success(), "{arguments:?}: {said}");
    assert!(peak / 1024 <= MOST_MIB, "{arguments:?} held {} MiB", peak / 1024);
    said
}

on_both!(
    #[ignore = "minutes"]
    the_files_of_a_whole_city_are_read
);
async fn the_files_of_a_whole_city_are_read(database: Database) {
    let folder = run_folder::fresh_path("city");
    std::fs::create_dir(&folder).expect("a folder");
    let header = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since,jkn_segment,jkn_state,jkn_valid_from";
    let registered = written(&folder, "people.csv", header, (0..REGISTERED).map(people));
    let header = "nik,kk_number,name,birth_date,sex,village_code,status,status_date";
    let file = written(&folder, "population.csv", header, (0..IN_THE_FILE).filter_map(civil));
    let off = (0..SWITCHED_OFF).map(|number| format!("{},PBI_APBN,inactive,2026-02-01", person(number)[0]));
    let off = written(&folder, "off.csv", "nik,segment,state,valid_from", off);
    let text = |path: &Path| path.to_str().expect("a path of UTF-8").to_owned();

    let said = run(&database, &["import", "participants", &text(&registered), "--alone"]);
    assert!(said.contains(&format!("created {REGISTERED}, changed 0, unchanged 0, failed 0")), "{said}");
    let said = run(&database, &["import", "jkn_status", &text(&off), "--alone"]);
    assert!(said.contains("unchanged 0, failed 0") && said.contains(&format!("{SWITCHED_OFF}")), "{said}");
    let said = run(&database, &["reconcile", &text(&file), "--alone"]);
    let each = REGISTERED / DIFFERING;
    for found in [format!("not found {each}"), format!("moved {each}"), format!("different {each}"), format!("deceased {each}")] {
        assert!(said.contains(&found), "no {found} in {said}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder");
}
