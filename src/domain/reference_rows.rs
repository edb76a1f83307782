//! The rows of a reference file (CSV), read by the names of its columns. Every fault names file, line and column, and all of them are told at once.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use chrono::NaiveDate;

use super::files::FileFault;

/// The dates on which a line holds; an end that is not given is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Validity {
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_by_the_end = |one: &Self, other: &Self| one.from.zip(other.to).is_none_or(|(from, to)| from <= to);
        begins_by_the_end(self, other) && begins_by_the_end(other, self)
    }
}

/// One line. What is wrong with its cells is noted as they are read.
pub struct Row<'f> {
    file: &'f str,
    columns: &'f csv::StringRecord,
    record: csv::StringRecord,
    faults: &'f mut Vec<FileFault>,
}

impl Row<'_> {
    /// The cell as it stands, without the spaces around it; empty where the file has no such column.
    pub fn cell(&self, column: &str) -> &str {
        self.columns.iter().position(|name| name == column).and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    pub fn refuse(&mut self, column: &str, message: impl Into<String>) {
        let place = format!("line {}, column {column}", self.line());
        self.faults.push(FileFault::new(self.file, place, message));
    }

    /// A cell that must be there.
    pub fn must<T: FromStr<Err: Display>>(&mut self, column: &str) -> Option<T> {
        if self.cell(column).is_empty() {
            self.refuse(column, "is empty");
        }
        self.may(column)
    }

    /// A cell that may be empty.
    pub fn may<T: FromStr<Err: Display>>(&mut self, column: &str) -> Option<T> {
        let text = self.cell(column).to_owned();
        if text.is_empty() { None } else { self.parsed(column, &text) }
    }

    /// Several values with spaces between.
    pub fn many<T: FromStr<Err: Display>>(&mut self, column: &str) -> Vec<T> {
        let words: Vec<String> = self.cell(column).split_whitespace().map(str::to_owned).collect();
        words.iter().filter_map(|word| self.parsed(column, word)).collect()
    }

    /// `true`, `false`, or empty for false.
    pub fn flag(&mut self, column: &str) -> bool {
        self.may(column).unwrap_or_default()
    }

    pub fn validity(&mut self) -> Validity {
        let validity = Validity { from: self.may("valid_from"), to: self.may("valid_to") };
        if validity.from.zip(validity.to).is_some_and(|(from, to)| to < from) {
            self.refuse("valid_to", "is before valid_from");
        }
        validity
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, column: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(column, format!("{text:?}: {error}"));
                None
            }
        }
    }
}

/// Which columns a file has.
pub enum Columns<'c> {
    /// These and no others, in any order.
    Only(&'c [&'c str]),
    /// One of each group at least, whatever else stands beside them.
    AnyOfEach(&'c [&'c [&'c str]]),
}

impl Columns<'_> {
    fn check(&self, file: &str, found: &csv::StringRecord, faults: &mut Vec<FileFault>) {
        let mut missing = |name: &str| faults.push(FileFault::new(file, format!("line 1, column {name}"), "is missing"));
        match self {
            Self::Only(columns) => {
                columns.iter().filter(|column| !found.iter().any(|name| name == **column)).for_each(|column| missing(column));
                let strange = found.iter().filter(|name| !columns.contains(name));
                faults.extend(strange.map(|name| FileFault::new(file, format!("line 1, column {name}"), "is not known")));
            }
            Self::AnyOfEach(groups) => {
                let lacking = groups.iter().filter(|group| !found.iter().any(|name| group.contains(&name)));
                lacking.for_each(|group| missing(&group.join(" or ")));
            }
        }
        let mut seen = BTreeSet::new();
        let twice = found.iter().filter(|name| !seen.insert(*name));
        faults.extend(twice.map(|name| FileFault::new(file, format!("line 1, column {name}"), "stands there twice")));
    }
}

/// Reads a file, given as (name, text), row by row. A file whose head is wrong has no rows.
pub fn each_row((file, text): (&str, &str), columns: &Columns<'_>, faults: &mut Vec<FileFault>, mut take: impl FnMut(&mut Row<'_>)) {
    // Spreadsheets put a byte-order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let found = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => return faults.push(FileFault::new(file, "line 1", error.to_string())),
    };
    let before = faults.len();
    columns.check(file, &found, faults);
    if faults.len() > before {
        return;
    }
    for record in reader.records() {
        match record {
            Ok(record) => take(&mut Row { file, columns: &found, record, faults }),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(FileFault::new(file, format!("line {line}"), error.to_string()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        each_row(("a.csv", text), &Columns::Only(&["code", "ages", "valid_from", "valid_to"]), &mut faults, |row| {
            row.must::<u8>("code");
            row.many::<u8>("ages");
            row.validity();
        });
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_fault_names_file_line_and_column() {
        let head = "code,ages,valid_from,valid_to\n";
        for (text, expected) in [
            ("1,1 2,2026-01-01,\n".to_owned(), vec![]),
            (",,,\n".to_owned(), vec!["a.csv: line 2, column code: is empty"]),
            (
                "1,,,\nx,7 y 999,2026-13-01,\n".to_owned(),
                vec![
                    "a.csv: line 3, column code: \"x\"",
                    "a.csv: line 3, column ages: \"y\"",
                    "a.csv: line 3, column ages: \"999\"",
                    "a.csv: line 3, column valid_from: \"2026-13-01\"",
                ],
            ),
            ("1,,2026-02-02,2026-02-01\n".to_owned(), vec!["a.csv: line 2, column valid_to: is before valid_from"]),
            ("1,\n2,,,\n".to_owned(), vec!["a.csv: line 2: CSV error"]),
        ] {
            let found = faults(&format!("{head}{text}"));
            assert_eq!(found.len(), expected.len(), "{found:?}");
            found.iter().zip(expected).for_each(|(found, expected)| assert!(found.starts_with(expected), "{found} for {expected}"));
        }
        assert_eq!(
            faults("code,age,valid_from,valid_to,code\n"),
            ["a.csv: line 1, column ages: is missing", "a.csv: line 1, column age: is not known", "a.csv: line 1, column code: stands there twice"]
        );
        assert_eq!(faults(&format!("\u{feff}{head}")), Vec::<String>::new());
    }

    #[test]
    fn a_line_holds_from_its_first_day_to_its_last() {
        let day = |text: &str| Some(text.parse().unwrap()).filter(|_: &NaiveDate| true);
        let validity = |from: &str, to: &str| Validity {
            from: (!from.is_empty()).then(|| day(from)).flatten(),
            to: (!to.is_empty()).then(|| day(to)).flatten(),
        };
        let year = validity("2026-01-01", "2026-12-31");
        for (date, holds) in [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)] {
            assert_eq!(year.contains(date.parse().unwrap()), holds, "{date}");
        }
        for (other, meets) in [
            (validity("", ""), true),
            (validity("", "2025-12-31"), false),
            (validity("", "2026-01-01"), true),
            (validity("2026-12-31", ""), true),
            (validity("2027-01-01", ""), false),
        ] {
            assert_eq!((year.overlaps(&other), other.overlaps(&year)), (meets, meets), "{other:?}");
        }
    }
}
