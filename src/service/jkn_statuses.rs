//! JKN statuses: a person's membership of the national insurance as a history of periods. A new one ends the open one; what is closed stays.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::imports::{People, RefusalCode, RowOutcome};
use super::{App, merges};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{Column, JknRow};
use crate::domain::jkn::{JknPeriod, Placement, place};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::jkn::Row;
use crate::store::reading::{Reading, read};

/// A period as it stands, and whether it is new.
pub struct Put {
    pub row: Row,
    pub is_new: bool,
}

pub fn put(_: &App, db: &mut Db, context: &Context, id: Id, period: &JknPeriod) -> Result<Put> {
    if period.ends_before_it_begins() {
        return Err(Fault::at("/valid_to", "ENDS_BEFORE_BEGINNING").into());
    }
    let new_id = context.new_id();
    write(db, Priority::People, |tx| put_one(tx, context, id, Row::new(new_id, id, *period, context.now)))
}

/// Puts a period into the history of someone.
pub(super) fn put_one(tx: &mut Tx, context: &Context, id: Id, new: Row) -> Result<Put> {
    let mut reading = Reading::within(tx);
    let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    merges::refuse_merged(tx, id)?;
    let rows = store::jkn::of(tx, &[id])?;
    match into_history(&rows, new) {
        Placed::Overlapping => Err(Error::refused(Code::JknPeriodOverlaps)),
        Placed::There(row) => {
            tx.record(Event::new(context, "participant.jkn_read").object(id).about([id]));
            Ok(Put { row, is_new: false })
        }
        Placed::New { row, written, changes } => {
            store::jkn::put_all(tx, &written)?;
            store::participants::set_standing(tx, id, participant.state, participant.village_code, context.now)?;
            let changes = serde_json::json!({ "jkn": changes });
            tx.record(Event::new(context, "participant.jkn_recorded").object(row.id).about([id]).with("changes", changes));
            Ok(Put { row, is_new: true })
        }
    }
}

/// The periods of many people, as a file brings them: each is put as `put` puts one, and one that cannot be put costs none of the others.
pub(super) fn put_all(_: &App, tx: &mut Tx, context: &Context, told: &[&JknRow]) -> Result<Vec<RowOutcome>> {
    let people = People::of(tx, told.iter().map(|row| &row.nik))?;
    let mut histories: HashMap<Id, Vec<Row>> = HashMap::with_capacity(told.len());
    for row in store::jkn::of(tx, people.known())? {
        histories.entry(row.participant_id).or_default().push(row);
    }
    let mut put = BTreeMap::new();
    let mut all: Vec<Row> = Vec::with_capacity(told.len());
    let mut outcomes = Vec::with_capacity(told.len());
    for (JknRow { period, .. }, person) in told.iter().zip(people.each()) {
        let id = match person {
            Ok(id) => id,
            Err(refused) => {
                outcomes.push(refused);
                continue;
            }
        };
        let history = histories.get(&id).map(Vec::as_slice).unwrap_or_default();
        outcomes.push(match into_history(history, Row::new(context.new_id(), id, *period, context.now)) {
            Placed::Overlapping => RowOutcome::refused(Column::ValidFrom, RefusalCode::JknPeriodOverlaps),
            Placed::There(_) => RowOutcome::Unchanged(id),
            Placed::New { written, changes, .. } => {
                all.extend(written);
                put.insert(id.to_string(), serde_json::json!({ "jkn": changes }));
                if history.is_empty() { RowOutcome::Created(id) } else { RowOutcome::Changed(id) }
            }
        });
    }
    store::jkn::put_all(tx, &all)?;
    let touched: Vec<Id> = outcomes.iter().filter_map(RowOutcome::touched).collect();
    store::participants::revise(tx, &touched, context.now)?;
    if !touched.is_empty() {
        tx.record(Event::new(context, "participants.jkn_imported").about(touched).with("rows", told.len()).with("people", &put));
    }
    Ok(outcomes)
}

/// What a new period does to a person's rows.
enum Placed {
    There(Row),
    Overlapping,
    New { row: Row, written: Vec<Row>, changes: Changes },
}

/// The open period before, and what was written.
#[derive(Serialize)]
struct Changes {
    before: Vec<JknPeriod>,
    after: Vec<JknPeriod>,
}

fn into_history(rows: &[Row], new: Row) -> Placed {
    let history: Vec<JknPeriod> = rows.iter().map(Row::period).collect();
    let (ended, row) = match place(&history, &new.period()) {
        Placement::Overlapping => return Placed::Overlapping,
        // It is the new one but for its id and the moment.
        Placement::AlreadyThere => return Placed::There(rows.iter().find(|row| row.period() == new.period()).copied().unwrap_or(new)),
        Placement::Replacing(at) => (None, Row { id: rows[at].id, ..new }),
        Placement::Added { closing } => (closing.map(|(at, last)| Row { valid_to: Some(last), ..rows[at] }), new),
    };
    let written: Vec<Row> = ended.into_iter().chain([row]).collect();
    let before = history.into_iter().filter(|old| old.valid_to.is_none()).collect();
    let after = written.iter().map(Row::period).collect();
    Placed::New { row, written, changes: Changes { before, after } }
}

/// The whole history, by date.
pub fn list(_: &App, db: &mut Db, context: &Context, id: Id) -> Result<Vec<Row>> {
    read(db, Event::new(context, "participant.jkn_read").object(id).about([id]), |db, _| {
        if !store::participants::exists(db, id)? {
            return Err(Error::refused(Code::NotFound));
        }
        // Under whichever of their records.
        let records = store::merges::with_merged(db, id)?;
        store::jkn::of(db, &records)
    })
}
