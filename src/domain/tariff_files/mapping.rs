//! The mapping: a TOML file that says what stands where in a list that somebody else laid out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::amounts::Numbers;
use super::grid::{Cell, Line};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::FacilityClass;
use crate::domain::files::FileFault;
use crate::domain::regions::Regions;
use crate::domain::tariffs::{Ownership, TariffCode};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// The fields of an item, by their JSON names.
    Field {
        Code = "code", Description = "description", CareType = "care_type", WardClass = "ward_class", FacilityClass = "facility_class",
        Ownership = "ownership", Region = "region", Amount = "amount",
    }
}

impl Field {
    /// The words of a field that has a closed list of them.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::CareType => CareType::ALL.iter().map(|word| word.as_str()).collect(),
            Self::WardClass => WardClass::ALL.iter().map(|word| word.as_str()).collect(),
            Self::FacilityClass => FacilityClass::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Ownership => Ownership::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Code | Self::Description | Self::Region | Self::Amount => Vec::new(),
        }
    }

    /// The word that a text is, in whatever case.
    pub fn word(self, text: &str) -> Option<&'static str> {
        self.words().into_iter().find(|word| plain(word) == plain(text))
    }

    const fn has_words(self) -> bool {
        matches!(self, Self::CareType | Self::WardClass | Self::FacilityClass | Self::Ownership)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sheet: Option<String>,
    #[serde(default = "first_line")]
    header_lines: Vec<u64>,
    #[serde(default)]
    skip_lines_without_code: bool,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    fixed: BTreeMap<String, String>,
    #[serde(default)]
    words: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    only: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    amounts: Vec<BTreeMap<String, String>>,
    #[serde(default)]
    numbers: WrittenNumbers,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenNumbers {
    decimal: char,
    percent: u32,
    round: bool,
}

impl Default for WrittenNumbers {
    fn default() -> Self {
        Self { decimal: ',', percent: 100, round: false }
    }
}

fn first_line() -> Vec<u64> {
    vec![1]
}

/// A column of amounts, and what all of them are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    pub column: String,
    pub fixed: BTreeMap<Field, String>,
}

#[derive(Debug, Clone)]
pub struct Mapping {
    /// Of a workbook; the first, where none is named.
    pub sheet: Option<String>,
    header_lines: Vec<u64>,
    pub skip_lines_without_code: bool,
    /// Columns of fields that an item may leave empty may be missing.
    is_by_name: bool,
    /// Where a field stands, by the heading.
    pub columns: BTreeMap<Field, String>,
    pub fixed: BTreeMap<Field, String>,
    /// What the file's words mean, by field.
    words: BTreeMap<Field, BTreeMap<String, String>>,
    /// Lines that say something else in one of these columns are passed over.
    pub only: BTreeMap<String, Vec<String>>,
    /// One in a plain list, several in a wide one.
    pub amounts: Vec<Amounts>,
    pub numbers: Numbers,
}

/// A text without what layout did to it: case, breaks and spaces.
pub fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Headings that stand in several lines are told as one.
const BETWEEN: &str = " / ";

impl Mapping {
    /// Reads a mapping, or tells everything that is wrong with it.
    pub fn load(file: &str, text: &str, regions: &Regions) -> Result<Self, Vec<FileFault>> {
        let written: Written = toml::from_str(text).map_err(|error| vec![FileFault::of_toml(file, text, &error)])?;
        let mut judge = Judge { file, regions, faults: Vec::new() };
        let mapping = judge.mapping(written);
        if judge.faults.is_empty() { Ok(mapping) } else { Err(judge.faults) }
    }

    /// Of a list whose headings are the JSON names; which of the optional ones it has is its own affair.
    pub fn by_name() -> Self {
        let named = Field::ALL.iter().filter(|field| **field != Field::Amount).map(|field| (*field, field.as_str().to_owned()));
        Self {
            sheet: None,
            header_lines: first_line(),
            skip_lines_without_code: false,
            is_by_name: true,
            columns: named.collect(),
            fixed: BTreeMap::new(),
            words: BTreeMap::new(),
            only: BTreeMap::new(),
            amounts: vec![Amounts { column: Field::Amount.as_str().to_owned(), fixed: BTreeMap::new() }],
            numbers: Numbers { decimal: ',', percent: 100, round: false },
        }
    }

    /// Must a file have this column? All that a mapping names: without one, what it tells apart would fit all.
    pub fn needs(&self, field: Field) -> bool {
        !self.is_by_name || matches!(field, Field::Code | Field::CareType | Field::Description)
    }

    pub fn last_heading(&self) -> u64 {
        self.header_lines.last().copied().unwrap_or(1)
    }

    /// What a text of the file means in a field: by the words of the mapping, else by itself.
    pub fn meaning<'a>(&'a self, field: Field, text: &'a str) -> &'a str {
        self.words.get(&field).and_then(|words| words.get(&plain(text))).map_or(text, String::as_str)
    }

    /// Does the mapping speak of a column with this heading?
    pub fn names(&self, heading: &str) -> bool {
        let named = self.columns.values().chain(self.only.keys()).chain(self.amounts.iter().map(|amounts| &amounts.column));
        named.into_iter().any(|name| plain(name) == plain(heading))
    }

    /// The headings of all columns. One that stretches over several columns is written in the first of them only, so it is carried on to those that
    /// have a heading of their own below it.
    pub fn headings(&self, lines: &[Line]) -> Vec<String> {
        let found: Vec<&Line> = self.header_lines.iter().filter_map(|number| lines.iter().find(|line| line.number == *number)).collect();
        let width = found.iter().map(|line| line.cells.len()).max().unwrap_or_default();
        let text = |line: &Line, column: usize| match line.cells.get(column) {
            Some(Cell::Text(text)) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Some(Cell::Number(number)) => number.to_string(),
            Some(Cell::Empty | Cell::Date | Cell::Formula | Cell::Error | Cell::Undecoded) | None => String::new(),
        };
        let mut carried = vec![String::new(); found.len()];
        let mut headings = Vec::with_capacity(width);
        for column in 0..width {
            let own: Vec<String> = found.iter().map(|line| text(line, column)).collect();
            let mut parts = Vec::new();
            for (level, part) in own.iter().enumerate() {
                let has_own_below = own.iter().skip(level + 1).any(|below| !below.is_empty());
                if !part.is_empty() {
                    carried[level].clone_from(part);
                    // Below a new heading nothing is carried on.
                    carried.iter_mut().skip(level + 1).for_each(String::clear);
                    parts.push(part.clone());
                } else if has_own_below && !carried[level].is_empty() {
                    parts.push(carried[level].clone());
                } else {
                    carried[level].clear();
                }
            }
            headings.push(parts.join(BETWEEN));
        }
        headings
    }
}

/// Turns what is written into a mapping, and collects what is wrong.
struct Judge<'a> {
    file: &'a str,
    regions: &'a Regions,
    faults: Vec<FileFault>,
}

impl Judge<'_> {
    fn tell(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.faults.push(FileFault::new(self.file, key, message));
    }

    fn field(&mut self, section: &str, name: &str) -> Option<Field> {
        let field = name.parse().ok();
        if field.is_none() {
            let known: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
            self.tell(format!("{section}.{name}"), format!("no field has this name; there are: {}", known.join(", ")));
        }
        field
    }

    /// A value that is the same for many items.
    fn fixed(&mut self, section: &str, name: &str, value: String) -> Option<(Field, String)> {
        let field = self.field(section, name)?;
        if field == Field::Amount {
            self.tell(format!("{section}.{name}"), "an amount is never fixed");
            return None;
        }
        self.word(&format!("{section}.{name}"), field, value).map(|word| (field, word))
    }

    fn word(&mut self, key: &str, field: Field, value: String) -> Option<String> {
        match field {
            Field::Code if value.parse::<TariffCode>().is_err() => {
                self.tell(key, "no tariff code: up to 30 letters, digits and the signs - . / _");
                return None;
            }
            Field::Region if value.len() != 4 || !self.regions.contains(&value) => {
                self.tell(key, "no regency or city has this code of four digits");
                return None;
            }
            Field::Code | Field::Region | Field::Description | Field::Amount => return Some(value),
            Field::CareType | Field::WardClass | Field::FacilityClass | Field::Ownership => {}
        }
        let word = field.word(&value).map(str::to_owned);
        if word.is_none() {
            self.tell(key, format!("no word of {field}; there are: {}", field.words().join(", ")));
        }
        word
    }

    fn mapping(&mut self, written: Written) -> Mapping {
        let Written { sheet, header_lines, skip_lines_without_code, columns, fixed, words, only, amounts, numbers } = written;
        if header_lines.is_empty() || header_lines[0] == 0 || !header_lines.is_sorted_by(|one, next| one < next) {
            self.tell("header_lines", "line numbers from 1, in order, at least one");
        }
        let WrittenNumbers { decimal, percent, round } = numbers;
        if !['.', ','].contains(&decimal) {
            self.tell("numbers.decimal", "the sign before a fraction is a comma or a full stop");
        }
        if !(1..=1_000).contains(&percent) {
            self.tell("numbers.percent", "whole per cent from 1 to 1000");
        }
        let mut columns: BTreeMap<Field, String> =
            columns.into_iter().filter_map(|(name, column)| self.field("columns", &name).map(|field| (field, column))).collect();
        let fixed: BTreeMap<Field, String> = fixed.into_iter().filter_map(|(name, value)| self.fixed("fixed", &name, value)).collect();
        let words = words.into_iter().filter_map(|(name, words)| self.words(&name, words)).collect();
        let single = columns.remove(&Field::Amount).map(|column| Amounts { column, fixed: BTreeMap::new() });
        if single.is_some() != amounts.is_empty() {
            self.tell("amounts", "say where the amounts stand: either columns.amount, or one [[amounts]] for each column of them");
        }
        let amounts = amounts.into_iter().enumerate().filter_map(|(at, amounts)| self.amounts(at, amounts));
        let amounts: Vec<Amounts> = amounts.collect::<Vec<_>>().into_iter().chain(single).collect();
        self.once(&columns, &fixed, &amounts);
        let only = only.into_iter().map(|(column, texts)| (column, texts.iter().map(|text| plain(text)).collect())).collect();
        Mapping {
            sheet,
            header_lines,
            skip_lines_without_code,
            is_by_name: false,
            columns,
            fixed,
            words,
            only,
            amounts,
            numbers: Numbers { decimal, percent, round },
        }
    }

    fn words(&mut self, name: &str, words: BTreeMap<String, String>) -> Option<(Field, BTreeMap<String, String>)> {
        let field = self.field("words", name)?;
        if !field.has_words() {
            self.tell(format!("words.{name}"), "this field has no words of its own");
            return None;
        }
        let read = words
            .into_iter()
            .filter_map(|(theirs, ours)| self.word(&format!("words.{name}.{theirs}"), field, ours).map(|ours| (plain(&theirs), ours)));
        Some((field, read.collect()))
    }

    fn amounts(&mut self, at: usize, written: BTreeMap<String, String>) -> Option<Amounts> {
        let section = format!("amounts.{at}");
        let (mut column, mut fixed) = (None, BTreeMap::new());
        for (name, value) in written {
            if name == "column" {
                column = Some(value);
            } else if let Some((field, word)) = self.fixed(&section, &name, value) {
                fixed.insert(field, word);
            }
        }
        if column.is_none() {
            self.tell(format!("{section}.column"), "the heading of the column is missing");
        }
        column.map(|column| Amounts { column, fixed })
    }

    /// Each field is said in one place, and those that every item has are said.
    fn once(&mut self, columns: &BTreeMap<Field, String>, fixed: &BTreeMap<Field, String>, amounts: &[Amounts]) {
        for field in Field::ALL.iter().copied().filter(|field| *field != Field::Amount) {
            let by_amounts = amounts.iter().filter(|amounts| amounts.fixed.contains_key(&field)).count();
            let places = usize::from(columns.contains_key(&field)) + usize::from(fixed.contains_key(&field)) + usize::from(by_amounts > 0);
            if places > 1 {
                self.tell(field.as_str(), "said in more than one of [columns], [fixed] and [[amounts]]");
            }
            let is_needed = matches!(field, Field::Code | Field::CareType);
            if is_needed && places == 0 || (is_needed && by_amounts > 0 && by_amounts < amounts.len()) {
                self.tell(field.as_str(), "every item has one: say which column it is, or fix it");
            }
        }
        let columns: BTreeSet<String> = amounts.iter().map(|amounts| plain(&amounts.column)).collect();
        if columns.len() < amounts.len() {
            self.tell("amounts", "two of them name the same column");
        }
    }
}
