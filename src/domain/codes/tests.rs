//! The lists that come with the program, the Ministry's where they are at hand, and lists with dates.

use super::*;

const ICD10: &str = include_str!("../../../config/reference/icd10.csv");
const ICD9: &str = include_str!("../../../config/reference/icd9cm_procedures.csv");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn code<C: MedicalCode>(text: &str) -> C {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn diagnoses(text: &str) -> CodeList<Icd10Code> {
    CodeList::load(("icd10.csv", text)).unwrap()
}

fn found<'l, C: MedicalCode>(list: &'l CodeList<C>, query: &str) -> Vec<&'l str> {
    list.find(query, day("2026-11-01"), None).map(|line| line.code).collect()
}

#[test]
fn the_lists_that_come_with_the_program_say_what_stands_where() {
    let (diagnoses, procedures) = (diagnoses(ICD10), CodeList::<Icd9Code>::load(("icd9cm.csv", ICD9)).unwrap());
    assert_eq!((diagnoses.count(), procedures.count()), (12_246, 3_882));
    let on = day("2026-11-01");
    for (text, expected) in [
        ("A09", CodeStanding::Category),
        ("A09.9", CodeStanding::Valid),
        ("J18", CodeStanding::Category),
        ("S72.0", CodeStanding::Valid),
        ("R51", CodeStanding::Valid),
        ("A99.9", CodeStanding::Unknown),
        ("A91", CodeStanding::Unknown),
    ] {
        assert_eq!(diagnoses.standing(&code(text), on), expected, "{text}");
    }
    // This list leaves the categories out; they are none the less no procedures.
    for (text, expected) in [
        ("47.01", CodeStanding::Valid),
        ("47.0", CodeStanding::Category),
        ("47", CodeStanding::Category),
        ("64.0", CodeStanding::Valid),
        ("98.77", CodeStanding::Unknown),
    ] {
        assert_eq!(procedures.standing(&code(text), on), expected, "{text}");
    }
    assert_eq!(diagnoses.title(&code("A00"), on), Some("Cholera"));
    assert_eq!(procedures.title(&code("4701"), on), Some("Laparoscopic appendectomy"));
    assert_eq!(procedures.title(&code("47"), on), None);
}

#[test]
fn a_clerk_finds_a_code_by_its_beginning_or_by_words() {
    let list = diagnoses(ICD10);
    assert_eq!(found(&list, "j02"), ["J02", "J02.0", "J02.8", "J02.9"]);
    assert_eq!(found(&list, "J02."), ["J02", "J02.0", "J02.8", "J02.9"]);
    assert_eq!(found(&list, "j029"), ["J02.9"]);
    assert_eq!(found(&list, "  meniere "), ["H81.0"]);
    assert_eq!(found(&list, "Ménière"), ["H81.0"]);
    assert_eq!(found(&list, "neck femur fract"), ["S72.0"]);
    assert_eq!(found(&list, "3275014501909001"), Vec::<&str>::new());
    assert_eq!(found(&list, "").len(), list.count());
    let on = day("2026-11-01");
    let rest: Vec<&str> = list.find("j02", on, Some(&code("J02.0"))).map(|line| line.code).collect();
    assert_eq!(rest, ["J02.8", "J02.9"]);
    let first = list.find("j02", on, None).next().unwrap();
    assert_eq!((first.code, first.title, first.has_longer), ("J02", "Acute pharyngitis", true));
    assert!(!list.find("j029", on, None).next().unwrap().has_longer);
}

#[test]
fn a_code_is_valid_on_its_dates() {
    let list = diagnoses(
        "code,title,valid_from,valid_to\nA90,Dengue fever,,2018-12-31\nA97,Dengue,2019-01-01,\nA97.0,Without warning signs,2020-01-01,\n\
         B01,Old words,,2019-12-31\nB01,New words,2020-01-01,\n",
    );
    for (text, date, expected) in [
        ("A90", "2018-12-31", CodeStanding::Valid),
        ("A90", "2019-01-01", CodeStanding::NotOnDate),
        ("A97", "2018-12-31", CodeStanding::NotOnDate),
        ("A97", "2019-12-31", CodeStanding::Valid),
        ("A97", "2020-01-01", CodeStanding::Category),
        ("A97.1", "2020-01-01", CodeStanding::Unknown),
    ] {
        assert_eq!(list.standing(&code(text), day(date)), expected, "{text} on {date}");
    }
    assert_eq!(list.title(&code("B01"), day("2019-12-31")), Some("Old words"));
    assert_eq!(list.title(&code("B01"), day("2020-01-01")), Some("New words"));
    let in_2019: Vec<_> = list.find("a9", day("2019-06-01"), None).map(|line| (line.code, line.has_longer)).collect();
    assert_eq!(in_2019, [("A97", false)]);
}

#[test]
fn faults_name_file_line_and_column() {
    let head = "code,title,valid_from,valid_to\n";
    for (text, expected) in [
        (format!("{head}A0,x,,\n"), "icd10.csv: line 2, column code: \"A0\": no ICD-10 code"),
        (format!("{head}A00,,,\n"), "icd10.csv: line 2, column title: is empty"),
        (format!("{head}A00,x,yesterday,\n"), "icd10.csv: line 2, column valid_from"),
        (format!("{head}A00.1,x,,\nA001,x,,\n"), "icd10.csv: line 3, column code: A00.1 is already on the list"),
        (format!("{head}A00,x,,2020-01-01\nA00,x,2020-01-01,\n"), "icd10.csv: line 3, column code"),
        (head.to_owned(), "icd10.csv: line 1: the list is empty"),
        ("kode,title\nA00,x\n".to_owned(), "icd10.csv: line 1, column code: is missing"),
        ("code,judul\nA00,x\n".to_owned(), "icd10.csv: line 1, column title or long_title: is missing"),
    ] {
        let faults = CodeList::<Icd10Code>::load(("icd10.csv", &text)).err().unwrap();
        assert!(faults[0].to_string().starts_with(expected), "{}: {expected}", faults[0]);
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}

/// The Ministry's lists may not be kept here. Where they lie beside the project, they are read as they are.
#[test]
fn the_lists_of_the_ministry_load_as_they_are() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/real"));
    if !folder.exists() {
        return eprintln!("SKIPPED: the Ministry's lists are not here, so nobody knows whether they are read");
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (icd10, icd9) = (read("icd10.csv"), read("icd9cm_procedures.csv"));
    let (diagnoses, procedures) = (diagnoses(&icd10), CodeList::<Icd9Code>::load(("icd9cm.csv", &icd9)).unwrap());
    assert_eq!((diagnoses.count(), procedures.count()), (18_543, 4_650));
    let on = day("2026-11-01");
    assert_eq!(diagnoses.standing(&code("A91"), on), CodeStanding::Valid);
    assert_eq!(diagnoses.standing(&code("S72.0"), on), CodeStanding::Category);
    assert_eq!(diagnoses.standing(&code("S7200"), on), CodeStanding::Valid);
    assert_eq!(procedures.standing(&code("93.960"), on), CodeStanding::Valid);
    // The file says itself which codes are the last.
    let leaves = |text: &str, at: usize| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap()).map(|row| (row[0].to_owned(), &row[at] == "Y")).collect::<Vec<_>>()
    };
    for (text, is_leaf) in leaves(&icd10, 5) {
        assert_eq!(diagnoses.standing(&code(&text), on) == CodeStanding::Valid, is_leaf, "{text}");
    }
}
