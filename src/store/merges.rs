//! Which records were merged into which. Records may be merged into one that is merged itself: who is found is the last one.

use std::collections::HashMap;

use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use super::sealed::MergeCell;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::merges;

/// Ids a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

/// A record that is merged into another now.
pub struct Merge {
    pub participant_id: Id,
    pub into_id: Id,
    pub merged_at: UtcTime,
    pub cell: MergeCell,
}

pub fn find(db: &mut Db, participant: Id) -> Result<Option<Merge>> {
    let row: Option<(Id, UtcTime, Vec<u8>)> =
        merges::table.find(participant).select((merges::into_id, merges::merged_at, merges::sealed)).first(&mut db.connection).optional()?;
    let Some((into_id, merged_at, sealed)) = row else { return Ok(None) };
    let cell = db.keyring().unseal_json(Column::MergeSealed, participant, &sealed)?;
    Ok(Some(Merge { participant_id: participant, into_id, merged_at, cell }))
}

pub fn insert(tx: &mut Tx, merge: &Merge) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::MergeSealed, merge.participant_id, &merge.cell)?;
    diesel::insert_into(merges::table)
        .values((
            merges::participant_id.eq(merge.participant_id),
            merges::into_id.eq(merge.into_id),
            merges::merged_at.eq(merge.merged_at),
            merges::sealed.eq(sealed),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn delete(tx: &mut Tx, participant: Id) -> Result<()> {
    diesel::delete(merges::table.find(participant)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The record into which this one is merged, and the one into which that is merged, up to the one that is found. Empty for one that stands by itself.
pub fn way_up(db: &mut Db, participant: Id) -> Result<Vec<Id>> {
    let mut way = Vec::new();
    let mut from = participant;
    while let Some(into) = merges::table.find(from).select(merges::into_id).first(&mut db.connection).optional()? {
        way.push(into);
        from = into;
    }
    Ok(way)
}

/// Who is found in the place of each of these that is merged. Whoever stands by themselves is not in it.
pub fn stand_ins(db: &mut Db, participants: &[Id]) -> Result<HashMap<Id, Id>> {
    let mut found = HashMap::new();
    for chunk in participants.chunks(ROWS) {
        let mut asked: Vec<(Id, Id)> = chunk.iter().map(|id| (*id, *id)).collect();
        while !asked.is_empty() {
            let now: Vec<Id> = asked.iter().map(|(_, at)| *at).collect();
            let query = merges::table.filter(merges::participant_id.eq_any(&now)).select((merges::participant_id, merges::into_id));
            let steps: HashMap<Id, Id> = on_each!(db, |connection| query.load::<(Id, Id)>(connection))?.into_iter().collect();
            asked = asked.into_iter().filter_map(|(id, at)| Some((id, *steps.get(&at)?))).collect();
            found.extend(asked.iter().copied());
        }
    }
    Ok(found)
}

/// The records that were merged into these, at once or by way of others, each with the one of these that it leads to.
pub fn merged_into(db: &mut Db, participants: &[Id]) -> Result<Vec<(Id, Id)>> {
    let mut found = Vec::new();
    for chunk in participants.chunks(ROWS) {
        let mut above: HashMap<Id, Id> = chunk.iter().map(|id| (*id, *id)).collect();
        while !above.is_empty() {
            let now: Vec<Id> = above.keys().copied().collect();
            let query = merges::table.filter(merges::into_id.eq_any(&now)).select((merges::participant_id, merges::into_id));
            let steps: Vec<(Id, Id)> = on_each!(db, |connection| query.load(connection))?;
            above = steps.into_iter().filter_map(|(gone, into)| Some((gone, *above.get(&into)?))).collect();
            found.extend(above.iter().map(|(gone, top)| (*gone, *top)));
        }
    }
    Ok(found)
}

/// A record with all that were merged into it.
pub fn with_merged(db: &mut Db, participant: Id) -> Result<Vec<Id>> {
    let merged = merged_into(db, &[participant])?;
    let mut all: Vec<Id> = std::iter::once(participant).chain(merged.into_iter().map(|(gone, _)| gone)).collect();
    all.sort_unstable();
    Ok(all)
}
