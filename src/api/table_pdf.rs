//! Tables on paper: a heading, particulars, rows over as many pages as they take, and what they sum up to. They go to hospitals and auditors: in Indonesian.

use std::sync::Arc;

use krilla::Document;
use krilla::surface::Surface;
use krilla::text::Font;

use super::pdf::{A4, BLACK, GREEN, GREY, WHITE, fill, page, watermark, width, write, written};
use crate::domain::texts::Language;
use crate::error::{Error, Result};
use crate::service::App;

const EDGE: f32 = 10.0;
const BAND: f32 = 14.0;
/// Between two columns.
const GAP: f32 = 1.6;
/// Of what stands in the cells, in points, and from one line to the next.
const SIZE: f32 = 6.5;
const STEP: f32 = 3.1;
const FAINT: (u8, u8, u8) = (232, 238, 235);
pub struct Column {
    pub heading: String,
    /// In millimetres.
    pub width: f32,
    /// Numbers end where their column does.
    pub is_number: bool,
}

pub struct Table {
    pub title: String,
    pub particulars: Vec<(String, String)>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// Under the last row, in the same columns; the text before its first amount may run over the cells beside it.
    pub totals: Vec<Vec<String>>,
    pub notes: Vec<String>,
    pub is_wide: bool,
}

/// A text that stands on paper, in Indonesian.
pub fn label(app: &App, section: &str, key: &str) -> Result<String> {
    app.city.texts.get(Language::Id, &format!("{section}.{key}"), &[]).ok_or_else(|| Error::internal("a text of a sheet is missing"))
}

/// Words in lines that fit into a column; what is longer than a line is broken.
fn lines_of(text: &str, room: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let fits = lines[last].is_empty() || width(&format!("{} {word}", lines[last]), SIZE) <= room;
        if !fits {
            lines.push(String::new());
        } else if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        for letter in word.chars() {
            let last = lines.len() - 1;
            let line = &mut lines[last];
            line.push(letter);
            if width(line, SIZE) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(letter.to_string());
            }
        }
    }
    lines
}

pub fn written_out(app: &App, table: &Table) -> Result<Vec<u8>> {
    let font = Font::new(Arc::clone(&app.city.card_font).into(), 0).ok_or_else(|| Error::internal("the font of sheets cannot be read"))?;
    let size = if table.is_wide { (A4.1, A4.0) } else { A4 };
    let paper = Paper { app, font, table, size };
    let pages = paper.pages()?;
    let mut document = Document::new();
    for (at, rows) in pages.iter().enumerate() {
        page(&mut document, size, |surface| paper.draw(surface, (at, pages.len()), rows))?;
    }
    written(document)
}

struct Paper<'a> {
    app: &'a App,
    font: Font,
    table: &'a Table,
    size: (f32, f32),
}

/// A row with its cells in lines.
struct Row {
    cells: Vec<Vec<String>>,
    is_total: bool,
}

impl Row {
    fn height(&self) -> f32 {
        let lines = self.cells.iter().map(Vec::len).max().unwrap_or(1);
        f32::from(u16::try_from(lines).unwrap_or(u16::MAX)) * STEP + 1.2
    }
}

impl Paper<'_> {
    fn row(&self, cells: &[String], is_total: bool) -> Row {
        let in_lines = |(cell, column): (&String, &Column)| {
            // A total stands beside empty cells, over which its words may run.
            if is_total { vec![cell.clone()] } else { lines_of(cell, column.width - GAP) }
        };
        Row { cells: cells.iter().zip(&self.table.columns).map(in_lines).collect(), is_total }
    }

    fn heading(&self) -> Row {
        let headings: Vec<String> = self.table.columns.iter().map(|column| column.heading.clone()).collect();
        self.row(&headings, false)
    }

    /// Where the table begins on a page: the first has the particulars above it.
    fn top(&self, page: usize) -> f32 {
        let particulars = f32::from(u16::try_from(self.table.particulars.len()).unwrap_or(u16::MAX));
        if page == 0 { BAND + 14.0 + particulars * 4.6 + 3.0 } else { BAND + 6.0 }
    }

    /// The rows, page by page; the notes follow the last and have room there.
    fn pages(&self) -> Result<Vec<Vec<Row>>> {
        let notes = f32::from(u16::try_from(self.table.notes.len()).unwrap_or(u16::MAX)) * 4.2 + 2.0;
        let bottom = self.size.1 - 12.0;
        let rows = self.table.rows.iter().map(|cells| self.row(cells, false)).chain(self.table.totals.iter().map(|cells| self.row(cells, true)));
        let mut pages = vec![Vec::new()];
        let mut y = self.top(0) + self.heading().height();
        let mut left = self.table.rows.len() + self.table.totals.len();
        for row in rows {
            left -= 1;
            let needed = row.height() + if left == 0 { notes } else { 0.0 };
            if y + needed > bottom && pages.last().is_some_and(|page: &Vec<Row>| !page.is_empty()) {
                pages.push(Vec::new());
                y = self.top(pages.len() - 1) + self.heading().height();
            }
            y += row.height();
            pages.last_mut().ok_or_else(|| Error::internal("a sheet without a page"))?.push(row);
        }
        Ok(pages)
    }

    fn draw(&self, surface: &mut Surface, (at, pages): (usize, usize), rows: &[Row]) -> Result<()> {
        let (city, (wide, high)) = (&self.app.city, self.size);
        fill(surface, GREEN, [(0.0, 0.0, wide, BAND)]);
        write(surface, &self.font, WHITE, (EDGE, 6.4), 10.0, &city.programme);
        write(surface, &self.font, WHITE, (EDGE, 11.0), 7.5, &city.name);
        if at == 0 {
            write(surface, &self.font, BLACK, (EDGE, BAND + 9.0), 13.0, &self.table.title);
            for (line, (name, value)) in (0u16..).zip(&self.table.particulars) {
                let y = BAND + 15.0 + f32::from(line) * 4.6;
                write(surface, &self.font, GREY, (EDGE, y), 7.5, name);
                write(surface, &self.font, BLACK, (EDGE + 42.0, y), 8.5, value);
            }
        }
        let mut y = self.top(at);
        let heading = self.heading();
        fill(surface, FAINT, [(EDGE - 1.0, y, wide - 2.0 * EDGE + 2.0, heading.height())]);
        self.draw_row(surface, &mut y, &heading);
        for row in rows {
            if row.is_total {
                fill(surface, GREEN, [(EDGE - 1.0, y, wide - 2.0 * EDGE + 2.0, 0.25)]);
            }
            self.draw_row(surface, &mut y, row);
        }
        if at + 1 == pages {
            for note in &self.table.notes {
                y += 4.2;
                write(surface, &self.font, GREY, (EDGE, y), 7.0, note);
            }
        }
        let number = format!("{} {} / {pages}", label(self.app, "paper", "page")?, at + 1);
        write(surface, &self.font, GREY, (wide - EDGE - width(&number, 7.0), high - 6.0), 7.0, &number);
        if self.app.settings.demo.enabled {
            watermark(surface, &self.font, (wide / 2.0, high / 2.0), (wide / 2.0 - 70.0, high / 2.0), 88.0, &label(self.app, "letter", "specimen")?);
        }
        Ok(())
    }

    fn draw_row(&self, surface: &mut Surface, y: &mut f32, row: &Row) {
        let mut x = EDGE;
        for (cell, column) in row.cells.iter().zip(&self.table.columns) {
            let mut at = *y + STEP;
            for line in cell {
                let place = if column.is_number { x + column.width - GAP - width(line, SIZE) } else { x };
                write(surface, &self.font, BLACK, (place, at), SIZE, line);
                at += STEP;
            }
            x += column.width;
        }
        *y += row.height();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cell_keeps_all_its_letters_and_its_bounds(text in "[a-zA-Z0-9./ -]{0,60}", room in 4.0f32..40.0) {
            let lines = lines_of(&text, room);
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            prop_assert!(lines.iter().all(|line| width(line, SIZE) <= room || line.chars().count() == 1), "{:?}", lines);
        }
    }
}
