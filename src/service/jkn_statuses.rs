//! JKN statuses: a person's membership of the national insurance as a history of periods. A new one ends the open one; what is closed stays.

use super::{App, merges};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, Placement, place};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;
use crate::store::jkn::Row;
use crate::store::reading::{Reading, read};

/// A period as it stands, and whether it is new.
pub struct Put {
    pub row: Row,
    pub is_new: bool,
}

pub fn put(_: &App, db: &mut Db, context: &Context, id: Id, period: &JknPeriod) -> Result<Put> {
    if period.valid_to.is_some_and(|to| to < period.valid_from) {
        return Err(Fault::at("/valid_to", "ENDS_BEFORE_BEGINNING").into());
    }
    let new_id = context.new_id();
    write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        merges::refuse_merged(tx, id)?;
        let rows = store::jkn::of(tx, &[id])?;
        let history: Vec<JknPeriod> = rows.iter().map(Row::period).collect();
        let placement = place(&history, period);
        let (ended, row_id) = match placement {
            Placement::Overlapping => return Err(Error::refused(Code::JknPeriodOverlaps)),
            Placement::AlreadyThere => {
                tx.record(Event::new(context, "participant.jkn_read").object(id).about([id]));
                let row = rows.iter().find(|row| row.period() == *period).copied();
                return row.map(|row| Put { row, is_new: false }).ok_or_else(|| Error::internal("a period that is there is not found"));
            }
            Placement::Replacing(at) => (None, rows[at].id),
            Placement::Added { closing } => (closing.map(|(at, last)| Row { valid_to: Some(last), ..rows[at] }), new_id),
        };
        let row = Row::new(row_id, id, *period, context.now);
        let before: Vec<&JknPeriod> = history.iter().filter(|old| old.valid_to.is_none()).collect();
        let written: Vec<Row> = ended.into_iter().chain([row]).collect();
        store::jkn::put_all(tx, &written)?;
        let after: Vec<JknPeriod> = written.iter().map(Row::period).collect();
        store::participants::set_standing(tx, id, participant.state, participant.village_code, context.now)?;
        let changes = serde_json::json!({ "jkn": { "before": before, "after": after } });
        tx.record(Event::new(context, "participant.jkn_recorded").object(row_id).about([id]).with("changes", changes));
        Ok(Put { row, is_new: true })
    })
}

/// The whole history, by date.
pub fn list(_: &App, db: &mut Db, context: &Context, id: Id) -> Result<Vec<Row>> {
    read(db, Event::new(context, "participant.jkn_read").object(id).about([id]), |db, _| {
        if !store::participants::exists(db, id)? {
            return Err(Error::refused(Code::NotFound));
        }
        store::jkn::of(db, &[id])
    })
}
