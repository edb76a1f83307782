//! Cards as PDF: one by itself, or ten a page to be cut out. Each is of the size ID-1 (85.6 × 54 mm) and holds a code that scanners read.

use std::sync::Arc;

use krilla::Document;
use krilla::surface::Surface;
use krilla::text::Font;

use super::pdf::{A4, BLACK, GREEN, GREY, WHITE, code, fill, page, watermark, wrapped, write, written};
use crate::domain::cards::grouped;
use crate::domain::texts::{Language, Texts};
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::cards::Face;

const CARD: (f32, f32) = (85.6, 54.0);
const COLUMNS: u8 = 2;
const ROWS: u8 = 5;
const BAND: f32 = 11.0;
const EDGE: f32 = 4.0;
/// The code with the white around it that scanners need.
const CODE: f32 = 32.0;
const LINE: f32 = 0.15;

/// Sizes of a name in points, each with how many characters fit beside the code: capitals are about two thirds as wide as high.
const NAME_SIZES: [(f32, usize); 3] = [(9.0, 21), (7.5, 25), (6.0, 31)];
const NAME_LINES: usize = 2;

/// What is the same on every card of the city.
struct Design<'a> {
    font: Font,
    programme: &'a str,
    city: &'a str,
    texts: &'a Texts,
    is_demo: bool,
}

/// One card on a page of its own size.
pub fn single(app: &App, face: &Face) -> Result<Vec<u8>> {
    let design = Design::of(app)?;
    let mut document = Document::new();
    page(&mut document, CARD, |surface| design.draw(surface, (0.0, 0.0), face))?;
    written(document)
}

/// Sheets of A4 with marks where to cut.
pub fn sheets(app: &App, faces: &[Face]) -> Result<Vec<u8>> {
    let design = Design::of(app)?;
    let mut document = Document::new();
    let corner = ((A4.0 - CARD.0 * f32::from(COLUMNS)) / 2.0, (A4.1 - CARD.1 * f32::from(ROWS)) / 2.0);
    for on_page in faces.chunks(usize::from(COLUMNS) * usize::from(ROWS)) {
        page(&mut document, A4, |surface| {
            cutting_marks(surface, corner);
            let places = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (column, row)));
            places.zip(on_page).try_for_each(|((column, row), face)| {
                design.draw(surface, (corner.0 + CARD.0 * f32::from(column), corner.1 + CARD.1 * f32::from(row)), face)
            })
        })?;
    }
    written(document)
}

/// Short lines outside the cards, at every edge of the grid.
fn cutting_marks(surface: &mut Surface, (left, top): (f32, f32)) {
    const MARK: f32 = 5.0;
    const GAP: f32 = 1.5;
    let (right, bottom) = (left + CARD.0 * f32::from(COLUMNS), top + CARD.1 * f32::from(ROWS));
    for column in 0..=COLUMNS {
        let x = left + CARD.0 * f32::from(column) - LINE / 2.0;
        for y in [top - GAP - MARK, bottom + GAP] {
            fill(surface, BLACK, [(x, y, LINE, MARK)]);
        }
    }
    for row in 0..=ROWS {
        let y = top + CARD.1 * f32::from(row) - LINE / 2.0;
        for x in [left - GAP - MARK, right + GAP] {
            fill(surface, BLACK, [(x, y, MARK, LINE)]);
        }
    }
}

impl<'a> Design<'a> {
    fn of(app: &'a App) -> Result<Self> {
        let city = &app.city;
        let font = Font::new(Arc::clone(&city.card_font).into(), 0).ok_or_else(|| Error::internal("the font of the cards cannot be read"))?;
        Ok(Self { font, programme: &city.programme, city: &city.name, texts: &city.texts, is_demo: app.settings.demo.enabled })
    }

    /// Cards are read at every counter, whoever asked for them: in Indonesian.
    fn label(&self, key: &str) -> Result<String> {
        self.texts.get(Language::Id, &format!("card.{key}"), &[]).ok_or_else(|| Error::internal("a text of the card is missing"))
    }

    fn draw(&self, surface: &mut Surface, (x, y): (f32, f32), face: &Face) -> Result<()> {
        fill(surface, GREEN, [(x, y, CARD.0, BAND)]);
        self.write(surface, WHITE, (x + EDGE, y + 5.2), 9.0, self.programme);
        self.write(surface, WHITE, (x + EDGE, y + 9.0), 6.5, self.city);

        let (size, lines) = name_lines(&face.name);
        for (baseline, line) in [16.5, 20.0].into_iter().zip(&lines) {
            self.write(surface, BLACK, (x + EDGE, y + baseline), size, line);
        }
        let issued = face.issued_on.map(|date| date.format("%d-%m-%Y").to_string());
        let particulars = [("number", Some(grouped(&face.number))), ("nik", face.nik_masked.clone()), ("issued_on", issued)];
        for (at, (label, value)) in [25.5, 33.5, 41.5].into_iter().zip(particulars) {
            let Some(value) = value else { continue };
            self.write(surface, GREY, (x + EDGE, y + at), 5.0, &self.label(label)?);
            // The longest number still ends before the code.
            let size = if value.chars().count() > 24 { 6.0 } else { 8.0 };
            self.write(surface, BLACK, (x + EDGE, y + at + 3.6), size, &value);
        }
        self.write(surface, GREY, (x + EDGE, y + CARD.1 - 2.5), 4.5, &self.label("note")?);
        code(surface, (x + CARD.0 - CODE - 1.5, y + BAND + 3.0), CODE, &face.token)?;
        if self.is_demo {
            // Beside the code, so that a specimen scans like any other.
            let around = (x + CARD.0 / 2.0, y + CARD.1 / 2.0);
            watermark(surface, &self.font, around, (x + 1.0, y + 31.0), 28.0, &self.label("specimen")?);
        }
        Ok(())
    }

    fn write(&self, surface: &mut Surface, color: (u8, u8, u8), place: (f32, f32), size: f32, text: &str) {
        write(surface, &self.font, color, place, size, text);
    }
}

/// The name in the largest size in which it fits; one that fits in none is cut short.
fn name_lines(name: &str) -> (f32, Vec<String>) {
    for (size, most) in NAME_SIZES {
        let lines = wrapped(name, most);
        if lines.len() <= NAME_LINES && lines.iter().all(|line| line.chars().count() <= most) {
            return (size, lines);
        }
    }
    let (size, most) = NAME_SIZES[NAME_SIZES.len() - 1];
    let mut lines: Vec<String> = wrapped(name, most);
    let is_cut = lines.len() > NAME_LINES;
    lines.truncate(NAME_LINES);
    let last = lines.len() - 1;
    for (at, line) in lines.iter_mut().enumerate() {
        if line.chars().count() > most || (is_cut && at == last) {
            *line = line.chars().take(most - 1).chain(['…']).collect();
        }
    }
    (size, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_there_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        assert_eq!(texts.check("card", &["number", "nik", "issued_on", "note", "specimen"]), vec![]);
    }

    #[test]
    fn a_name_is_written_as_large_as_it_fits() {
        let long = "RADEN AYU SITI NURHALIZAH KUSUMANINGTYAS";
        for (name, size, expected) in [
            ("SITI TELADAN", 9.0, &["SITI TELADAN"][..]),
            ("SITI NUR TELADAN PERTIWI", 9.0, &["SITI NUR TELADAN", "PERTIWI"]),
            (long, 7.5, &["RADEN AYU SITI NURHALIZAH", "KUSUMANINGTYAS"]),
        ] {
            assert_eq!(name_lines(name), (size, expected.iter().map(|line| (*line).to_owned()).collect()), "{name}");
        }
        let (size, lines) = name_lines(&format!("{long} {long} {long}"));
        assert_eq!((size, lines.len()), (6.0, NAME_LINES));
        assert!(lines.iter().all(|line| line.chars().count() <= 31) && lines[1].ends_with('…'));
        let (_, lines) = name_lines(&"X".repeat(100));
        assert_eq!(lines.iter().map(|line| line.chars().count()).collect::<Vec<_>>(), [31]);
    }
}
