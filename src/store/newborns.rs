//! Newborns: whom a mother, a birth date and an order find.

use std::collections::HashMap;

use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::schema::{births, newborns};

/// Notes that a mother gave birth on a date, to one child or several. Returns whether there were several, by whoever noted it first.
pub fn note_birth(tx: &mut Tx, birth: BlindIndex, multiple: bool) -> Result<bool> {
    let row = (births::bidx.eq(birth.value), births::key_id.eq(birth.key_id), births::multiple.eq(multiple));
    let noted = on_each!(tx.db, |connection| diesel::insert_into(births::table).values(row).on_conflict_do_nothing().execute(connection))?;
    if noted == 1 {
        return Ok(multiple);
    }
    Ok(births::table.find(birth.value).select(births::multiple).first(&mut tx.db.connection)?)
}

/// Whether a birth was one of several; none where it was never noted.
pub fn birth(db: &mut Db, birth: Id) -> Result<Option<bool>> {
    Ok(births::table.find(birth).select(births::multiple).first(&mut db.connection).optional()?)
}

/// Takes this place among the children of a mother; false when it is taken.
pub fn take(tx: &mut Tx, newborn: BlindIndex, participant: Id, mother: Id) -> Result<bool> {
    let row = (
        newborns::bidx.eq(newborn.value),
        newborns::key_id.eq(newborn.key_id),
        newborns::participant_id.eq(participant),
        newborns::mother_id.eq(mother),
    );
    Ok(on_each!(tx.db, |connection| diesel::insert_into(newborns::table).values(row).on_conflict_do_nothing().execute(connection))? == 1)
}

/// Frees the place of a child that was born on another day.
pub fn release(tx: &mut Tx, newborn: Id) -> Result<()> {
    diesel::delete(newborns::table.find(newborn)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn forget_birth(tx: &mut Tx, birth: Id) -> Result<()> {
    diesel::delete(births::table.find(birth)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Which children these indexes find.
pub fn of(db: &mut Db, indexes: &[Id]) -> Result<HashMap<Id, Id>> {
    let query = newborns::table.filter(newborns::bidx.eq_any(indexes)).select((newborns::bidx, newborns::participant_id));
    Ok(query.load::<(Id, Id)>(&mut db.connection)?.into_iter().collect())
}

/// The mothers of those among these people who were registered as newborns.
pub fn mothers_of(db: &mut Db, people: &[Id]) -> Result<HashMap<Id, Id>> {
    let query = newborns::table.filter(newborns::participant_id.eq_any(people)).select((newborns::participant_id, newborns::mother_id));
    Ok(query.load::<(Id, Id)>(&mut db.connection)?.into_iter().collect())
}

/// The children of these mothers who were registered as newborns.
pub fn children_of(db: &mut Db, mothers: &[Id]) -> Result<Vec<Id>> {
    let query = newborns::table.filter(newborns::mother_id.eq_any(mothers)).select(newborns::participant_id);
    Ok(query.order(newborns::participant_id).load(&mut db.connection)?)
}
