//! Figures as sheets: one as CSV, several as a workbook. Each row says what it needs to be understood without the others.

use crate::domain::figures::{FigureSheet, Item};
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::error::{Error, Result};

const FIRST: [&str; 8] = ["figure", "as_of", "from", "to", "date_basis", "by", "key", "name"];

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
    sheet.ok_or_else(|| Error::internal("a workbook without a sheet"))?.finish().map_err(broken)
}
