//! The figures of the dashboard: how each is put together from its sums.

mod ageing;
pub mod board;
mod budget;
mod checks;
mod claims;
mod diagnoses;
mod edits;
mod facilities;
mod few;
pub mod glossary;
mod hygiene;
mod participants;
pub mod questions;
mod service_levels;
pub mod sheets;
mod summary;
mod tariff_gap;
mod turnaround;
mod utilization;

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::figures::{Breakdown, DefinedMeasure, FigureName, FigureSheet, Item, Measure, MeasureUnit, Scope, Values};
use crate::domain::id::Id;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::App;
use crate::service::summaries;
use crate::store::db::{Db, snapshot};

/// What a figure is made of, before it is said until when it is counted.
pub struct Told {
    pub measures: &'static [(&'static str, MeasureUnit)],
    pub items: Vec<Item>,
    pub totals: Values,
}

/// Figures in one snapshot, each with the time until which everything is counted in it.
pub fn tell(app: &App, db: &mut Db, context: &Context, language: Language, scopes: &[Scope]) -> Result<Vec<FigureSheet>> {
    snapshot(db, |db| scopes.iter().map(|scope| sheet(app, db, context, language, scope)).collect())
}

/// One figure in a snapshot of its own.
pub fn tell_one(app: &App, db: &mut Db, context: &Context, language: Language, scope: &Scope) -> Result<FigureSheet> {
    snapshot(db, |db| sheet(app, db, context, language, scope))
}

fn sheet(app: &App, db: &mut Db, context: &Context, language: Language, scope: &Scope) -> Result<FigureSheet> {
    // Before the sums are read: what is marked meanwhile makes it no older.
    let as_of = summaries::as_of(db, scope.rests_on(), context.now)?;
    let told = match scope.figure {
        FigureName::Checks => checks::tell(db, scope)?,
        FigureName::Hygiene => hygiene::tell(db, app.city.offset, scope)?,
        FigureName::Participants => participants::tell(db, scope)?,
        FigureName::ServiceLevels => service_levels::tell(db, app.city.offset, context.now, scope)?,
        FigureName::Summary => summary::tell(db, context.now, app.city.today(context.now), scope)?,
        FigureName::Utilization => utilization::tell(db, scope)?,
        FigureName::Claims => claims::tell(db, scope)?,
        FigureName::Ageing => ageing::tell(db, scope, app.city.today(context.now))?,
        FigureName::Turnaround => turnaround::tell(db, scope)?,
        FigureName::TariffGap => tariff_gap::tell(db, scope)?,
        FigureName::Diagnoses => diagnoses::tell(db, scope)?,
        FigureName::Edits => edits::tell(db, scope)?,
        FigureName::Budget => budget::tell(app, db, context, scope)?,
        FigureName::Facilities => facilities::tell(db, scope)?,
    };
    let today = app.city.today(context.now);
    let told = if few::is_about_few(scope) { few::evened(told, scope, &app.city.regions, &app.city.code, today) } else { told };
    Ok(finish(app, context, language, scope, told, as_of))
}

fn finish(app: &App, context: &Context, language: Language, scope: &Scope, told: Told, as_of: UtcTime) -> FigureSheet {
    let Told { measures, mut items, totals } = told;
    for item in &mut items {
        item.name = name_of(app, language, scope, &item.key);
    }
    let text = |key: String| app.city.texts.get(language, &key, &[]).unwrap_or_default();
    let measure = |(name, unit): &(&str, MeasureUnit)| DefinedMeasure {
        measure: Measure { name: (*name).to_owned(), unit: *unit },
        definition: text(format!("measures.{name}")),
    };
    FigureSheet {
        figure: scope.figure,
        as_of,
        computed_at: context.now,
        from: scope.from,
        to: scope.to,
        date_basis: scope.basis,
        by: scope.by,
        filters: scope.filters(),
        definition: text(format!("figures.{}", scope.figure)),
        measures: measures.iter().map(measure).collect(),
        items,
        totals,
    }
}

/// A month as the key of a cell.
fn month_key(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// As a place is called that nobody knows.
const NOWHERE: &str = "unknown";

/// A village, or the district of one, as the key of a cell.
fn place_key(village: &str, digits: usize) -> String {
    village.get(..digits).unwrap_or(NOWHERE).to_owned()
}

/// What people call a cell.
fn name_of(app: &App, language: Language, scope: &Scope, key: &str) -> Option<String> {
    let texts = &app.city.texts;
    match scope.by {
        Breakdown::Facility => key.parse::<Id>().ok().and_then(|id| app.memory.facility(id)).map(|facility| facility.name.clone()),
        Breakdown::Village | Breakdown::District => app.city.regions.name(key).map(str::to_owned),
        Breakdown::Reason => texts.get(language, &format!("rules.{key}.name"), &[]),
        Breakdown::Decision | Breakdown::CareType => Some(texts.word(language, key).to_owned()),
        Breakdown::Weekday => texts.get(language, &format!("cells.{key}"), &[]),
        Breakdown::State if scope.figure != FigureName::Participants => texts.get(language, &format!("claim_states.{key}"), &[]),
        // Words that mean different things of different things: a card that is active and a person who is.
        Breakdown::State
        | Breakdown::Sex
        | Breakdown::Enrollment
        | Breakdown::Card
        | Breakdown::Signal
        | Breakdown::Finding
        | Breakdown::Case
        | Breakdown::Sums
        | Breakdown::Measure => texts.get(language, &format!("cells.{}_{key}", scope.by), &[]),
        Breakdown::Pot | Breakdown::Bucket | Breakdown::Step | Breakdown::Outcome => texts.get(language, &format!("cells.{key}"), &[]),
        Breakdown::Code if scope.figure == FigureName::Diagnoses => {
            key.parse().ok().and_then(|code| app.city.diagnoses.title(&code, scope.to)).map(str::to_owned)
        }
        // A code of the tariff means what the schedule of the day said, and an edit is told by its code.
        Breakdown::Code | Breakdown::Edit | Breakdown::Day | Breakdown::Month | Breakdown::Hour | Breakdown::Age => None,
    }
}
