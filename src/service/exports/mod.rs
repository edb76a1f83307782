//! Exports: sheets of people, requests or checks, written page by page. Every page is in the audit log, with the reason and with everyone on it,
//! before it goes out.

mod eligibility_checks;
mod enrollments;
mod participants;

use std::io::Write;

use chrono::NaiveDate;
use serde::Serialize;

use super::App;
use crate::context::Context;
use crate::domain::exports::{ExportFilter, ExportKind, Identifiers};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::residency::VillageCode;
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::error::{Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;
use crate::store::reading::{Reading, read};

/// Rows that are read, recorded and written together.
const PAGE: i64 = 1_000;

/// What is asked for, and why.
#[derive(Clone, Serialize)]
pub struct Wanted {
    pub kind: ExportKind,
    pub format: SheetFormat,
    pub identifiers: Identifiers,
    pub filter: Filter,
    pub reason: String,
}

#[derive(Clone, Default, Serialize)]
pub struct Filter {
    pub village_code: Option<VillageCode>,
    pub state: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub facility_id: Option<Id>,
}

/// What anyone would need to be told of why people's data were taken.
const SHORTEST_REASON: usize = 10;

impl Wanted {
    /// With everything that is wrong with it at once.
    pub fn new(kind: ExportKind, format: SheetFormat, identifiers: Identifiers, filter: Filter, reason: String) -> Result<Self> {
        let given = [
            (ExportFilter::VillageCode, filter.village_code.is_some()),
            (ExportFilter::State, filter.state.is_some()),
            (ExportFilter::From, filter.from.is_some()),
            (ExportFilter::To, filter.to.is_some()),
            (ExportFilter::FacilityId, filter.facility_id.is_some()),
        ];
        let misplaced = given.into_iter().filter(|(filter, given)| *given && !kind.takes(*filter));
        let mut faults: Vec<Fault> = misplaced.map(|(filter, _)| Fault::at(format!("/{filter}"), "FIELD_NOT_FOR_THIS_KIND")).collect();
        let states = kind.states();
        if filter.state.as_deref().is_some_and(|state| !states.is_empty() && !states.contains(&state)) {
            faults.push(Fault::at("/state", "UNKNOWN_VALUE").with("allowed", states.join(", ")));
        }
        if filter.from.zip(filter.to).is_some_and(|(from, to)| from > to) {
            faults.push(Fault::at("/to", "BEFORE_FROM"));
        }
        if reason.trim().chars().count() < SHORTEST_REASON {
            faults.push(Fault::at("/reason", "TOO_SHORT").with("limit", SHORTEST_REASON));
        }
        if faults.is_empty() { Ok(Self { kind, format, identifiers, filter, reason }) } else { Err(Error::Invalid(faults)) }
    }
}

/// A page of rows, and where the next one begins.
struct Page {
    rows: Vec<Vec<Cell<'static>>>,
    last: Option<Id>,
}

/// Tells the audit log that an export begins. What is not recorded is not begun.
pub fn begin(db: &mut Db, context: &Context, wanted: &Wanted) -> Result<Id> {
    let id = context.new_id();
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "export.begun").object(id).with("asked", wanted));
        Ok(())
    })?;
    Ok(id)
}

/// Writes the sheet of an export that was begun, and returns how many rows it has. A connection is held for a page at a time: a slow reader keeps none.
pub fn run(app: &App, context: &Context, id: Id, wanted: &Wanted, output: impl Write) -> Result<u64> {
    let unwritten = |_| Error::Busy("whoever asked for the export has gone, or reads too slowly");
    let mut sheet = Sheet::begin(wanted.format, output, wanted.kind.as_str(), wanted.kind.columns()).map_err(unwritten)?;
    let (mut after, mut rows) = (None, 0);
    loop {
        let event = Event::new(context, "export.page").object(id).with("kind", wanted.kind).with("reason", &wanted.reason).with("rows_before", rows);
        let page = read(&mut *app.pool.get()?, event, |db, reading| page(app, db, reading, context, wanted, after))?;
        for row in &page.rows {
            sheet.row(row).map_err(unwritten)?;
        }
        rows += u64::try_from(page.rows.len()).unwrap_or_default();
        match page.last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    sheet.finish().and_then(|mut output| output.flush()).map_err(unwritten)?;
    write(&mut *app.pool.get()?, Priority::People, |tx| {
        tx.record(Event::new(context, "export.ended").object(id).with("rows", rows));
        Ok(())
    })?;
    Ok(rows)
}

fn page(app: &App, db: &mut Db, reading: &mut Reading, context: &Context, wanted: &Wanted, after: Option<Id>) -> Result<Page> {
    match wanted.kind {
        ExportKind::Participants => participants::page(app, db, reading, context, wanted, after),
        ExportKind::Enrollments => enrollments::page(app, db, reading, wanted, after),
        ExportKind::EligibilityChecks => eligibility_checks::page(db, reading, context, wanted, after),
    }
}

/// A NIK as far as it was asked for; empty for someone who has none.
fn nik(identifiers: Identifiers, digits: &str) -> Cell<'static> {
    match identifiers {
        Identifiers::Full => digits.to_owned().into(),
        Identifiers::Masked => Nik::parse(digits).ok().map(|nik| nik.masked()).into(),
    }
}

/// What says more than a name does, where all was asked for.
fn hidden(identifiers: Identifiers, text: Option<String>) -> Cell<'static> {
    match identifiers {
        Identifiers::Full => text.into(),
        Identifiers::Masked => Cell::Empty,
    }
}

/// The id of the last row, where there may be more.
fn last_of(ids: impl DoubleEndedIterator<Item = Id> + ExactSizeIterator) -> Option<Id> {
    let mut ids = ids;
    if i64::try_from(ids.len()).unwrap_or(i64::MAX) < PAGE { None } else { ids.next_back() }
}
