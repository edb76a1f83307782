//! Lines become items: each column is found by its heading, each cell is judged, and what stands twice with two prices is not taken at all.

use std::collections::{BTreeMap, HashMap};

use super::grid::{Cell, Line};
use super::mapping::{Amounts, Field, Mapping, plain};
use super::{FaultCode, RowFault, TariffFile};
use crate::domain::imports::{FileCode, FileFault};
use crate::domain::regions::Regions;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::{Entry, Key};

const LONGEST_DESCRIPTION: usize = 300;

/// Where the columns of a mapping stand in this file.
struct Places<'a> {
    mapping: &'a Mapping,
    fields: BTreeMap<Field, usize>,
    only: Vec<(usize, &'a [String])>,
    amounts: Vec<(usize, &'a Amounts)>,
}

/// An item with the cell that its price stands in.
struct Found {
    entry: Entry,
    line: u64,
    column: String,
}

pub fn read(lines: &[Line], mapping: &Mapping, regions: &Regions) -> Result<TariffFile, Vec<FileFault>> {
    let places = Places::of(lines, mapping)?;
    let mut file = TariffFile::default();
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| line.number > mapping.last_heading()) {
        let is_blank = line.damage.is_none() && line.cells.iter().all(Cell::is_empty);
        if is_blank || places.passes_over(line) {
            continue;
        }
        file.rows += 1;
        match line.damage {
            Some(code) => file.faults.push(RowFault { line: line.number, column: None, code, allowed: Vec::new() }),
            None => places.items(line, regions, &mut found, &mut file.faults),
        }
    }
    settle(found, &mut file);
    file.faults.sort_by_key(|fault| fault.line);
    Ok(file)
}

/// Keeps each key once. Of two prices for the same nobody knows which one is right, so both are told.
fn settle(found: Vec<Found>, file: &mut TariffFile) {
    let mut by_key = HashMap::<Key, Vec<Found>>::with_capacity(found.len());
    let mut order = Vec::new();
    for item in found {
        let same = by_key.entry(item.entry.key.clone()).or_default();
        if same.is_empty() {
            order.push(item.entry.key.clone());
        }
        same.push(item);
    }
    for key in order {
        let same = by_key.remove(&key).unwrap_or_default();
        let agrees = same.iter().all(|item| item.entry.amount == same[0].entry.amount);
        if agrees {
            file.repeated += same.len() - 1;
            file.entries.extend(same.into_iter().next().map(|item| item.entry));
        } else {
            let told = |item: Found| RowFault { line: item.line, column: Some(item.column), code: FaultCode::Differs, allowed: Vec::new() };
            file.faults.extend(same.into_iter().map(told));
        }
    }
}

impl<'a> Places<'a> {
    fn of(lines: &[Line], mapping: &'a Mapping) -> Result<Self, Vec<FileFault>> {
        let headings: Vec<String> = mapping.headings(lines).iter().map(|heading| plain(heading)).collect();
        let mut faults = Vec::new();
        let line = mapping.last_heading();
        let mut place = |name: &str, is_needed: bool| {
            let mut places = headings.iter().enumerate().filter(|(_, heading)| **heading == plain(name)).map(|(at, _)| at);
            let code = match (places.next(), places.next()) {
                (Some(at), None) => return Some(at),
                (None, _) if !is_needed => return None,
                (None, _) => FileCode::ColumnMissing,
                (Some(_), Some(_)) => FileCode::ColumnDuplicate,
            };
            faults.push(FileFault { code, line, column: Some(name.to_owned()), encoding: None });
            None
        };
        let fields = mapping.columns.iter().filter_map(|(field, name)| Some((*field, place(name, mapping.needs(*field))?))).collect();
        let only = mapping.only.iter().filter_map(|(name, texts)| Some((place(name, true)?, texts.as_slice()))).collect();
        let amounts = mapping.amounts.iter().filter_map(|amounts| Some((place(&amounts.column, true)?, amounts))).collect();
        if faults.is_empty() { Ok(Self { mapping, fields, only, amounts }) } else { Err(faults) }
    }

    fn passes_over(&self, line: &Line) -> bool {
        let text = |at: usize| line.cells.get(at).and_then(text).map(|text| plain(&text)).unwrap_or_default();
        let is_other = line.damage.is_none() && self.only.iter().any(|(at, texts)| !texts.contains(&text(*at)));
        let has_no_code = || self.fields.get(&Field::Code).is_some_and(|at| line.cells.get(*at).is_none_or(Cell::is_empty));
        is_other || (self.mapping.skip_lines_without_code && line.damage.is_none() && has_no_code())
    }

    /// The items of one line; the prices of cells that are right, where all that they are for is right.
    fn items(&self, line: &Line, regions: &Regions, found: &mut Vec<Found>, faults: &mut Vec<RowFault>) {
        let (mut said, mut unfit) = (BTreeMap::new(), Vec::new());
        for (field, at) in &self.fields {
            // A field that every item has and that no column gives was refused with the mapping.
            let is_needed = matches!(field, Field::Code | Field::CareType);
            match value(self.mapping, *field, line.cells.get(*at).unwrap_or(&Cell::Empty), regions) {
                Ok(Some(value)) => drop(said.insert(*field, value)),
                Ok(None) if is_needed => unfit.push(self.fault(line, *field, FaultCode::Missing)),
                Ok(None) => {}
                Err(code) => unfit.push(self.fault(line, *field, code)),
            }
        }
        said.extend(self.mapping.fixed.clone());
        let (priced, unread) = self.prices(line);
        if unfit.is_empty() {
            found.extend(priced.into_iter().filter_map(|(amount, amounts)| {
                let entry = entry(&said, &amounts.fixed, amount)?;
                Some(Found { entry, line: line.number, column: amounts.column.clone() })
            }));
        }
        faults.extend(unfit.into_iter().chain(unread));
    }

    /// What stands in the columns of amounts. A wide list leaves out what there is no price for, but no line says nothing at all.
    fn prices(&self, line: &Line) -> (Vec<(Rupiah, &'a Amounts)>, Vec<RowFault>) {
        let numbers = self.mapping.numbers;
        let (mut priced, mut unread) = (Vec::new(), Vec::new());
        let mut tell =
            |column: Option<&String>, code| unread.push(RowFault { line: line.number, column: column.cloned(), code, allowed: Vec::new() });
        let mut is_empty = true;
        for (at, amounts) in &self.amounts {
            let read = match line.cells.get(*at).unwrap_or(&Cell::Empty) {
                Cell::Empty => continue,
                Cell::Text(text) if is_dash(text) => continue,
                Cell::Text(text) => numbers.of_text(text),
                Cell::Number(number) => numbers.of_number(*number),
                cell => Err(damage(cell).unwrap_or(FaultCode::AmountFormat)),
            };
            is_empty = false;
            match read {
                Ok(amount) => priced.push((amount, *amounts)),
                Err(code) => tell(Some(&amounts.column), code),
            }
        }
        if is_empty {
            let only = self.amounts.first().filter(|_| self.amounts.len() == 1).map(|(_, amounts)| &amounts.column);
            tell(only, FaultCode::Missing);
        }
        (priced, unread)
    }

    fn fault(&self, line: &Line, field: Field, code: FaultCode) -> RowFault {
        let allowed = if code == FaultCode::WordUnknown { field.words() } else { Vec::new() };
        RowFault { line: line.number, column: self.mapping.columns.get(&field).cloned(), code, allowed }
    }
}

/// What a cell says of a field; none where it is empty.
fn value(mapping: &Mapping, field: Field, cell: &Cell, regions: &Regions) -> Result<Option<String>, FaultCode> {
    if let Some(code) = damage(cell) {
        return Err(code);
    }
    let Some(text) = text(cell) else { return Ok(None) };
    let meaning = mapping.meaning(field, &text);
    match field {
        Field::Code => meaning.parse::<crate::domain::tariffs::TariffCode>().map(|code| Some(code.to_string())).map_err(|_| FaultCode::CodeFormat),
        Field::Description if meaning.chars().count() > LONGEST_DESCRIPTION => Err(FaultCode::TooLong),
        Field::Description | Field::Amount => Ok(Some(meaning.to_owned())),
        Field::Region if meaning.len() == 4 && regions.contains(meaning) => Ok(Some(meaning.to_owned())),
        Field::Region => Err(FaultCode::RegionUnknown),
        Field::CareType | Field::WardClass | Field::FacilityClass | Field::Ownership => match field.word(meaning) {
            Some(word) => Ok(Some(word.to_owned())),
            None if is_dash(meaning) => Ok(None),
            None => Err(FaultCode::WordUnknown),
        },
    }
}

/// The item that fields make. What does not parse was refused before.
fn entry(said: &BTreeMap<Field, String>, fixed: &BTreeMap<Field, String>, amount: Rupiah) -> Option<Entry> {
    let text = |field: Field| fixed.get(&field).or_else(|| said.get(&field)).map(String::as_str);
    let key = Key {
        code: text(Field::Code)?.parse().ok()?,
        care_type: text(Field::CareType)?.parse().ok()?,
        ward_class: text(Field::WardClass).and_then(|word| word.parse().ok()),
        facility_class: text(Field::FacilityClass).and_then(|word| word.parse().ok()),
        ownership: text(Field::Ownership).and_then(|word| word.parse().ok()),
        region: text(Field::Region).map(str::to_owned),
    };
    // A list without descriptions says the code.
    let description = text(Field::Description).unwrap_or(key.code.as_str()).to_owned();
    Some(Entry { key, description, amount })
}

/// What is wrong with a cell whatever it stands for.
fn damage(cell: &Cell) -> Option<FaultCode> {
    match cell {
        Cell::Date => Some(FaultCode::Date),
        Cell::Formula => Some(FaultCode::Formula),
        Cell::Error => Some(FaultCode::Error),
        Cell::Undecoded => Some(FaultCode::Encoding),
        Cell::Empty | Cell::Text(_) | Cell::Number(_) => None,
    }
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        // A number in the place of a text, such as class 3.
        Cell::Number(number) => Some(number.to_string()),
        Cell::Empty | Cell::Date | Cell::Formula | Cell::Error | Cell::Undecoded => None,
    }
}

/// How lists say that there is nothing.
fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "–" | "—")
}
