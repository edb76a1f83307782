//! Figures as sheets: one as CSV, several as a workbook with a sheet for each and one that says how they are counted. Each row says of what it is.

use std::collections::HashSet;

use crate::domain::eligibility::CareType;
use crate::domain::figures::{DefinedMeasure, FigureSheet, Item};
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::error::{Error, Result};

const FIRST: [&str; 12] =
    ["figure", "as_of", "from", "to", "date_basis", "district_code", "village_code", "facility_id", "care_type", "by", "key", "name"];
const DEFINITIONS: [&str; 4] = ["figure", "measure", "unit", "definition"];

fn broken(_: std::io::Error) -> Error {
    Error::internal("a sheet could not be written")
}

fn columns(figure: &FigureSheet) -> Vec<&str> {
    FIRST.into_iter().chain(figure.measures.iter().map(|measure| measure.measure.name.as_str())).chain(["suppressed"]).collect()
}

fn row<'a>(figure: &'a FigureSheet, item: &'a Item) -> Vec<Cell<'a>> {
    let mut row = vec![
        Cell::from(figure.figure.as_str()),
        Cell::from(figure.as_of.to_string()),
        Cell::from(figure.from),
        Cell::from(figure.to),
        Cell::from(figure.date_basis.as_str()),
        Cell::from(figure.filters.district_code.as_deref()),
        Cell::from(figure.filters.village_code.as_deref()),
        Cell::from(figure.filters.facility_id.map(|id| id.to_string())),
        Cell::from(figure.filters.care_type.map(CareType::as_str)),
        Cell::from(figure.by.as_str()),
        Cell::from(item.key.as_str()),
        Cell::from(item.name.as_deref()),
    ];
    row.extend(figure.measures.iter().map(|measure| Cell::from(item.values.get(&measure.measure.name).copied().flatten())));
    row.push(Cell::from(if item.suppressed { "true" } else { "false" }));
    row
}

pub fn csv(figure: &FigureSheet) -> Result<Vec<u8>> {
    let mut sheet = Sheet::begin(SheetFormat::Csv, Vec::new(), figure.figure.as_str(), &columns(figure)).map_err(broken)?;
    for item in &figure.items {
        sheet.row(&row(figure, item)).map_err(broken)?;
    }
    sheet.finish().map_err(broken)
}

/// With a sheet for each.
pub fn workbook(figures: &[FigureSheet]) -> Result<Vec<u8>> {
    let mut sheet: Option<Sheet<Vec<u8>>> = None;
    for (at, figure) in (1..).zip(figures) {
        // A name has 31 letters at most and is there once.
        let name: String = format!("{at} {} {}", figure.figure, figure.by).chars().take(31).collect();
        match &mut sheet {
            None => sheet = Some(Sheet::begin(SheetFormat::Xlsx, Vec::new(), &name, &columns(figure)).map_err(broken)?),
            Some(sheet) => sheet.another(&name, &columns(figure)).map_err(broken)?,
        }
        let Some(sheet) = &mut sheet else { continue };
        for item in &figure.items {
            sheet.row(&row(figure, item)).map_err(broken)?;
        }
    }
    let mut sheet = sheet.ok_or_else(|| Error::internal("a workbook without a sheet"))?;
    define(&mut sheet, figures).map_err(broken)?;
    sheet.finish().map_err(broken)
}

/// How each figure is counted, and each of its measures; what is told by several things, once.
fn define(sheet: &mut Sheet<Vec<u8>>, figures: &[FigureSheet]) -> std::io::Result<()> {
    sheet.another("definitions", &DEFINITIONS)?;
    let mut told = HashSet::new();
    for figure in figures {
        let name = figure.figure.as_str();
        if told.insert((name, "")) {
            sheet.row(&[Cell::from(name), Cell::Empty, Cell::Empty, Cell::from(figure.definition.as_str())])?;
        }
        for DefinedMeasure { measure, definition } in &figure.measures {
            if told.insert((name, measure.name.as_str())) {
                let unit = measure.unit.as_str();
                sheet.row(&[Cell::from(name), Cell::from(measure.name.as_str()), Cell::from(unit), Cell::from(definition.as_str())])?;
            }
        }
    }
    Ok(())
}
