//! Lists of referrals, narrowed as asked. Reading one is an event about the patients on the page.

use std::collections::HashMap;

use super::App;
use super::referrals::Told;
use super::searches::Found;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::referrals::Direction;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::participants;
use crate::store::reading::{Reading, read};
use crate::store::referrals::{self, Filter, Referral, Way};

/// A page of the referrals that a facility wrote or that name it, and one more if there is one.
pub fn list(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (direction, filter): (Direction, &Filter),
    (before, limit): (Option<Id>, i64),
) -> Result<Vec<Told>> {
    let facility = caller.facility_id.and_then(|id| app.memory.facility(id)).ok_or_else(|| Error::refused(Code::FacilityRequired))?.id;
    let way = match direction {
        Direction::In => Way::In(facility),
        Direction::Out => Way::Out(facility),
    };
    read(db, Event::new(context, "referrals.listed").with("direction", direction).with("filter", filter), |db, reading| {
        let rows = referrals::page(db, way, filter, before, limit)?;
        open(db, reading, rows, usize::try_from(limit).unwrap_or_default())
    })
}

/// Opens them. Who stands only behind the end of the page is not shown.
fn open(db: &mut Db, reading: &mut Reading, rows: Vec<Referral>, page: usize) -> Result<Vec<Told>> {
    let (people, keyring) = (rows.iter().map(|referral| referral.participant_id).collect::<Vec<_>>(), db.keyring());
    let mut patients = HashMap::new();
    for row in participants::rows(db, &people)? {
        let identity = row.identity(&keyring, reading)?;
        patients.insert(row.id, Found { row, identity });
    }
    let mut told = Vec::with_capacity(rows.len());
    for referral in rows {
        let (said, patient) = (referral.said(db, reading)?, patients.get(&referral.participant_id).cloned());
        told.push(Told { referral, said, patient });
    }
    if let Some(behind) = people.get(page).filter(|person| !people[..page].contains(person)) {
        reading.passes_over(*behind);
    }
    Ok(told)
}
