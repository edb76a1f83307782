//! Sheets: rows as CSV or as a workbook (XLSX), written as they come, so that neither memory nor a disk ever holds a whole one. The libraries for
//! workbooks keep their rows in memory or, open, in temporary files; people's data may lie in neither.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::NaiveDate;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::spreadsheets::neutralised;
use super::text_enum::text_enum;

text_enum! {
    /// What a sheet is written as.
    SheetFormat { Csv = "csv", Xlsx = "xlsx" }
}

impl SheetFormat {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One cell. Numbers that name something, like a NIK, are texts: a spreadsheet keeps fifteen digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(i64),
    Date(NaiveDate),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<NaiveDate> for Cell<'_> {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A sheet on its way out.
pub enum Sheet<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Workbook(Box<Workbook<W>>),
}

impl<W: Write> Sheet<W> {
    /// Writes the header. `name` is what a workbook calls the sheet.
    pub fn begin(format: SheetFormat, output: W, name: &str, columns: &[&str]) -> io::Result<Self> {
        match format {
            SheetFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(output);
                csv.write_record(columns)?;
                Ok(Self::Csv(Box::new(csv)))
            }
            SheetFormat::Xlsx => Ok(Self::Workbook(Box::new(Workbook::begin(output, name, columns)?))),
        }
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Csv(csv) => {
                for cell in cells {
                    match cell {
                        Cell::Empty => csv.write_field("")?,
                        Cell::Text(text) => csv.write_field(neutralised(text).as_ref())?,
                        Cell::Number(number) => csv.write_field(number.to_string())?,
                        Cell::Date(date) => csv.write_field(date.to_string())?,
                    }
                }
                Ok(csv.write_record(None::<&[u8]>)?)
            }
            Self::Workbook(workbook) => workbook.row(cells),
        }
    }

    /// Goes on with a further sheet of a workbook; a CSV file has one.
    pub fn another(&mut self, name: &str, columns: &[&str]) -> io::Result<()> {
        match self {
            Self::Csv(_) => Err(io::Error::other("a CSV file has one sheet")),
            Self::Workbook(workbook) => workbook.another(name, columns),
        }
    }

    /// Writes out what is left and gives the output back.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Csv(csv) => csv.into_inner().map_err(csv::IntoInnerError::into_error),
            Self::Workbook(workbook) => workbook.finish(),
        }
    }
}

/// As many rows as a spreadsheet opens; what is more goes on in a further sheet.
const ROWS_A_SHEET: usize = 1_048_576;
/// As many characters as a cell holds.
const LONGEST_TEXT: usize = 32_767;

/// A workbook, packed while it is written: the sheets first, and then what tells of them.
pub struct Workbook<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// Of what is being written, and how many sheets that takes so far.
    name: String,
    parts: usize,
    columns: Vec<String>,
    /// Of all sheets so far.
    names: Vec<String>,
    rows: usize,
}

impl<W: Write> Workbook<W> {
    fn begin(output: W, name: &str, columns: &[&str]) -> io::Result<Self> {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut workbook = Self { zip: ZipWriter::new_stream(output), name: name.to_owned(), parts: 0, columns, names: Vec::new(), rows: 0 };
        workbook.begin_sheet()?;
        Ok(workbook)
    }

    fn file(&mut self, path: &str) -> io::Result<()> {
        Ok(self.zip.start_file(path, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?)
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.parts += 1;
        self.rows = 0;
        self.names.push(if self.parts == 1 { self.name.clone() } else { format!("{} {}", self.name, self.parts) });
        self.file(&format!("xl/worksheets/sheet{}.xml", self.names.len()))?;
        // The header stays in sight.
        write!(
            self.zip,
            "{XML}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" \
             state=\"frozen\"/></sheetView></sheetViews><cols><col min=\"1\" max=\"{}\" width=\"20\" customWidth=\"1\"/></cols><sheetData>",
            self.columns.len().max(1)
        )?;
        let columns = std::mem::take(&mut self.columns);
        let header: Vec<Cell<'_>> = columns.iter().map(|column| Cell::from(column.as_str())).collect();
        self.row(&header)?;
        self.columns = columns;
        Ok(())
    }

    fn another(&mut self, name: &str, columns: &[&str]) -> io::Result<()> {
        self.end_sheet()?;
        (self.name, self.parts) = (name.to_owned(), 0);
        self.columns = columns.iter().map(|column| (*column).to_owned()).collect();
        self.begin_sheet()
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if self.rows == ROWS_A_SHEET {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.rows += 1;
        let mut row = String::from("<row>");
        for cell in cells {
            push_cell(&mut row, cell);
        }
        row.push_str("</row>");
        self.zip.write_all(row.as_bytes())
    }

    fn finish(mut self) -> io::Result<W> {
        self.end_sheet()?;
        let (mut types, mut sheets, mut relations) = (String::new(), String::new(), String::new());
        for (sheet, name) in (1..).zip(&self.names) {
            types += &format!("<Override PartName=\"/xl/worksheets/sheet{sheet}.xml\" ContentType=\"{TYPES}.worksheet+xml\"/>");
            sheets += &format!("<sheet name=\"{}\" sheetId=\"{sheet}\" r:id=\"rId{sheet}\"/>", escaped(name));
            relations += &format!("<Relationship Id=\"rId{sheet}\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet{sheet}.xml\"/>");
        }
        let styles = self.names.len() + 1;
        let files = [
            ("xl/workbook.xml", format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATION}\"><sheets>{sheets}</sheets></workbook>")),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}\">{relations}<Relationship Id=\"rId{styles}\" Type=\"{RELATION}/styles\" Target=\"styles.xml\"/>\
                     </Relationships>"
                ),
            ),
            ("xl/styles.xml", STYLES.to_owned()),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{RELATION}/officeDocument\" Target=\"xl/workbook.xml\"/>\
                     </Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" \
                     ContentType=\"{TYPES}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{TYPES}.styles+xml\"/>{types}</Types>"
                ),
            ),
        ];
        for (path, content) in files {
            self.file(path)?;
            write!(self.zip, "{XML}{content}")?;
        }
        Ok(self.zip.finish()?.into_inner())
    }
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/// Style 1 is a date as ISO 8601 writes it.
const STYLES: &str = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
     formatCode=\"yyyy\\-mm\\-dd\"/></numFmts><fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill>\
     <patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/></borders>\
     <cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>";

fn push_cell(row: &mut String, cell: &Cell<'_>) {
    let text = match cell {
        Cell::Empty => return row.push_str("<c/>"),
        Cell::Number(number) => return row.push_str(&format!("<c><v>{number}</v></c>")),
        Cell::Date(date) => match serial(*date) {
            Some(serial) => return row.push_str(&format!("<c s=\"1\"><v>{serial}</v></c>")),
            None => Cow::Owned(date.to_string()),
        },
        Cell::Text(text) => Cow::Borrowed(text.as_ref()),
    };
    // A text in its own cell is never run as a formula.
    row.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    row.push_str(&escaped(&text));
    row.push_str("</t></is></c>");
}

/// Days since the end of 1899, as workbooks count them; none before March 1900, until when they count a day that never was.
fn serial(date: NaiveDate) -> Option<i64> {
    let (first, sound) = (NaiveDate::from_ymd_opt(1899, 12, 30)?, NaiveDate::from_ymd_opt(1900, 3, 1)?);
    (date >= sound).then(|| (date - first).num_days())
}

/// A text as it stands in XML. Characters that XML does not know are written as workbooks write them, `_x0007_`, and what looks so already is told
/// from it.
fn escaped(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, '&' | '<' | '>' | '"' | '_' | '\u{FFFE}' | '\u{FFFF}') && (c >= ' ' || c == '\t' || c == '\n');
    if text.len() <= LONGEST_TEXT && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices().take(LONGEST_TEXT) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '_' if is_escape(&text.as_bytes()[at..]) => out.push_str("_x005F_"),
            '\u{FFFE}' | '\u{FFFF}' => out.push(char::REPLACEMENT_CHARACTER),
            c if c < ' ' && c != '\t' && c != '\n' => out.push_str(&format!("_x{:04X}_", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_escape(rest: &[u8]) -> bool {
    matches!(rest, [b'_', b'x', digits @ .., ] if digits.len() >= 5 && digits[..4].iter().all(u8::is_ascii_hexdigit) && digits[4] == b'_')
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
    use proptest::prelude::*;

    use super::*;

    fn written(format: SheetFormat, columns: &[&str], rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
        let mut sheet = Sheet::begin(format, Vec::new(), "people", columns).unwrap();
        for row in rows {
            sheet.row(row).unwrap();
        }
        sheet.finish().unwrap()
    }

    /// What a reader of workbooks sees.
    fn read_back(bytes: Vec<u8>) -> Vec<Vec<Data>> {
        let mut workbook: Xlsx<_> = open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
        assert_eq!(workbook.sheet_names(), ["people"]);
        let range = workbook.worksheet_range("people").unwrap();
        range.rows().map(<[Data]>::to_vec).collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_workbook_is_read_as_it_was_meant() {
        let row = vec![
            Cell::from("3275014501909001"),
            Cell::from("=1+1"),
            Cell::from(-7),
            Cell::from(day("1990-01-05")),
            Cell::Empty,
            Cell::from("a<b>&\"c\""),
        ];
        let early = vec![Cell::Empty, Cell::from("_x0041_ \u{7}"), Cell::from(0), Cell::from(day("1900-02-28"))];
        let rows = read_back(written(SheetFormat::Xlsx, &["nik", "name", "count", "birth_date", "gap", "signs"], &[row, early]));
        assert_eq!(rows[0][..2], [Data::String("nik".into()), Data::String("name".into())]);
        assert_eq!(rows[1][0], Data::String("3275014501909001".into()), "all sixteen digits");
        assert_eq!(rows[1][1], Data::String("=1+1".into()), "a text, not a formula");
        assert!(matches!(rows[1][2], Data::Float(number) if number == -7.0) || rows[1][2] == Data::Int(-7), "{:?}", rows[1][2]);
        assert!(matches!(&rows[1][3], Data::DateTime(date) if date.as_f64() == 32878.0), "{:?}", rows[1][3]);
        assert_eq!((&rows[1][4], &rows[1][5]), (&Data::Empty, &Data::String("a<b>&\"c\"".into())));
        assert_eq!(rows[2][1], Data::String("_x0041_ \u{7}".into()));
        assert_eq!(rows[2][3], Data::String("1900-02-28".into()), "a day that workbooks count wrong is a text");
    }

    #[test]
    fn csv_runs_nothing_and_keeps_its_rows_apart() {
        let row = vec![
            Cell::from("=HYPERLINK(\"x\")"),
            Cell::from(-7),
            Cell::from(day("1990-01-05")),
            Cell::Empty,
            Cell::from("two\nlines, and \"quotes\""),
        ];
        let text = String::from_utf8(written(SheetFormat::Csv, &["a", "b", "c", "d", "e"], &[row])).unwrap();
        assert_eq!(text, "a,b,c,d,e\r\n\"'=HYPERLINK(\"\"x\"\")\",-7,1990-01-05,,\"two\nlines, and \"\"quotes\"\"\"\r\n");
    }

    #[test]
    fn more_rows_than_a_sheet_holds_go_on_in_the_next() {
        let mut sheet = Sheet::begin(SheetFormat::Xlsx, Vec::new(), "people", &["n"]).unwrap();
        for number in 0..i64::try_from(ROWS_A_SHEET).unwrap() {
            sheet.row(&[Cell::from(number)]).unwrap();
        }
        let mut workbook: Xlsx<_> = open_workbook_from_rs(io::Cursor::new(sheet.finish().unwrap())).unwrap();
        assert_eq!(workbook.sheet_names(), ["people", "people 2"]);
        let rest = workbook.worksheet_range("people 2").unwrap();
        assert_eq!(rest.rows().map(<[Data]>::to_vec).collect::<Vec<_>>(), [[Data::String("n".into())], [Data::Float(1_048_575.0)]]);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "([\\PC\\n\\t<>&\"_x0-9A-F\u{7}\r]){0,40}") {
            let rows = read_back(written(SheetFormat::Xlsx, &["a", "b"], &[vec![Cell::from(text.as_str()), Cell::from(1)]]));
            let found = match &rows[1][0] { Data::String(found) => found.as_str(), Data::Empty => "", other => panic!("{other:?}") };
            prop_assert_eq!(found, text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}"));
        }
    }
}
