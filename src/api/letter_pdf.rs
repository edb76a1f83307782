//! A guarantee letter on a page of A4, with its token as a code.

use std::sync::Arc;

use krilla::Document;
use krilla::surface::Surface;
use krilla::text::Font;

use super::pdf::{A4, BLACK, GREEN, GREY, WHITE, code, fill, page, watermark, wrapped, write, written};
use crate::domain::texts::Language;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::letters::Told;

const EDGE: f32 = 22.0;
const BAND: f32 = 26.0;
const CODE: f32 = 52.0;
const VALUES: f32 = 72.0;

/// Every text that stands on a letter beside its values.
#[cfg(test)]
const LABELS: [&str; 18] = [
    "title",
    "number",
    "facility",
    "patient",
    "born",
    "sex",
    "nik",
    "care_type",
    "ward_class",
    "diagnosis",
    "validity",
    "until",
    "papers_by",
    "admitted",
    "guarantee",
    "billing",
    "verify",
    "specimen",
];

pub fn written_out(app: &App, told: &Told) -> Result<Vec<u8>> {
    let font = Font::new(Arc::clone(&app.city.card_font).into(), 0).ok_or_else(|| Error::internal("the font of letters cannot be read"))?;
    let mut document = Document::new();
    page(&mut document, A4, |surface| Sheet { app, font }.draw(surface, told))?;
    written(document)
}

struct Sheet<'a> {
    app: &'a App,
    font: Font,
}

impl Sheet<'_> {
    /// Letters go to hospitals and their auditors, whoever asked for them: in Indonesian.
    fn label(&self, key: &str) -> Result<String> {
        self.app.city.texts.get(Language::Id, &format!("letter.{key}"), &[]).ok_or_else(|| Error::internal("a text of letters is missing"))
    }

    fn word(&self, word: &str) -> String {
        self.app.city.texts.word(Language::Id, word).to_owned()
    }

    fn particulars(&self, told: &Told) -> Result<Vec<(String, String)>> {
        let letter = &told.letter;
        let date = |date| self.app.city.texts.date(Language::Id, date);
        let mut lines = vec![("number", letter.number.clone()), ("facility", told.facility.name.clone())];
        if let Some(shown) = &told.shown {
            lines.push(("patient", shown.name.clone()));
            lines.push(("born", shown.birth_year.to_string()));
            lines.push(("sex", self.word(shown.sex.as_str())));
            if !shown.nik_masked.is_empty() {
                lines.push(("nik", shown.nik_masked.clone()));
            }
        }
        lines.push(("care_type", self.word(letter.care_type.as_str())));
        lines.extend(letter.ward_class.map(|class| ("ward_class", self.word(class.as_str()))));
        lines.push(("diagnosis", letter.diagnosis_code.clone()));
        lines.push(("validity", format!("{} {} {}", date(letter.valid_from), self.label("until")?, date(letter.valid_until))));
        lines.extend(letter.complete_by.map(|by| ("papers_by", by.local_text(self.app.city.offset))));
        lines.extend(letter.admitted_on.map(|on| ("admitted", date(on))));
        lines.into_iter().map(|(key, value)| Ok((self.label(key)?, value))).collect()
    }

    fn draw(&self, surface: &mut Surface, told: &Told) -> Result<()> {
        let city = &self.app.city;
        fill(surface, GREEN, [(0.0, 0.0, A4.0, BAND)]);
        write(surface, &self.font, WHITE, (EDGE, 12.0), 15.0, &city.programme);
        write(surface, &self.font, WHITE, (EDGE, 19.5), 10.0, &city.name);
        write(surface, &self.font, BLACK, (EDGE, 42.0), 16.0, &self.label("title")?);
        let mut y = 56.0;
        for (label, value) in self.particulars(told)? {
            write(surface, &self.font, GREY, (EDGE, y), 9.5, &label);
            for line in wrapped(&value, 52) {
                write(surface, &self.font, BLACK, (VALUES, y), 11.0, &line);
                y += 7.5;
            }
        }
        y += 4.0;
        for key in ["guarantee", "billing"] {
            for line in wrapped(&self.label(key)?, 88) {
                write(surface, &self.font, BLACK, (EDGE, y), 9.5, &line);
                y += 5.5;
            }
            y += 2.0;
        }
        code(surface, (EDGE - 4.0, y + 2.0), CODE, &told.token)?;
        let mut beside = y + 16.0;
        for line in wrapped(&self.label("verify")?, 52) {
            write(surface, &self.font, GREY, (EDGE + CODE + 4.0, beside), 9.0, &line);
            beside += 5.0;
        }
        if self.app.settings.demo.enabled {
            watermark(surface, &self.font, (A4.0 / 2.0, A4.1 / 2.0), (34.0, 170.0), 88.0, &self.label("specimen")?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::texts::Texts;

    #[test]
    fn every_label_is_there_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        assert_eq!(texts.check("letter", &LABELS), vec![]);
    }
}
