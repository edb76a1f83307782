//! The figures of the dashboard: who may see which, and how each is put together from its sums.

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
mod service_levels;
pub mod sheets;
mod summary;
mod tariff_gap;
mod turnaround;
mod utilization;

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::figures::{Breakdown, DefinedMeasure, FigureName, FigureSheet, Item, Measure, MeasureUnit, Place, Scope, Values};
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
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

/// Whose figures somebody may see: a hospital its own alone.
pub fn facility_for(app: &App, caller: &Caller, asked: Option<Id>) -> Result<(Option<Id>, bool)> {
    let own = match caller.role {
        // Who belongs to no facility has no figures of their own, and sees nobody else's.
        Role::Hospital | Role::Clinic => Some(caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?),
        Role::Admin | Role::Registrar | Role::Verifier | Role::Finance | Role::Manager | Role::Auditor | Role::Dpo => None,
    };
    match (own, asked) {
        (Some(own), Some(other)) if own != other => Err(Fault::parameter("facility_id", "FACILITY_NOT_YOURS").into()),
        (Some(own), Some(_) | None) => Ok((Some(own), true)),
        (None, Some(asked)) if app.memory.facility(asked).is_none() => Err(Fault::parameter("facility_id", "FACILITY_UNKNOWN").into()),
        (None, asked) => Ok((asked, false)),
    }
}

/// A place of this city by its code.
pub fn place(app: &App, district: Option<&str>, village: Option<&str>) -> Result<Option<Place>> {
    let known = |code: &str, length: usize| code.len() == length && code.starts_with(&app.city.code) && app.city.regions.contains(code);
    let mut faults = Vec::new();
    if district.is_some_and(|code| !known(code, 6)) {
        faults.push(Fault::parameter("district_code", "DISTRICT_UNKNOWN"));
    }
    if village.is_some_and(|code| !known(code, 10)) {
        faults.push(Fault::parameter("village_code", "VILLAGE_UNKNOWN"));
    }
    if let (Some(district), Some(village), true) = (district, village, faults.is_empty())
        && !village.starts_with(district)
    {
        faults.push(Fault::parameter("village_code", "VILLAGE_OUTSIDE_DISTRICT"));
    }
    if faults.is_empty() { Ok(village.or(district).map(|code| Place(code.to_owned()))) } else { Err(Error::Invalid(faults)) }
}
