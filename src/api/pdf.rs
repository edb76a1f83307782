//! Pages of PDF documents and what is drawn on all of them. Places and sizes are in millimetres, from the upper left corner.

use krilla::Document;
use krilla::color::rgb::Color;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use qrcode::{EcLevel, QrCode};

use crate::error::{Error, Result};

/// Millimetres in points.
pub const MM: f32 = 72.0 / 25.4;
pub const A4: (f32, f32) = (210.0, 297.0);
const QUIET_MODULES: usize = 4;
/// In what the widths of the font's letters are counted.
const UNITS_PER_EM: f32 = 2_048.0;
/// A point in millimetres.
const POINT: f32 = 25.4 / 72.0;

pub const GREEN: (u8, u8, u8) = (0, 92, 68);
pub const WHITE: (u8, u8, u8) = (255, 255, 255);
pub const BLACK: (u8, u8, u8) = (0, 0, 0);
pub const GREY: (u8, u8, u8) = (90, 90, 90);

pub fn page(document: &mut Document, (width, height): (f32, f32), draw: impl FnOnce(&mut Surface) -> Result<()>) -> Result<()> {
    let settings = PageSettings::from_wh(width * MM, height * MM).ok_or_else(|| Error::internal("a page of no size"))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let drawn = draw(&mut surface);
    surface.finish();
    page.finish();
    drawn
}

pub fn written(document: Document) -> Result<Vec<u8>> {
    document.finish().map_err(|_| Error::internal("a PDF could not be written"))
}

/// One line of text, its baseline at this place; the size is in points.
pub fn write(surface: &mut Surface, font: &Font, color: (u8, u8, u8), place: (f32, f32), size: f32, text: &str) {
    surface.set_fill(Some(paint(color, 1.0)));
    put(surface, font, place, size, text);
}

fn put(surface: &mut Surface, font: &Font, (x, y): (f32, f32), size: f32, text: &str) {
    surface.draw_text(Point::from_xy(x * MM, y * MM), font.clone(), size, text, false, TextDirection::LeftToRight);
}

/// A faint word across a page or a card, so that a specimen is taken for nothing else.
pub fn watermark(surface: &mut Surface, font: &Font, around: (f32, f32), place: (f32, f32), size: f32, text: &str) {
    surface.push_transform(&Transform::from_rotate_at(-20.0, around.0 * MM, around.1 * MM));
    surface.set_fill(Some(paint((200, 0, 0), 0.25)));
    put(surface, font, place, size, text);
    surface.pop();
}

fn paint((red, green, blue): (u8, u8, u8), opacity: f32) -> Fill {
    Fill { paint: Color::new(red, green, blue).into(), opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE), rule: FillRule::NonZero }
}

pub fn fill(surface: &mut Surface, color: (u8, u8, u8), areas: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
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

/// A text as a QR code of this width with the white around it that scanners need. It bears scratches: a seventh of it may be lost.
pub fn code(surface: &mut Surface, (x, y): (f32, f32), size: f32, token: &str) -> Result<()> {
    let code = QrCode::with_error_correction_level(token, EcLevel::M).map_err(|_| Error::internal("a token does not fit into a code"))?;
    let width = code.width();
    let modules = u16::try_from(width + 2 * QUIET_MODULES).map_err(|_| Error::internal("a code without end"))?;
    let module = size / f32::from(modules);
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

/// How wide a text is, in millimetres. The digits of the font are alike wide, so numbers stand under each other; letters are taken as their mean.
pub fn width(text: &str, size: f32) -> f32 {
    let units = |letter: char| match letter {
        '0'..='9' => 1_303u16,
        '.' | ',' | ' ' => 651,
        '-' => 739,
        'i' | 'j' | 'l' | 'I' => 594,
        'A'..='Z' => 1_434,
        _ => 1_229,
    };
    text.chars().map(|letter| f32::from(units(letter))).sum::<f32>() / UNITS_PER_EM * size * POINT
}

/// Words in lines of at most so many characters; a word that is longer has a line of its own.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
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
