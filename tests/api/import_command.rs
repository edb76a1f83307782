//! `ksnik import`, run as an operator runs it.

use std::path::Path;
use std::process::Output;

use super::people_file::{Family, file};
use super::support::binary::{ksnik, texts};
use super::support::databases::{Database, Seed};
use super::support::{on_both, product, run_folder};

fn import(database: &Database, path: &Path, more: &[&str]) -> Output {
    import_kind("participants", database, path, more)
}

fn import_kind(kind: &str, database: &Database, path: &Path, more: &[&str]) -> Output {
    let mut command = ksnik();
    command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", database.url(), "import", kind]).arg(path).args(more);
    command.output().expect("the binary runs")
}

on_both!(a_file_is_imported_from_the_command_line);
async fn a_file_is_imported_from_the_command_line(database: Database) {
    let folder = run_folder::fresh_path("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let families = [Family::new(1), Family::new(2)];
    let good = write("good.csv", &file(&families));
    let bad = write("bad.csv", &(file(&families) + "1,2,3\n"));
    let refused = write("refused.csv", "nik,name\n");
    let errors = folder.join("errors.csv");

    for (path, more, code, told) in [
        (&good, vec!["--dry-run"], 0, "created 6, changed 0, unchanged 0, failed 0"),
        (&good, vec![], 0, "created 6, changed 0, unchanged 0, failed 0"),
        (&good, vec!["--alone"], 0, "created 0, changed 0, unchanged 6, failed 0"),
        (&bad, vec!["--errors", errors.to_str().expect("a path of UTF-8"), "--language", "en"], 1, "created 0, changed 0, unchanged 6, failed 1"),
    ] {
        let (status, out, err) = texts(&import(&database, path, &more));
        assert_eq!(status, Some(code), "{path:?} {more:?}: {out}{err}");
        assert!(out.contains(told), "{path:?} {more:?}: {out}{err}");
    }
    let report = std::fs::read_to_string(&errors).expect("a report");
    assert!(report.contains("\n8,,TOO_FEW_FIELDS,The row has fewer fields"), "{report}");

    let (status, _, err) = texts(&import(&database, &good, &["--errors", good.to_str().expect("a path of UTF-8")]));
    assert!(status == Some(1) && err.contains("--errors"), "{err}");
    assert_eq!(std::fs::read_to_string(&good).expect("the file"), file(&families), "a report does not overwrite what it is about");

    let (status, out, err) = texts(&import(&database, &refused, &["--language", "en"]));
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("nothing was imported") && err.contains("line 1, sex: COLUMN_MISSING"), "{err}");
    let (status, _, err) = texts(&import(&database, &folder.join("absent.csv"), &[]));
    assert_eq!(status, Some(1), "{err}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

on_both!(a_file_of_each_kind_is_imported_from_the_command_line);
async fn a_file_of_each_kind_is_imported_from_the_command_line(database: Database) {
    let database = Database::copy_of(database.engine(), Seed::City).expect("there is one already");
    let folder = run_folder::fresh_path("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    const HER: &str = "3275015502909333";
    let in_a_name: &[&str] = &["--as", "admin"];
    for (kind, header, row, more) in [
        (
            "households",
            "kk_number,village_code,address,nik,relation,name,birth_date,sex,rt,rw,resident_since",
            format!("3275012001159333,3275011001,Jl. Anggrek 1,{HER},head,Wulan Teladan,1990-02-15,F,3,12,2015-03-01"),
            [].as_slice(),
        ),
        ("jkn_status", "nik,segment,state,valid_from", format!("{HER},PBI_APBN,inactive,2026-02-01"), [].as_slice()),
        ("enrollments", "nik,filer_kind", format!("{HER},officer"), in_a_name),
        ("movers", "nik,kind,date,village_code", format!("{HER},moved_in,2026-03-01,3275011002"), in_a_name),
        ("deaths", "nik,date", format!("{HER},2026-04-01"), in_a_name),
    ] {
        let path = folder.join(format!("{kind}.csv"));
        std::fs::write(&path, format!("{header}\n{row}\n")).expect("a file");
        for (more, told) in [
            ([&["--dry-run"], more].concat(), "created 1, changed 0, unchanged 0, failed 0"),
            (more.to_vec(), "created 1, changed 0, unchanged 0, failed 0"),
            ([&["--alone"], more].concat(), "created 0, changed 0, unchanged 1, failed 0"),
        ] {
            let (status, out, err) = texts(&import_kind(kind, &database, &path, &more));
            assert!(status == Some(0) && out.contains(told), "{kind} {more:?}: {out}{err}");
        }
        if !more.is_empty() {
            for nobody in [[].as_slice(), &["--as", "registrar"], &["--as", "nobody"]] {
                let (status, out, err) = texts(&import_kind(kind, &database, &path, nobody));
                assert!(status == Some(1) && err.contains("--as") && out.is_empty(), "{kind} {nobody:?}: {out}{err}");
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder");
}
