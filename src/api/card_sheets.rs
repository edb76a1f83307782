//! Cards as PDF: one by itself, or ten a page to be cut out. Each is of the size ID-1 (85.6 × 54 mm) and holds a code that scanners read.

use std::sync::Arc;

use krilla::Document;
use krilla::color::rgb::Color;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use qrcode::{EcLevel, QrCode};

use crate::domain::cards::grouped;
use crate::domain::texts::{Language, Texts};
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::cards::Face;

/// Millimetres in points.
const MM: f32 = 72.0 / 25.4;
const CARD: (f32, f32) = (85.6, 54.0);
const A4: (f32, f32) = (210.0, 297.0);
const COLUMNS: u8 = 2;
const ROWS: u8 = 5;
const BAND: f32 = 11.0;
const EDGE: f32 = 4.0;
/// The code with the white around it that scanners need.
const CODE: f32 = 32.0;
const QUIET_MODULES: usize = 4;
const LINE: f32 = 0.15;

/// Sizes of a name in points, each with how many characters fit beside the code: capitals are about two thirds as wide as high.
const NAME_SIZES: [(f32, usize); 3] = [(9.0, 21), (7.5, 25), (6.0, 31)];
const NAME_LINES: usize = 2;

const GREEN: (u8, u8, u8) = (0, 92, 68);
const WHITE: (u8, u8, u8) = (255, 255, 255);
const BLACK: (u8, u8, u8) = (0, 0, 0);
const GREY: (u8, u8, u8) = (90, 90, 90);

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

fn page(document: &mut Document, (width, height): (f32, f32), draw: impl FnOnce(&mut Surface) -> Result<()>) -> Result<()> {
    let settings = PageSettings::from_wh(width * MM, height * MM).ok_or_else(|| Error::internal("a page of no size"))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let drawn = draw(&mut surface);
    surface.finish();
    page.finish();
    drawn
}

fn written(document: Document) -> Result<Vec<u8>> {
    document.finish().map_err(|_| Error::internal("a PDF could not be written"))
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
        code(surface, (x + CARD.0 - CODE - 1.5, y + BAND + 3.0), &face.token)?;
        if self.is_demo {
            self.watermark(surface, (x, y))?;
        }
        Ok(())
    }

    fn watermark(&self, surface: &mut Surface, (x, y): (f32, f32)) -> Result<()> {
        let text = self.label("specimen")?;
        surface.push_transform(&Transform::from_rotate_at(-20.0, (x + CARD.0 / 2.0) * MM, (y + CARD.1 / 2.0) * MM));
        // Faint, and beside the code, so that a specimen scans like any other.
        surface.set_fill(Some(paint((200, 0, 0), 0.25)));
        self.put(surface, (x + 1.0, y + 31.0), 28.0, &text);
        surface.pop();
        Ok(())
    }

    fn write(&self, surface: &mut Surface, color: (u8, u8, u8), place: (f32, f32), size: f32, text: &str) {
        surface.set_fill(Some(paint(color, 1.0)));
        self.put(surface, place, size, text);
    }

    fn put(&self, surface: &mut Surface, (x, y): (f32, f32), size: f32, text: &str) {
        surface.draw_text(Point::from_xy(x * MM, y * MM), self.font.clone(), size, text, false, TextDirection::LeftToRight);
    }
}

fn paint((red, green, blue): (u8, u8, u8), opacity: f32) -> Fill {
    Fill { paint: Color::new(red, green, blue).into(), opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE), rule: FillRule::NonZero }
}

fn fill(surface: &mut Surface, color: (u8, u8, u8), areas: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    areas
        .into_iter()
        .filter_map(|(x, y, width, height)| Rect::from_xywh(x * MM, y * MM, width * MM, height * MM))
        .for_each(|area| path.push_rect(area));
    if let Some(path) = path.finish() {
        surface.set_fill(Some(paint(color, 1.0)));
        surface.draw_path(&path);
    }
}

/// The token as a QR code that bears a scratched card: a seventh of it may be lost.
fn code(surface: &mut Surface, (x, y): (f32, f32), token: &str) -> Result<()> {
    let code = QrCode::with_error_correction_level(token, EcLevel::M).map_err(|_| Error::internal("a token does not fit into a code"))?;
    let width = code.width();
    let modules = u16::try_from(width + 2 * QUIET_MODULES).map_err(|_| Error::internal("a code without end"))?;
    let module = CODE / f32::from(modules);
    let place = |at: usize| f32::from(u16::try_from(at + QUIET_MODULES).unwrap_or(u16::MAX)) * module;
    let dark: Vec<bool> = code.to_colors().iter().map(|color| *color == qrcode::Color::Dark).collect();
    let mut areas = Vec::new();
    for (row, line) in dark.chunks(width).enumerate() {
        // Neighbours as one area: between two of them a printer may leave a hair of white.
        let mut column = 0;
        for run in line.chunk_by(|one, next| one == next) {
            if run[0] {
                areas.push((x + place(column), y + place(row), place(column + run.len()) - place(column), module));
            }
            column += run.len();
        }
    }
    fill(surface, BLACK, areas);
    Ok(())
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

fn wrapped(name: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in name.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= most {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
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
