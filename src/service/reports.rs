//! Reports: figures are told once, numbered, hashed, and kept as they were.

use chrono::{Datelike, NaiveDate};

use super::App;
use super::dashboard;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::figures::{Scope, first_of_month, last_of_month};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::reports::{Content, MONTHLY, ReportKind, VERSION};
use crate::domain::roles::Caller;
use crate::domain::texts::Language;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::gate::Priority;
use crate::store::numbers::{self, NumberKind};
use crate::store::reports::{self, Report};

/// What a report is made of.
pub enum Wanted {
    Figure(Box<Scope>),
    /// The month of its first day.
    Month(NaiveDate),
}

/// How many codes the monthly report tells at most.
const CHAPTER_ITEMS: usize = 15;

/// Tells what is wanted, gives it a number and a hash, and keeps it.
pub fn freeze(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    language: Language,
    wanted: &Wanted,
    once: &Once<'_, Report>,
) -> Result<Report> {
    let (kind, from, to, scopes) = match wanted {
        Wanted::Figure(scope) => (ReportKind::Figure, scope.from, scope.to, vec![(**scope).clone()]),
        Wanted::Month(month) => {
            let (from, to) = (first_of_month(*month), last_of_month(*month));
            if to >= app.city.today(context.now) {
                return Err(Fault::at("/month", "MONTH_NOT_OVER").into());
            }
            (ReportKind::Monthly, from, to, chapters(from, to, app.city.today(context.now)))
        }
    };
    let figures = dashboard::tell(app, db, context, language, &scopes)?;
    let id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let year = app.city.today(context.now).year();
        let number = numbers::take(tx, NumberKind::Report, year, numbers::CITY)?;
        let number = format!("LAP-{}-{year}-{number:06}", app.city.number_prefix);
        let content = Content { version: VERSION, number: number.clone(), kind, from, to, figures: figures.clone() };
        let content = serde_json::to_string(&content).map_err(|_| Error::internal("a report has no JSON form"))?;
        let hash = ContentHash::of(content.as_bytes());
        let report = Report {
            id,
            number,
            kind,
            from_day: from,
            to_day: to,
            language,
            content,
            content_hash: hash.as_bytes().to_vec(),
            made_by: caller.user_id,
            made_at: context.now,
        };
        reports::insert(tx, &report)?;
        tx.record(Event::new(context, "report.made").object(id).with("number", &report.number).with("content_hash", hash.to_string()));
        Ok(report)
    })
}

/// What the report of a month asks. What has no period is told as it stands on the day on which the report is made.
fn chapters(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Vec<Scope> {
    let scope = |chapter: &crate::domain::reports::Chapter| {
        // Every year has a first day.
        let first = if chapter.of_year { NaiveDate::from_ymd_opt(from.year(), 1, 1).unwrap_or(from) } else { from };
        let days = if chapter.figure.spec().has_period { (first, to) } else { (today, today) };
        Scope { by: chapter.by, limit: CHAPTER_ITEMS, ..Scope::of(chapter.figure, days) }
    };
    MONTHLY.iter().map(scope).collect()
}

/// A report with its content read.
pub fn show(db: &mut Db, id: Id) -> Result<(Report, Content)> {
    let report = reports::find(db, id)?.ok_or(Error::refused(Code::NotFound))?;
    let content = serde_json::from_str(&report.content).map_err(|_| Error::internal("a stored report cannot be read"))?;
    Ok((report, content))
}
