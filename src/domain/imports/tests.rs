//! Files as people send them: good, damaged, and made of noise.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::domain::jkn::{JknSegment, JknState};
use crate::domain::regions::Regions;
use crate::domain::registration::Registration;
use crate::domain::synthetic::City;

const HEADER: &str = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since";
const WITH_ALL: &str = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since,mother_name,card_number,card_issued_on,jkn_segment,jkn_state,jkn_valid_from,row_key";

fn regions() -> Regions {
    Regions::from_codes(["327501", "3275011001"], [])
}

fn good(serial: u32) -> String {
    format!("327501450190{serial},3275012001159007,head,Siti Aminah,1990-01-05,F,3275011001,003,012,Jl. Mawar 5,081200000001,2015-03-01")
}

fn read(file: &[u8]) -> Result<Vec<Row<ParticipantRow>>, Vec<FileFault>> {
    read_as(file)
}

fn read_as<T: Entry>(file: &[u8]) -> Result<Vec<Row<T>>, Vec<FileFault>> {
    let refused = |error| match error {
        Unreadable::Refused(faults) => faults,
        Unreadable::Io(error) => panic!("{error}"),
    };
    let regions = regions();
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let survey = survey(file, T::COLUMNS).map_err(refused)?;
    let mut reader = Reader::<_, T>::open(file, survey, Place { today, regions: &regions }).map_err(refused)?;
    let rows: Vec<Row<T>> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(survey.rows, rows.len() as u64);
    assert_eq!((survey.bytes, reader.position()), (file.len() as u64, file.len() as u64));
    Ok(rows)
}

/// `good`, `repeated`, or column:code of each fault.
fn told<T>(row: &Row<T>) -> String {
    match &row.outcome {
        Outcome::Good(_) => "good".to_owned(),
        Outcome::Repeated => "repeated".to_owned(),
        Outcome::Bad(faults) => {
            faults.iter().map(|fault| format!("{}:{}", fault.column.map_or("", Column::as_str), fault.code.as_str())).collect::<Vec<_>>().join(" ")
        }
    }
}

fn outcomes(file: &[u8]) -> Vec<(u64, String)> {
    read(file).unwrap().iter().map(|row| (row.line, told(row))).collect()
}

fn file_faults(file: &[u8]) -> Vec<(&'static str, u64, Option<String>)> {
    read(file).err().unwrap_or_default().into_iter().map(|fault| (fault.code.as_str(), fault.line, fault.column)).collect()
}

#[test]
fn a_full_row_is_typed() {
    let file = format!("{WITH_ALL}\n{},Nur Aini,ks-0001,2018-02-01,PBI_APBN,active,2019-01-01,row 7\n", good(9001));
    let rows = read(file.as_bytes()).unwrap();
    let Outcome::Good(row) = &rows[0].outcome else { panic!("{}", told(&rows[0])) };
    assert_eq!(rows[0].row_key.as_deref(), Some("row 7"));
    assert_eq!(rows[0].byte_position, WITH_ALL.len() as u64 + 1);
    assert_eq!(row.registration.mother_name.as_deref(), Some("Nur Aini"));
    let card = row.card.as_ref().unwrap();
    assert_eq!((card.number.as_str(), card.issued_on), ("KS-0001", NaiveDate::from_ymd_opt(2018, 2, 1)));
    let jkn = row.jkn.unwrap();
    assert_eq!((jkn.segment, jkn.state, jkn.valid_to), (JknSegment::PbiApbn, JknState::Active, None));
}

#[test]
fn every_shape_of_the_same_file_reads_alike() {
    let plain = format!("{HEADER}\n{}\n{}\n", good(9001), good(9002));
    let reversed: String = plain.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n").collect();
    let shapes = [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        plain.replace(',', " , "),
        plain.trim_end().to_owned(),
        format!("\u{feff}{plain}"),
        plain.to_uppercase().replace("HEAD,", "head,"),
        plain.lines().map(|line| line.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",") + "\n").collect(),
        plain.lines().map(|line| format!("{line},,\n")).collect(),
        format!("{plain}\n,,,,,,,,,,,\n\n"),
        reversed,
    ];
    for shape in shapes {
        assert_eq!(outcomes(shape.as_bytes()).iter().map(|(_, told)| told.as_str()).collect::<Vec<_>>(), ["good", "good"], "{shape}");
    }
}

#[test]
fn a_file_that_is_no_such_file_is_refused_as_a_whole() {
    let latin1 = [HEADER.as_bytes(), b"\n", good(9001).as_bytes(), b"\n", &good(9002).replace("Siti", "Ren").into_bytes(), b"\xe9\n"].concat();
    let utf16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16.clone()).collect();
    let headless = format!("{}\n", good(9001));
    for (file, expected) in [
        (b"".to_vec(), vec![("FILE_EMPTY", 1, None)]),
        (b"\n \n".to_vec(), vec![("FILE_EMPTY", 1, None)]),
        (latin1, vec![("ENCODING", 3, None)]),
        (utf16, vec![("ENCODING", 1, None)]),
        (marked, vec![("ENCODING", 1, None)]),
        (b"n\xe9k,kk_number\n".to_vec(), vec![("ENCODING", 1, None)]),
        (b"PK\x03\x04....".to_vec(), vec![("FILE_IS_A_WORKBOOK", 1, None)]),
        (HEADER.replace("nik,", "nik,\r").into_bytes(), vec![("LINE_ENDS", 1, None)]),
        (headless.into_bytes(), vec![("HEADER_MISSING", 1, None)]),
        (
            format!("{},colour,nik\n", HEADER.replace("sex,", "")).into_bytes(),
            vec![
                ("COLUMN_UNKNOWN", 1, Some("colour".into())),
                ("COLUMN_DUPLICATE", 1, Some("nik".into())),
                ("COLUMN_MISSING", 1, Some("sex".into())),
            ],
        ),
    ] {
        assert_eq!(file_faults(&file), expected, "{}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn the_encoding_is_named() {
    let faults = read(b"nik\xe9\n").unwrap_err();
    assert_eq!(faults[0].encoding, Some(Encoding::Latin1));
    assert_eq!(read(b"n\0i\0k\0\n\0").unwrap_err()[0].encoding, Some(Encoding::Utf16));
}

#[test]
fn each_damage_is_told_on_its_line_and_the_rest_goes_on() {
    let with = |from: &str, to: &str| good(9001).replace(from, to);
    for (line, expected) in [
        (with("3275014501909001", "3.27501E+15"), "nik:NIK_SCIENTIFIC_NOTATION"),
        (with("3275014501909001", "\"3,27501E+15\""), "nik:NIK_SCIENTIFIC_NOTATION"),
        (with("3275012001159007", "3.27501E+15"), "kk_number:NIK_SCIENTIFIC_NOTATION"),
        (with("081200000001", "8.12E+10"), "phone:NIK_SCIENTIFIC_NOTATION"),
        (with("3275014501909001", "327501450190900"), "nik:NIK_LEADING_ZERO_LOST"),
        (with("3275012001159007", "327501200115900"), "kk_number:KK_LEADING_ZERO_LOST"),
        (with("3275014501909001", "12"), "nik:NIK_FORMAT"),
        (with("3275014501909001", ""), "nik:FIELD_MISSING"),
        (with("3275014501909001", "'3275014501909001"), "good"),
        (with("3275014501909001", "=\"3275014501909001\""), "good"),
        (with("3275014501909001", "\"=\"\"3275014501909001\"\"\""), "good"),
        (with("081200000001", ""), "good"),
        (with("003", "3"), "good"),
        (with("1990-01-05", "32878"), "birth_date:DATE_IS_SERIAL_NUMBER"),
        (with("1990-01-05", "5/1/1990"), "birth_date:DATE_IS_LOCAL"),
        (with("2015-03-01", "01-03-2015"), "resident_since:DATE_IS_LOCAL"),
        (with("1990-01-05", "1990-13-05"), "birth_date:DATE_IMPOSSIBLE"),
        (with("Siti Aminah", "Siti\0Aminah"), "name:NUL_BYTE"),
        (with("Jl. Mawar 5", &"x".repeat(1_001)), "address:FIELD_TOO_LONG"),
        (with("Jl. Mawar 5", "Jl. \"Mawar\" 5"), "good"),
        (with("Jl. Mawar 5", "\"Jl. Mawar 5,\r\nBlok \"\"A\"\"\""), "good"),
        (with("Jl. Mawar 5", "\"Jl. Mawar\" 5"), ":QUOTE_MISPLACED"),
        (with("Jl. Mawar 5", "\"Jl. Mawar 5"), ":QUOTE_NOT_CLOSED"),
        (with("Siti Aminah,", ""), ":TOO_FEW_FIELDS"),
        (good(9001) + ",more", ":TOO_MANY_FIELDS"),
        ("x".repeat(70_000), ":LINE_TOO_LONG"),
        (with("head", "uncle").replace(",F,", ",P,"), "relation:UNKNOWN_VALUE sex:UNKNOWN_VALUE"),
    ] {
        let file = format!("{HEADER}\n{}\n{line}\n{}\n{}\n", good(9011), good(9012), good(9013));
        let told = outcomes(file.as_bytes());
        let after = 4 + line.matches('\n').count() as u64;
        let expected = [(2, "good"), (3, expected), (after, "good"), (after + 1, "good")];
        assert_eq!(told.iter().map(|(line, told)| (*line, told.as_str())).collect::<Vec<_>>(), expected, "{line:.200}");
    }
}

#[test]
fn cards_and_periods_are_whole_or_refused() {
    for (cells, expected) in [
        (",,,,,,", "good"),
        (",KS-0001,,,,,", "good"),
        (",K!,,,,,", "card_number:CARD_NUMBER_FORMAT"),
        (",,2018-02-01,,,,", "card_number:FIELD_MISSING"),
        (",KS-0001,43132,,,,", "card_issued_on:DATE_IS_SERIAL_NUMBER"),
        (",,,PPU,,,", "jkn_state:FIELD_MISSING jkn_valid_from:FIELD_MISSING"),
        (",,,ppu,active,2019-01-01,", "jkn_segment:UNKNOWN_VALUE"),
        (",,,PPU,active,2027-01-01,", "jkn_valid_from:DATE_IN_FUTURE"),
        (",,,,,,3275 0145 0190 9001", "good"),
        (",,,,,,\"a\nb\"", "row_key:ROW_KEY_FORMAT"),
    ] {
        let rows = read(format!("{WITH_ALL}\n{}{cells}\n", good(9001).replace("2015-03-01", "2015-03-01,")).as_bytes());
        let rows = rows.unwrap();
        assert_eq!(told(&rows[0]), expected, "{cells}");
        assert_eq!(rows[0].row_key, None, "a NIK as the sender's key stays out of reports");
    }
}

#[test]
fn the_second_of_two_is_told_unless_it_says_the_same() {
    let mended = good(9002).replace("1990-01-05", "1990-01-06");
    let lines = [good(9001), good(9001), good(9001).replace("Siti", "Sari"), good(9002).replace("1990-01-05", "x"), mended];
    let told: Vec<String> = outcomes(format!("{HEADER}\n{}\n", lines.join("\n")).as_bytes()).into_iter().map(|(_, told)| told).collect();
    assert_eq!(told, ["good", "repeated", "nik:NIK_REPEATED", "birth_date:NOT_A_DATE", "good"]);
}

#[test]
fn a_column_that_lost_its_last_digits_is_recognised_only_over_many_rows() {
    let zeroed = |rows: u32| (0..rows).map(|row| good(9000 + row * 10)).collect::<Vec<_>>().join("\n");
    let faulty = |file: String| outcomes(file.as_bytes()).iter().filter(|(_, told)| told == "nik:NIK_LAST_DIGIT_ZEROED").count();
    assert_eq!(faulty(format!("{HEADER}\n{}\n", zeroed(5))), 0, "by chance, perhaps");
    assert_eq!(faulty(format!("{HEADER}\n{}\n", zeroed(6))), 6);
    assert_eq!(faulty(format!("{HEADER}\n{}\n{}\n", zeroed(18), good(9001))), 0, "one that does not end in zero among few");
    assert_eq!(faulty(format!("{HEADER}\n{}\n{}\n{}\n", good(9001), zeroed(30), good(9013))), 30, "two mended rows hide nothing and pass");
    let sound = (0..100).map(|row| good(9000 + row)).collect::<Vec<_>>().join("\n");
    assert_eq!(faulty(format!("{HEADER}\n{sound}\n")), 0);
}

#[test]
fn a_family_does_not_look_like_a_zeroed_column() {
    let mut detector = ZeroTailDetector::default();
    for _ in 0..100 {
        detector.see("3275012001159000");
    }
    assert!(!detector.is_zeroed());
}

#[test]
fn the_report_is_plain_and_runs_nothing() {
    let mut report = ErrorReport::new(Vec::new(), |fault: &ReportLine<'_>| format!("see {}, please", fault.code)).unwrap();
    report.write(&ReportLine { line: 3, column: Some("nik"), code: "NIK_FORMAT", row_key: Some("=cmd()") }).unwrap();
    report.write(&ReportLine { line: 4, column: None, code: "TOO_FEW_FIELDS", row_key: None }).unwrap();
    let text = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(
        text,
        "line,column,code,message,row_key\r\n3,nik,NIK_FORMAT,\"see NIK_FORMAT, please\",'=cmd()\r\n4,,TOO_FEW_FIELDS,\"see TOO_FEW_FIELDS, please\",\r\n"
    );
}

#[test]
fn a_whole_city_reads_back_as_it_was() {
    let villages = include_str!("../../../config/reference/villages.csv");
    let regions = Regions::from_codes(villages.lines().filter_map(|line| line.split(',').next()), []);
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let people: Vec<Registration> =
        City::new(11, today, "3275", &regions).households(3_000).flat_map(|household| household.members).map(|person| person.registration).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADER.split(',').chain(["mother_name"])).unwrap();
    for person in &people {
        let (birth_date, resident_since) = (person.birth_date.to_string(), person.resident_since.to_string());
        let phone = person.phone.as_deref().unwrap_or("");
        let cells = [person.nik.digits(), person.kk_number.digits(), person.relation.as_str(), &person.name, &birth_date, person.sex.as_str()];
        let home = [person.village_code.as_str(), &person.rt, &person.rw, &person.address, phone, &resident_since];
        csv.write_record(cells.iter().chain(&home).chain(&[person.mother_name.as_deref().unwrap_or("")])).unwrap();
    }
    let file = csv.into_inner().unwrap();
    let survey = survey(file.as_slice(), ParticipantRow::COLUMNS).unwrap();
    assert!(!survey.nik_zeroed && !survey.kk_zeroed);
    let rows = Reader::<_, ParticipantRow>::open(file.as_slice(), survey, Place { today, regions: &regions }).unwrap();
    let read: Vec<Registration> = rows
        .map(|row| match row.unwrap().outcome {
            Outcome::Good(row) => row.registration,
            Outcome::Repeated => panic!("nobody is in the city twice"),
            Outcome::Bad(faults) => panic!("{faults:?}"),
        })
        .collect();
    assert!(read == people, "everyone comes back as written");
}

#[test]
fn each_kind_knows_its_own_columns_only() {
    for kind in ImportKind::ALL {
        let columns = kind.columns();
        let names: Vec<&str> = columns.all().map(Column::as_str).collect();
        assert!(columns.contain(Column::Nik) && columns.contain(Column::RowKey), "{kind}");
        assert_eq!(survey(names.join(";").as_bytes(), columns).unwrap().rows, 0, "{kind}");
        for name in Column::ALL.iter().filter(|column| !columns.contain(**column)) {
            let file = format!("{},{name}\n", names.join(","));
            let Err(Unreadable::Refused(faults)) = survey(file.as_bytes(), columns) else { panic!("{kind} {name}") };
            assert_eq!(faults[0].code, FileCode::ColumnUnknown, "{kind} {name}");
        }
    }
}

fn told_of<T: Entry>(file: &str) -> Vec<String> {
    read_as::<T>(file.as_bytes()).unwrap().iter().map(told).collect()
}

#[test]
fn a_status_is_whole_or_refused() {
    for (cells, expected) in [
        ("PBI_APBN,inactive,2026-02-01,", "good"),
        ("PBI_APBN,inactive,2099-02-01,2099-02-01", "good"),
        ("PBI_APBN,inactive,2026-02-01,2026-01-31", "valid_to:ENDS_BEFORE_BEGINNING"),
        (",,,", "segment:FIELD_MISSING state:FIELD_MISSING valid_from:FIELD_MISSING"),
        ("pbi,off,46054,1/2/2026", "segment:UNKNOWN_VALUE state:UNKNOWN_VALUE valid_from:DATE_IS_SERIAL_NUMBER valid_to:DATE_IS_LOCAL"),
    ] {
        let file = format!("nik,segment,state,valid_from,valid_to\n3275014501909001,{cells}\n");
        assert_eq!(told_of::<JknRow>(&file), [expected], "{cells}");
    }
}

#[test]
fn what_must_be_known_of_a_filer_is_asked_for() {
    for (cells, expected) in [
        ("officer,,,", "good"),
        ("member,3275014501909002,,", "good"),
        ("rt_rw,3275014501909002,Ketua RW 12,rt_rw", "good"),
        ("rt_rw,,Ketua RW 12,rt_rw", "filer_nik:FIELD_MISSING"),
        ("dinsos,,,", "filer_nik:FIELD_MISSING filer_name:FIELD_MISSING"),
        ("member,,Siti,", "filer_nik:FIELD_MISSING"),
        ("dinsos,3275014501909002,,", "filer_name:FIELD_MISSING"),
        ("member,3.27501E+15,,fax", "filer_nik:NIK_SCIENTIFIC_NOTATION channel:UNKNOWN_VALUE"),
        (",,,", "filer_kind:FIELD_MISSING"),
    ] {
        let file = format!("nik,filer_kind,filer_nik,filer_name,channel\n3275014501909001,{cells}\n");
        assert_eq!(told_of::<EnrollmentRow>(&file), [expected], "{cells}");
    }
    let long = format!("nik,filer_kind,filer_name\n3275014501909001,officer,{}\n", "x".repeat(101));
    assert_eq!(told_of::<EnrollmentRow>(&long), ["filer_name:FIELD_TOO_LONG"]);
}

/// The households as they stand together, each as its rows' outcomes.
fn households(lines: &[String]) -> Vec<Vec<String>> {
    let file = format!("{HEADER}\n{}\n", lines.join("\n"));
    let regions = regions();
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let survey = survey(file.as_bytes(), HouseholdRow::COLUMNS).unwrap();
    let mut reader = Reader::<_, HouseholdRow>::open(file.as_bytes(), survey, Place { today, regions: &regions }).unwrap();
    let mut households = Vec::new();
    let mut position = 0;
    while let Some(rows) = reader.next_together().unwrap() {
        assert!(rows.iter().all(|row| (position..reader.position()).contains(&row.byte_position)), "a household lies in its own bytes");
        position = reader.position();
        households.push(rows.iter().map(told).collect());
    }
    assert_eq!(position, survey.bytes);
    households
}

#[test]
fn rows_of_a_household_stand_or_fall_together() {
    let of = |kk: u32, row: String| row.replace("3275012001159007", &format!("327501200115{kk}"));
    let head = |kk, serial| of(kk, good(serial));
    let child = |kk, serial| of(kk, good(serial).replace("head", "child"));
    let incomplete = || "kk_number:HOUSEHOLD_INCOMPLETE".to_owned();
    let outcome = |text: &str| text.to_owned();
    assert_eq!(
        households(&[
            head(9001, 9001),
            child(9001, 9002),
            head(9002, 9003),
            "x".to_owned(),
            child(9002, 9004),
            head(9003, 9005),
            head(9003, 9006),
            head(9001, 9007),
            head(9002, 9003),
            child(9002, 9004),
            head(9004, 9001),
            child(9004, 9009),
        ]),
        [
            vec![outcome("good"), outcome("good")],
            vec![incomplete(), outcome(":TOO_FEW_FIELDS"), incomplete()],
            vec![outcome("relation:HEAD_COUNT"), outcome("relation:HEAD_COUNT")],
            vec![outcome("kk_number:HOUSEHOLD_ROWS_APART")],
            // The household was at fault above: this is its correction.
            vec![outcome("good"), outcome("good")],
            vec![outcome("nik:NIK_REPEATED"), incomplete()],
        ]
    );
    let large: Vec<String> = (0..60).map(|at| if at == 0 || at == 55 { head(9001, 9001 + at) } else { child(9001, 9001 + at) }).collect();
    let told = households(&large);
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [51, 9]);
    assert!(told[0].iter().all(|told| told == "kk_number:HOUSEHOLD_TOO_LARGE"));
    assert!(told[1].iter().all(|told| told == "kk_number:HOUSEHOLD_ROWS_APART"), "what is left of it is no household: {:?}", told[1]);
}

fn person() -> impl Strategy<Value = (u32, u32, bool, String, String)> {
    (1u32..=12, 1u32..=28, any::<bool>(), "[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8}){0,3}", "[A-Za-z0-9 ,.\";/-]{0,9}(\n[A-Za-z0-9 ,.\";/-]{0,4}){0,7}x")
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

fn written((month, day, woman, name, address): &(u32, u32, bool, String, String), serial: usize) -> String {
    let (sex, shift) = if *woman { ("F", 40) } else { ("M", 0) };
    let nik = format!("327501{:02}{month:02}90{serial:04}", day + shift);
    format!("{nik},3275012001159007,child,{name},1990-{month:02}-{day:02},{sex},3275011001,3,12,{},,2015-03-01", quoted(address))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn good_rows_always_pass(people in prop::collection::vec(person(), 0..20)) {
        let lines: Vec<String> = people.iter().enumerate().map(|(index, person)| written(person, 9001 + index)).collect();
        let rows = read(format!("{HEADER}\n{}\n", lines.join("\n")).as_bytes()).unwrap();
        prop_assert_eq!(rows.len(), people.len());
        for (row, person) in rows.iter().zip(&people) {
            let Outcome::Good(good) = &row.outcome else { return Err(TestCaseError::fail(told(row))) };
            prop_assert_eq!(&good.registration.name, &person.3);
            prop_assert!(good.warnings.is_empty());
        }
    }

    #[test]
    fn a_bad_row_never_hides_a_good_one(bad in "\"?[^\r\n]{1,60}", people in prop::collection::vec(person(), 2..12), at in 0usize..12) {
        let mut lines: Vec<String> = people.iter().enumerate().map(|(index, person)| written(person, 9001 + index)).collect();
        lines.insert(at.min(people.len()), bad);
        let rows = read(format!("{HEADER}\n{}\n", lines.join("\n")).as_bytes()).unwrap();
        prop_assert_eq!(rows.iter().filter(|row| matches!(row.outcome, Outcome::Good(_))).count(), people.len());
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400), after_header: bool) {
        let file = if after_header { [HEADER.as_bytes(), b"\n", &noise].concat() } else { noise };
        if let Ok(rows) = read(&file) {
            prop_assert!(rows.iter().all(|row| !matches!(row.outcome, Outcome::Good(_))));
        }
    }

    #[test]
    fn noise_of_the_format_never_panics(noise in "[,;\"\r\n0-9a-z ]{0,200}") {
        let _ = read(format!("{HEADER}\n{noise}").as_bytes());
    }
}
