//! Price lists, read as cities write them: what is taken, and what is told of the rest.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::domain::imports::FileCode;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::{Key, Ownership};

const PLAIN: &str = include_str!("../../../config/tariff-mappings/plain.toml");
const WIDE: &str = include_str!("../../../config/tariff-mappings/wide.toml");

fn regions() -> Regions {
    Regions::from_codes(["3275", "3216"], [])
}

fn mapping(text: &str) -> Mapping {
    Mapping::load("mapping.toml", text, &regions()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn parsed(content: &str, mapping: &Mapping) -> TariffFile {
    read(content.as_bytes(), mapping, &regions()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// `code care_type ward class owner region amount`, with a point for what is not said.
fn shown(file: &TariffFile) -> Vec<String> {
    fn word<T: ToString>(value: Option<T>) -> String {
        value.map_or(".".to_owned(), |value| value.to_string())
    }
    let shown = |Entry { key, amount, .. }: &Entry| {
        let Key { code, care_type, ward_class, facility_class, ownership, region } = key;
        let fields = [word(*ward_class), word(*facility_class), word(*ownership), word(region.as_ref())];
        format!("{code} {care_type} {} {}", fields.join(" "), amount.0)
    };
    file.entries.iter().map(shown).collect()
}

fn faults(file: &TariffFile) -> Vec<String> {
    file.faults.iter().map(|fault| format!("{} {} {}", fault.line, fault.column.as_deref().unwrap_or("."), fault.code)).collect()
}

#[test]
fn a_plain_list_is_read_and_every_bad_cell_is_told() {
    let file = parsed(include_str!("../../../tests/golden/tariffs/plain.csv"), &mapping(PLAIN));
    assert_eq!(
        shown(&file),
        [
            "A-4-14-I inpatient III B government 3275 2000000",
            "A-4-14-I inpatient II B government 3275 2400000",
            "A-4-14-I inpatient III C private 3275 1900000",
            "RJ-001 outpatient . . . 3275 45000",
            "RJ-002 outpatient . . . 3275 120000",
            "RJ-013 outpatient . . . 3275 75000",
        ]
    );
    assert_eq!(file.entries[4].description, "Konsultasi dokter spesialis");
    assert_eq!(
        faults(&file),
        [
            "11 Tarif (Rp) AMOUNT_FORMAT",
            "12 Kelas Rawat TARIFF_WORD_UNKNOWN",
            "13 Jenis Pelayanan TARIFF_WORD_UNKNOWN",
            "14 Tarif (Rp) CELL_FORMULA",
            "15 Tarif (Rp) CELL_ERROR",
            "16 Kode TARIFF_CODE_FORMAT",
            "17 Kode FIELD_MISSING",
            "18 Tarif (Rp) FIELD_MISSING",
            "19 Tarif (Rp) TARIFF_ITEM_DIFFERS",
            "20 Tarif (Rp) TARIFF_ITEM_DIFFERS",
            "21 . QUOTE_NOT_CLOSED",
            "23 Tarif (Rp) AMOUNT_NOT_WHOLE",
        ]
    );
    assert_eq!(file.faults[1].allowed, ["I", "II", "III", "vip"]);
    assert_eq!((file.rows, file.repeated), (19, 1));
}

const WIDE_ITEMS: [&str; 15] = [
    "A-4-14-I inpatient I B government . 2800000",
    "A-4-14-I inpatient II B government . 2400000",
    "A-4-14-I inpatient III B government . 2000000",
    "A-4-14-I inpatient I C government . 2660000",
    "A-4-14-I inpatient II C government . 2280000",
    "A-4-14-I inpatient III C government . 1900000",
    "A-4-14-II inpatient I B government . 4200000",
    "A-4-14-II inpatient II B government . 3600000",
    "A-4-14-II inpatient III B government . 3000000",
    "A-4-14-II inpatient III C government . 2850000",
    "A-4-14-III inpatient I B government . 5600000",
    "A-4-14-III inpatient III B government . 4000000",
    "A-4-14-III inpatient I C government . 5320000",
    "A-4-14-III inpatient II C government . 4560000",
    "A-4-14-III inpatient III C government . 3800000",
];

#[test]
fn a_wide_list_gives_an_item_for_each_column() {
    let file = parsed(include_str!("../../../tests/golden/tariffs/wide.csv"), &mapping(WIDE));
    assert_eq!(shown(&file), WIDE_ITEMS);
    assert_eq!(faults(&file), ["8 RS KELAS B / KELAS 2 AMOUNT_FORMAT", "9 . FIELD_MISSING"]);
    assert_eq!((file.rows, file.repeated), (4, 0));
}

/// A workbook with one sheet, whose rows are written by hand: what libraries that write would not, such as formulas without values.
fn workbook(name: &str, rows: &str) -> Vec<u8> {
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#.to_owned(),
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in parts {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn number(at: &str, number: &str) -> String {
    format!(r#"<c r="{at}"><v>{number}</v></c>"#)
}

fn formula(at: &str, formula: &str, value: &str) -> String {
    format!(r#"<c r="{at}"><f>{formula}</f>{value}</c>"#)
}

fn row(number: u32, cells: &[String]) -> String {
    format!(r#"<row r="{number}">{}</row>"#, cells.concat())
}

#[test]
fn a_workbook_with_merged_headings_and_formulas_is_read_with_the_values_that_were_computed() {
    let heads = ["KELAS 1", "KELAS 2", "KELAS 3", "KELAS 1", "KELAS 2", "KELAS 3"];
    let under: Vec<String> = "CDEFGH".chars().zip(heads).map(|(column, head)| text(&format!("{column}4"), head)).collect();
    let rows = [
        row(1, &[text("A1", "LAMPIRAN CONTOH")]),
        row(3, &[text("A3", "Kode  INA-CBG"), text("B3", "Deskripsi"), text("C3", "RS Kelas B"), text("F3", "RS Kelas C")]),
        row(4, &under),
        row(5, &[text("B5", "BAB A")]),
        row(
            6,
            &[
                text("A6", "A-4-14-I"),
                text("B6", "INFEKSI CONTOH"),
                number("C6", "2800000"),
                formula("D6", "C6*6/7", "<v>2400000</v>"),
                formula("E6", "C6*5/7", ""),
                number("F6", "2660000.0000000005"),
                text("G6", "Rp 2.280.000,00"),
                formula("H6", "1/0", "<v>#DIV/0!</v>").replace("<c r=\"H6\"", "<c r=\"H6\" t=\"e\""),
            ],
        ),
        row(8, &[number("A8", "101"), number("C8", "1000.5"), number("D8", "-5"), formula("H8", "Z1", "<v>750</v>")]),
    ];
    let content = workbook("tarif", &rows.concat());
    let file = read(&content, &mapping(WIDE), &regions()).unwrap();
    assert_eq!(
        shown(&file),
        [
            "A-4-14-I inpatient I B government . 2800000",
            "A-4-14-I inpatient II B government . 2400000",
            "A-4-14-I inpatient I C government . 2660000",
            "A-4-14-I inpatient II C government . 2280000",
            "101 inpatient I B government . 1001",
            "101 inpatient III C government . 750",
        ]
    );
    assert_eq!(file.entries[4].description, "101", "a list without a description says the code");
    assert_eq!(faults(&file), ["6 RS KELAS B / KELAS 3 CELL_FORMULA", "6 RS KELAS C / KELAS 3 CELL_ERROR", "8 RS KELAS B / KELAS 2 AMOUNT_FORMAT"]);
}

#[test]
fn a_file_that_cannot_be_read_as_a_whole_is_told_why() {
    let by_name = Mapping::by_name();
    let codes = |content: &[u8], mapping: &Mapping| -> Vec<String> {
        let told = read(content, mapping, &regions()).expect_err("it is refused");
        told.iter().map(|fault| format!("{} {} {}", fault.line, fault.column.as_deref().unwrap_or("."), fault.code)).collect()
    };
    for (content, mapping, expected) in [
        (&b""[..], &by_name, &["1 . FILE_EMPTY"][..]),
        (b" \n \n", &by_name, &["1 . FILE_EMPTY"]),
        (b"code,amount,amount\nA,1,1\n", &by_name, &["1 description COLUMN_MISSING", "1 care_type COLUMN_MISSING", "1 amount COLUMN_DUPLICATE"]),
        (b"\xFF\xFEc\0o\0", &by_name, &["1 . ENCODING"]),
        (b"\xD0\xCF\x11\xE0", &by_name, &["1 . FILE_IS_A_WORKBOOK"]),
        (b"PK\x03\x04 no zip", &by_name, &["1 . WORKBOOK_UNREADABLE"]),
        (&workbook("Lain", ""), &mapping(WIDE), &["1 Tarif SHEET_MISSING"]),
        (&workbook("Tarif", ""), &mapping(WIDE), &["1 . FILE_EMPTY"]),
    ] {
        assert_eq!(codes(content, mapping), expected);
    }
    let missing = codes(b"KODE INA-CBG,DESKRIPSI\n", &mapping(WIDE));
    assert_eq!(missing.len(), 8, "two columns and six of amounts are not in lines 3 and 4: {missing:?}");
    // Without the column the price would be for all owners.
    let named = "[columns]\ncode = \"code\"\nownership = \"ownership\"\namount = \"amount\"\n[fixed]\ncare_type = \"primary\"\n";
    assert_eq!(codes(b"code,amount\nA,1\n", &mapping(named)), ["1 ownership COLUMN_MISSING"]);
    assert_eq!(read_csv(&workbook("Tarif", ""), &by_name, &regions()).unwrap_err()[0].code, FileCode::Workbook);
}

#[test]
fn a_list_by_the_json_names_needs_only_what_every_item_has() {
    let file = parsed(
        "amount\tregion\tcode\tdescription\tcare_type\townership\n2.000\t3275\ta-1\tContoh\tINPATIENT\tprivate\n5\t9999\tA-2\tContoh\tprimary\t\n",
        &Mapping::by_name(),
    );
    assert_eq!(shown(&file), ["A-1 inpatient . . private 3275 2000"]);
    assert_eq!(file.entries[0].key.ownership, Some(Ownership::Private));
    assert_eq!(faults(&file), ["3 region REGION_UNKNOWN"]);
    let latin = read(b"code,description,care_type,amount\nA-1,Ob\xE9sit\xE9,primary,5\n", &Mapping::by_name(), &regions()).unwrap();
    assert_eq!((faults(&latin), latin.entries.len()), (vec!["2 description ENCODING".to_owned()], 0));
}

#[test]
fn everything_that_is_wrong_with_a_mapping_is_told() {
    let told = |text: &str| -> Vec<String> {
        let faults = Mapping::load("m.toml", text, &regions()).expect_err("it is refused");
        faults.iter().map(|fault| fault.key.clone()).collect()
    };
    assert_eq!(told("columns = 5"), ["line 1"]);
    assert_eq!(told("colums = {}"), ["line 1"]);
    let text = r#"
        header_lines = [2, 1]
        [columns]
        code = "Kode"
        price = "Harga"
        [fixed]
        code = "A 1"
        region = "9999"
        ward_class = "IV"
        amount = "5"
        [words.code]
        a = "b"
        [words.care_type]
        "Rawat Inap" = "stay"
        [[amounts]]
        ward_class = "I"
        [numbers]
        decimal = ";"
        percent = 0
    "#;
    let expected = [
        "header_lines",
        "numbers.decimal",
        "numbers.percent",
        "columns.price",
        "fixed.amount",
        "fixed.code",
        "fixed.region",
        "fixed.ward_class",
        "words.care_type.Rawat Inap",
        "words.code",
        "amounts.0.column",
        "care_type",
    ];
    assert_eq!(told(text), expected);
    let twice = r#"
        [columns]
        code = "Kode"
        care_type = "Jenis"
        ward_class = "Kelas"
        amount = "Tarif"
        [[amounts]]
        column = "Tarif"
        ward_class = "I"
    "#;
    assert_eq!(told(twice), ["amounts", "ward_class", "amounts"]);
    assert_eq!(told("[columns]\ncode = \"K\"\ncare_type = \"J\""), ["amounts"]);
}

#[test]
fn a_mapping_may_take_a_part_of_the_figures() {
    let text = "[columns]\ncode = \"K\"\namount = \"T\"\n[fixed]\ncare_type = \"primary\"\n[numbers]\npercent = 75\ndecimal = \".\"\n";
    assert_eq!(parsed("K,T\nA-1,\"2,000,001.00\"\n", &mapping(text)).entries[0].amount, Rupiah(1_500_001));
}

/// The few real tariffs that could be found, laid out as somebody gathered them.
#[test]
fn a_real_list_is_read_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/real/inacbg_tariffs.csv");
    let Ok(content) = std::fs::read(path) else {
        eprintln!("SKIPPED: {path} is not here, so nobody knows whether real lists are read");
        return;
    };
    let text = r#"
        [columns]
        code = "code"
        description = "description"
        care_type = "care"
        ward_class = "class"
        facility_class = "hospital_class"
        ownership = "ownership"
        amount = "tariff_idr"
        [words.ward_class]
        1 = "I"
        2 = "II"
        3 = "III"
        [words.ownership]
        pemerintah = "government"
        swasta = "private"
    "#;
    let file = read(&content, &mapping(text), &regions()).unwrap();
    assert_eq!((file.rows, file.faults.len() + file.entries.len() + file.repeated), (69, 69), "{:?}", faults(&file));
    assert!(file.faults.is_empty(), "{:?}", faults(&file));
    let one_region = format!("{text}\n[only]\nregional = [\"3\"]\n");
    let some = read(&content, &mapping(&one_region), &regions()).unwrap().rows;
    assert!((1..69).contains(&some), "{some}");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(content in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), tail in "[A-Za-z0-9,;\"\n=#.-]{0,200}") {
        let _ = read(&content, &Mapping::by_name(), &regions());
        let _ = read(format!("code,description,care_type,amount\n{tail}").as_bytes(), &Mapping::by_name(), &regions());
    }
}
