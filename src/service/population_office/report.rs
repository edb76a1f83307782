//! The semester report: how often the population office was asked, by whom, why, and how it ended; and how the office stands now.

use crate::context::Context;
use crate::domain::circuit_breaker::BreakerState;
use crate::domain::population_office::{OfficeDriver, Semester};
use crate::domain::sheets::{Sheet, SheetFormat};
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::population_office::instant_of;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;
use crate::store::population_office_calls::Counted;

/// Calls of one month that have everything in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub year: i32,
    pub month: u32,
    pub counted: Counted,
}

pub struct Report {
    pub semester: Semester,
    pub lines: Vec<Line>,
}

impl Report {
    pub fn calls(&self) -> i64 {
        self.lines.iter().map(|line| line.counted.calls).sum()
    }

    pub fn failures(&self) -> i64 {
        self.lines.iter().map(|line| line.counted).filter(|counted| counted.result.is_failure()).map(|counted| counted.calls).sum()
    }
}

/// Counts the calls of a semester, as the city counts days. That it was read is an event.
pub fn report(app: &App, db: &mut Db, context: &Context, semester: Semester) -> Result<Report> {
    use chrono::Datelike;
    let starts = semester.month_starts();
    let mut lines = Vec::new();
    for month in starts.windows(2) {
        let [from, until] = month else { return Err(Error::internal("a month has a beginning and an end")) };
        let counted = store::population_office_calls::counted(db, instant_of(*from, app.city.offset), instant_of(*until, app.city.offset))?;
        lines.extend(counted.into_iter().map(|counted| Line { year: from.year(), month: from.month(), counted }));
    }
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "population_office.reported").with("year", semester.year).with("semester", semester.half));
        Ok(())
    })?;
    Ok(Report { semester, lines })
}

/// The report as a file; its first line names the columns.
pub fn csv(report: &Report) -> Result<String> {
    let unwritten = |_| Error::internal("a report could not be written");
    let columns = ["month", "purpose", "facility_id", "role", "source", "result", "calls"];
    let mut sheet = Sheet::begin(SheetFormat::Csv, Vec::new(), "calls", &columns).map_err(unwritten)?;
    for Line { year, month, counted } in &report.lines {
        let row = [
            format!("{year}-{month:02}").into(),
            counted.purpose.as_str().into(),
            counted.facility_id.map(|id| id.to_string()).into(),
            counted.role.map(|role| role.as_str()).into(),
            counted.source.as_str().into(),
            counted.result.as_str().into(),
            counted.calls.into(),
        ];
        sheet.row(&row).map_err(unwritten)?;
    }
    String::from_utf8(sheet.finish().map_err(unwritten)?).map_err(|_| Error::internal("a report is no text"))
}

/// How the office stands.
pub struct Standing {
    pub driver: OfficeDriver,
    pub breaker: Option<BreakerState>,
    pub snapshot_as_of: Option<chrono::NaiveDate>,
    pub snapshot_age_days: Option<i64>,
    /// Is the file older than the rules of today use?
    pub snapshot_too_old: bool,
    pub last_answer_at: Option<UtcTime>,
}

pub fn standing(app: &App, db: &mut Db, context: &Context) -> Result<Standing> {
    let snapshot_as_of = store::population::current(db)?.map(|snapshot| snapshot.as_of);
    let snapshot_age_days = snapshot_as_of.map(|as_of| context.now.since(instant_of(as_of, app.city.offset)).num_days());
    let most = app.city.rule_sets.for_date(app.city.today(context.now)).map(|rule_set| i64::from(rule_set.sources.snapshot_max_age_days));
    Ok(Standing {
        driver: app.office.driver(),
        breaker: app.office.breaker(),
        snapshot_as_of,
        snapshot_age_days,
        snapshot_too_old: snapshot_age_days.zip(most).is_some_and(|(age, most)| age >= most),
        last_answer_at: store::population_office_calls::last_answer(db)?,
    })
}
