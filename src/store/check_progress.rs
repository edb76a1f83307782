//! What becomes of recorded checks: papers that were brought, the extension, the check that took the place, and whether it is void.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, locked, on_each};
use super::eligibility_checks::Check;
use crate::domain::check_progress::{CheckStanding, VoidReason, standing};
use crate::domain::eligibility::Paper;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::{check_extensions, check_papers, check_voids, eligibility_checks};

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = check_extensions)]
pub struct Extension {
    pub check_id: Id,
    pub complete_by: UtcTime,
    pub extended_at: UtcTime,
    pub extended_by: Id,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = check_voids)]
pub struct Void {
    pub check_id: Id,
    pub reason: VoidReason,
    pub voided_at: UtcTime,
    pub voided_by: Id,
}

/// A paper whose cell is open.
#[derive(Debug, Clone)]
pub struct Brought {
    pub id: Id,
    pub check_id: Id,
    pub kind: Paper,
    pub number: String,
    pub brought_at: UtcTime,
    pub brought_by: Id,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = check_papers)]
struct PaperRow {
    id: Id,
    check_id: Id,
    kind: Paper,
    sealed: Vec<u8>,
    brought_at: UtcTime,
    brought_by: Id,
}

/// What the sealed cell of a paper holds.
#[derive(Serialize, Deserialize)]
struct PaperCell {
    number: String,
}

/// What has come after a check, without its papers.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub extension: Option<Extension>,
    pub void: Option<Void>,
    /// The first check that took its place.
    pub completed_by: Option<Id>,
}

impl Progress {
    /// Until when the papers must be there, with the extension.
    pub fn complete_by(&self, check: &Check) -> Option<UtcTime> {
        self.extension.as_ref().map(|extension| extension.complete_by).or(check.complete_by)
    }

    pub fn standing(&self, check: &Check, now: UtcTime) -> Option<CheckStanding> {
        standing(check.decision, self.complete_by(check), (self.void.is_some(), self.completed_by.is_some()), now)
    }
}

/// What has come after these checks. One after which nothing came is not in it.
pub fn of(db: &mut Db, checks: &[Id]) -> Result<HashMap<Id, Progress>> {
    // Ids a statement: SQLite takes 32,766 binds.
    const IDS: usize = 2_000;
    let mut found: HashMap<Id, Progress> = HashMap::new();
    for chunk in checks.chunks(IDS) {
        let extensions = check_extensions::table.filter(check_extensions::check_id.eq_any(chunk)).select(Extension::as_select());
        for extension in extensions.load(&mut db.connection)? {
            let check = extension.check_id;
            found.entry(check).or_default().extension = Some(extension);
        }
        let voids = check_voids::table.filter(check_voids::check_id.eq_any(chunk)).select(Void::as_select());
        for void in voids.load(&mut db.connection)? {
            let check = void.check_id;
            found.entry(check).or_default().void = Some(void);
        }
        let later = eligibility_checks::table.filter(eligibility_checks::override_of.eq_any(chunk)).order(eligibility_checks::id);
        let later: Vec<(Option<Id>, Id)> = later.select((eligibility_checks::override_of, eligibility_checks::id)).load(&mut db.connection)?;
        for (check, by) in later {
            if let Some(check) = check {
                found.entry(check).or_default().completed_by.get_or_insert(by);
            }
        }
    }
    Ok(found)
}

/// Those of these checks that were declared void.
pub fn void_among(db: &mut Db, checks: &[Id]) -> Result<HashSet<Id>> {
    let voids = check_voids::table.filter(check_voids::check_id.eq_any(checks)).select(check_voids::check_id);
    Ok(voids.load(&mut db.connection)?.into_iter().collect())
}

pub fn of_one(db: &mut Db, check: Id) -> Result<Progress> {
    Ok(of(db, &[check])?.remove(&check).unwrap_or_default())
}

/// Holds a check for the rest of the transaction, so that of two who carry it on one waits; and tells what has come after it.
pub fn lock(tx: &mut Tx, check: Id) -> Result<Progress> {
    let _: Option<Id> = locked!(tx, eligibility_checks::table.find(check).select(eligibility_checks::id), first).optional()?;
    of_one(tx, check)
}

/// The papers that were brought for a check, in their order.
pub fn papers_of(db: &mut Db, check: Id) -> Result<Vec<Brought>> {
    let rows: Vec<PaperRow> = check_papers::table
        .filter(check_papers::check_id.eq(check))
        .order(check_papers::id)
        .select(PaperRow::as_select())
        .load(&mut db.connection)?;
    rows.into_iter().map(|row| open(db, row)).collect()
}

fn open(db: &Db, row: PaperRow) -> Result<Brought> {
    let PaperRow { id, check_id, kind, sealed, brought_at, brought_by } = row;
    let cell: PaperCell = db.keyring().unseal_json(Column::CheckPaperSealed, id, &sealed)?;
    Ok(Brought { id, check_id, kind, number: cell.number, brought_at, brought_by })
}

/// Records a paper; false when one of its kind was brought already.
pub fn bring(tx: &mut Tx, paper: &Brought) -> Result<bool> {
    let Brought { id, check_id, kind, number, brought_at, brought_by } = paper.clone();
    let sealed = tx.keyring().seal_json(Column::CheckPaperSealed, id, &PaperCell { number })?;
    let row = PaperRow { id, check_id, kind, sealed, brought_at, brought_by };
    let inserted = on_each!(tx.db, |connection| diesel::insert_into(check_papers::table).values(&row).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

pub fn extend(tx: &mut Tx, extension: &Extension) -> Result<()> {
    diesel::insert_into(check_extensions::table).values(extension).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn make_void(tx: &mut Tx, void: &Void) -> Result<()> {
    diesel::insert_into(check_voids::table).values(void).execute(&mut tx.db.connection)?;
    Ok(())
}
