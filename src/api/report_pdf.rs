//! A report on paper: each figure with a plot and its numbers, and on every page the number and the hash by which it can be told from any other.

use std::sync::Arc;

use krilla::Document;
use krilla::surface::Surface;
use krilla::text::Font;

use super::pdf::{A4, BLACK, GREEN, GREY, WHITE, fill, page, watermark, width, wrapped, write, written};
use crate::domain::figures::{Breakdown, FigureName, FigureSheet, Filters, Item, Measure, MeasureUnit};
use crate::domain::files::ContentHash;
use crate::domain::reports::Content;
use crate::domain::texts::Language;
use crate::error::{Error, Result};
use crate::service::App;
use crate::store::reports::Report;

const EDGE: f32 = 15.0;
const BAND: f32 = 16.0;
const BOTTOM: f32 = 280.0;
const ROOM: f32 = A4.0 - 2.0 * EDGE;
/// From one line of a definition, and from one bar, to the next.
const LINE: f32 = 3.6;
const BAR: f32 = 5.4;
/// As high as columns stand.
const COLUMNS: f32 = 38.0;
const BAR_COLOR: (u8, u8, u8) = (0, 128, 96);
const FAINT: (u8, u8, u8) = (232, 238, 235);
/// Of a definition in a line.
const LETTERS: usize = 130;
/// Beside a bar stand the values of so many measures.
const SHOWN: usize = 4;
const NUMBER: f32 = 24.0;
const NAME: f32 = 48.0;
/// Beside the heading of a figure a page has room for so many.
const ITEMS_A_PAGE: usize = 36;

/// Every text that stands on the paper beside its values.
#[cfg(test)]
const LABELS: [&str; 8] = ["monthly", "figure", "period", "made", "as_of", "hash", "nothing", "few"];

struct Paper<'a> {
    app: &'a App,
    font: Font,
    report: &'a Report,
    content: &'a Content,
    hash: String,
}

/// What is drawn together: a figure, from where on its page.
struct Placed<'a> {
    figure: &'a FigureSheet,
    /// Those of its items that have room there.
    items: &'a [Item],
    y: f32,
}

pub fn written_out(app: &App, report: &Report, content: &Content) -> Result<Vec<u8>> {
    let font = Font::new(Arc::clone(&app.city.card_font).into(), 0).ok_or_else(|| Error::internal("the font of reports cannot be read"))?;
    let hash = report.content_hash.as_slice().try_into().map_err(|_| Error::internal("a stored hash has not 32 bytes"))?;
    let paper = Paper { app, font, report, content, hash: ContentHash::from_bytes(hash).to_string() };
    let mut pages: Vec<Vec<Placed<'_>>> = vec![Vec::new()];
    let mut y = BAND + 34.0;
    for figure in &content.figures {
        let parts: Vec<&[Item]> =
            if is_series(figure) || figure.items.is_empty() { vec![&figure.items] } else { figure.items.chunks(ITEMS_A_PAGE).collect() };
        for items in parts {
            let height = paper.height(figure, items);
            if y + height > BOTTOM && pages.last().is_some_and(|page| !page.is_empty()) {
                pages.push(Vec::new());
                y = BAND + 10.0;
            }
            if let Some(page) = pages.last_mut() {
                page.push(Placed { figure, items, y });
            }
            y += height + 7.0;
        }
    }
    let mut document = Document::new();
    for (at, figures) in pages.iter().enumerate() {
        page(&mut document, A4, |surface| paper.draw(surface, (at, pages.len()), figures))?;
    }
    written(document)
}

/// A whole number with points between its thousands.
fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    if value < 0 { format!("-{out}") } else { out }
}

/// A value as people read it.
fn shown(value: i64, unit: MeasureUnit) -> String {
    match unit {
        MeasureUnit::Count | MeasureUnit::Days => grouped(value),
        MeasureUnit::Rupiah => format!("Rp {}", grouped(value)),
        MeasureUnit::PerMille => format!("{},{} %", value / 10, (value % 10).abs()),
        MeasureUnit::Microseconds => format!("{},{} ms", grouped(value / 1_000), value / 100 % 10),
        MeasureUnit::Seconds => format!("{} s", grouped(value)),
        // Days since 1970, as `Item` has dates.
        MeasureUnit::Date => chrono::DateTime::from_timestamp(value * 86_400, 0).map(|at| at.format("%d-%m-%Y").to_string()).unwrap_or_default(),
    }
}

/// Are the items points of time, one beside the other?
fn is_series(figure: &FigureSheet) -> bool {
    matches!(figure.by, Breakdown::Day | Breakdown::Month | Breakdown::Hour) && figure.items.len() > 1
}

/// The measures that stand on paper, the one of the bars first. All of them are in the workbook.
fn on_paper(figure: &FigureSheet) -> Vec<&Measure> {
    let wanted: &[&str] = match figure.figure {
        FigureName::Claims => &["claims", "claimed", "approved", "paid"],
        FigureName::TariffGap => &["shortfall", "hospital_cost", "approved", "lines"],
        FigureName::Budget => &["used", "ceiling", "paid", "exhaustion_on"],
        FigureName::Edits => &["findings", "decided_by_people", "agreed", "adjusted"],
        FigureName::Facilities => &["claims", "approved", "paid", "visits"],
        FigureName::Turnaround => &["median_days", "p90_days", "claims"],
        // What is open for longest, where it is told of each.
        FigureName::Ageing => &["claims", "claimed", "approved", "days_over_90"],
        FigureName::Checks
        | FigureName::Diagnoses
        | FigureName::Hygiene
        | FigureName::Participants
        | FigureName::ServiceLevels
        | FigureName::Summary
        | FigureName::Utilization => &[],
    };
    let all = || figure.measures.iter().map(|measure| &measure.measure);
    if wanted.is_empty() {
        all().take(SHOWN).collect()
    } else {
        wanted.iter().filter_map(|name| all().find(|measure| measure.name == *name)).collect()
    }
}

fn value(item: &Item, measure: &str) -> Option<i64> {
    item.values.get(measure).copied().flatten()
}

/// How far a bar goes, of the room that there is.
fn share(value: Option<i64>, most: i64, room: f32) -> f32 {
    let value = value.unwrap_or_default().max(0);
    // A plot needs no more digits than its pixels.
    if most <= 0 { 0.0 } else { (value as f64 / most as f64) as f32 * room }
}

impl Paper<'_> {
    fn text(&self, section: &str, key: &str) -> String {
        self.app.city.texts.get(self.report.language, &format!("{section}.{key}"), &[]).unwrap_or_else(|| key.to_owned())
    }

    fn lines(&self, figure: &FigureSheet) -> Vec<String> {
        wrapped(&figure.definition, LETTERS)
    }

    /// Of which days it is and of what, and up to when it is counted.
    fn heading(&self, figure: &FigureSheet) -> Vec<String> {
        let texts = &self.app.city.texts;
        let mut heading = vec![format!("{} - {}", texts.date(self.report.language, figure.from), texts.date(self.report.language, figure.to))];
        heading.extend(self.narrowed(figure));
        heading.push(format!("{} {}", self.text("report", "as_of"), figure.as_of.local_text(self.app.city.offset)));
        wrapped(&heading.join(" · "), LETTERS)
    }

    /// Of what the figure is, where it is not of everything: of which date, place, facility and care.
    fn narrowed(&self, figure: &FigureSheet) -> Vec<String> {
        let (city, language) = (&self.app.city, self.report.language);
        let Filters { district_code, village_code, facility_id, care_type } = &figure.filters;
        let basis = (figure.figure.spec().bases.len() > 1).then(|| self.text("date_bases", figure.date_basis.as_str()));
        let place = |code: &String| city.regions.name(code).map_or_else(|| code.clone(), |name| format!("{name} ({code})"));
        let places = [district_code, village_code].into_iter().flatten().map(place);
        let facility = facility_id.map(|id| self.app.memory.facility(id).map_or_else(|| id.to_string(), |facility| facility.name.clone()));
        let care = care_type.map(|care| city.texts.word(language, care.as_str()).to_owned());
        basis.into_iter().chain(places).chain(facility).chain(care).collect()
    }

    fn height(&self, figure: &FigureSheet, items: &[Item]) -> f32 {
        let count = |items: usize| f32::from(u16::try_from(items).unwrap_or(u16::MAX));
        let plot = if is_series(figure) { COLUMNS + 9.0 } else { BAR * (count(items.len().max(1)) + 1.0) };
        8.6 + count(self.heading(figure).len() + self.lines(figure).len()) * LINE + plot
    }

    fn draw(&self, surface: &mut Surface, (at, pages): (usize, usize), figures: &[Placed<'_>]) -> Result<()> {
        let (city, texts, language) = (&self.app.city, &self.app.city.texts, self.report.language);
        fill(surface, GREEN, [(0.0, 0.0, A4.0, BAND)]);
        write(surface, &self.font, WHITE, (EDGE, 7.0), 11.0, &city.programme);
        write(surface, &self.font, WHITE, (EDGE, 12.4), 8.0, &city.name);
        write(surface, &self.font, WHITE, (A4.0 - EDGE - width(&self.report.number, 9.0), 9.6), 9.0, &self.report.number);
        if at == 0 {
            write(surface, &self.font, BLACK, (EDGE, BAND + 10.0), 15.0, &self.text("report", self.report.kind.as_str()));
            let period = format!("{} - {}", texts.date(language, self.content.from), texts.date(language, self.content.to));
            let made = self.report.made_at.local_text(city.offset);
            for (line, (name, value)) in (0u16..).zip([("period", &period), ("made", &made), ("hash", &self.hash)]) {
                let y = BAND + 16.5 + f32::from(line) * 4.8;
                write(surface, &self.font, GREY, (EDGE, y), 7.5, &self.text("report", name));
                write(surface, &self.font, BLACK, (EDGE + 34.0, y), 8.0, value);
            }
        }
        for Placed { figure, items, y } in figures {
            self.figure(surface, figure, items, *y);
        }
        let number = format!("{} {} / {pages}", self.text("paper", "page"), at + 1);
        write(surface, &self.font, GREY, (EDGE, A4.1 - 8.0), 6.5, &format!("SHA-256 {}", self.hash));
        write(surface, &self.font, GREY, (A4.0 - EDGE - width(&number, 7.0), A4.1 - 8.0), 7.0, &number);
        if self.app.settings.demo.enabled {
            let word = texts.get(Language::Id, "letter.specimen", &[]).unwrap_or_default();
            watermark(surface, &self.font, (A4.0 / 2.0, A4.1 / 2.0), (A4.0 / 2.0 - 70.0, A4.1 / 2.0), 88.0, &word);
        }
        Ok(())
    }

    fn figure(&self, surface: &mut Surface, figure: &FigureSheet, items: &[Item], top: f32) {
        let mut y = top + 4.0;
        let title = format!("{}: {}", self.text("figure_names", figure.figure.as_str()), self.text("breakdowns", figure.by.as_str()));
        write(surface, &self.font, GREEN, (EDGE, y), 11.0, &title);
        y += 0.6;
        for line in self.heading(figure) {
            y += LINE;
            write(surface, &self.font, BLACK, (EDGE, y), 7.0, &line);
        }
        for line in self.lines(figure) {
            y += LINE;
            write(surface, &self.font, GREY, (EDGE, y), 7.0, &line);
        }
        y += 3.0;
        if figure.items.is_empty() {
            write(surface, &self.font, BLACK, (EDGE, y + 4.0), 8.0, &self.text("report", "nothing"));
        } else if is_series(figure) {
            self.columns(surface, figure, y);
        } else {
            self.bars(surface, figure, items, y);
        }
    }

    /// Points of time beside each other, as high as the first measure is.
    fn columns(&self, surface: &mut Surface, figure: &FigureSheet, top: f32) {
        let Some(first) = figure.measures.first() else { return };
        let (name, unit) = (first.measure.name.as_str(), first.measure.unit);
        let most = figure.items.iter().filter_map(|item| value(item, name)).max().unwrap_or_default();
        let step = ROOM / f32::from(u16::try_from(figure.items.len()).unwrap_or(u16::MAX));
        fill(surface, FAINT, [(EDGE, top, ROOM, COLUMNS)]);
        let areas = (0u16..).zip(&figure.items).map(|(at, item)| {
            let high = share(value(item, name), most, COLUMNS - 6.0);
            (EDGE + (f32::from(at) + 0.15) * step, top + COLUMNS - high, step * 0.7, high)
        });
        fill(surface, BAR_COLOR, areas.filter(|(_, _, _, high)| *high > 0.0).collect::<Vec<_>>());
        // As many captions as have room.
        let every = usize::from((14.0 / step).ceil().clamp(1.0, 366.0) as u16);
        for (at, item) in figure.items.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let x = EDGE + f32::from(u16::try_from(at).unwrap_or(u16::MAX)) * step;
            write(surface, &self.font, GREY, (x, top + COLUMNS + 3.4), 6.0, &item.key);
            let high = share(value(item, name), most, COLUMNS - 6.0);
            let told = value(item, name).map(|counted| shown(counted, unit)).or_else(|| item.suppressed.then(|| self.text("report", "few")));
            if let Some(told) = told.filter(|_| step >= 8.0) {
                write(surface, &self.font, BLACK, (x + step * 0.1, top + COLUMNS - high - 1.0), 5.5, &told);
            }
        }
        write(surface, &self.font, GREY, (EDGE + 1.0, top + 3.2), 6.0, &first.definition);
    }

    /// One bar under the other, with the values of the measures beside it.
    fn bars(&self, surface: &mut Surface, figure: &FigureSheet, items: &[Item], top: f32) {
        let measures = on_paper(figure);
        let Some(first) = measures.first() else { return };
        // Headlines are people beside rupiah: no bar compares them.
        let is_alike = figure.by != Breakdown::Measure;
        let most = figure.items.iter().filter_map(|item| value(item, &first.name)).max().unwrap_or_default();
        let columns = f32::from(u16::try_from(measures.len()).unwrap_or(0));
        let room = ROOM - NAME - columns * NUMBER - 2.0;
        let letters = if is_alike { 34 } else { 90 };
        let end_of = |at: u16| A4.0 - EDGE - (columns - 1.0 - f32::from(at)) * NUMBER;
        let mut y = top;
        fill(surface, FAINT, [(EDGE, y, ROOM, BAR)]);
        for (at, measure) in (0u16..).zip(&measures) {
            let heading = self.text("measure_names", &measure.name);
            write(surface, &self.font, GREY, (end_of(at) - width(&heading, 6.5), y + 3.7), 6.5, &heading);
        }
        for item in items {
            y += BAR;
            let name: String = item.name.as_deref().unwrap_or(&item.key).chars().take(letters).collect();
            write(surface, &self.font, BLACK, (EDGE, y + 3.8), 7.0, &name);
            let long = share(value(item, &first.name), most, room);
            if is_alike && long > 0.0 {
                fill(surface, BAR_COLOR, [(EDGE + NAME, y + 1.0, long, BAR - 1.6)]);
            }
            for (at, measure) in (0u16..).zip(&measures) {
                let told = match value(item, &measure.name) {
                    Some(counted) => shown(counted, measure.unit),
                    None if item.suppressed => self.text("report", "few"),
                    None => "-".to_owned(),
                };
                write(surface, &self.font, BLACK, (end_of(at) - width(&told, 7.0), y + 3.8), 7.0, &told);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figures::FigureName;
    use crate::domain::texts::Texts;

    #[test]
    fn every_word_of_the_paper_has_its_texts() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        assert_eq!(texts.check("report", &LABELS), vec![]);
        let figures: Vec<&str> = FigureName::ALL.iter().map(|figure| figure.as_str()).collect();
        let breakdowns: Vec<&str> = Breakdown::ALL.iter().map(|by| by.as_str()).collect();
        assert_eq!(texts.check("figures", &figures), vec![]);
        assert_eq!(texts.check("figure_names", &figures), vec![]);
        assert_eq!(texts.check("breakdowns", &breakdowns), vec![]);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (value, unit, text) in [
            (0, MeasureUnit::Count, "0"),
            (999, MeasureUnit::Count, "999"),
            (1_000, MeasureUnit::Count, "1.000"),
            (1_234_567, MeasureUnit::Rupiah, "Rp 1.234.567"),
            (-12_345, MeasureUnit::Rupiah, "Rp -12.345"),
            (974, MeasureUnit::PerMille, "97,4 %"),
        ] {
            assert_eq!(shown(value, unit), text);
        }
    }
}
