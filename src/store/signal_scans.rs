//! What the scan for signals goes through, page by page, and how far it has come.

use std::collections::{HashMap, HashSet};

use diesel::dsl::count;
use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::schema::{contact_marks, household_members, marks_to_count, name_words, participants, people_to_scan, signal_scans};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

text_enum! {
    /// What goes through the data with a place of its own.
    Scan { People = "people", Lookups = "lookups" }
}

text_enum! {
    /// What is marked by a blind index to be found with others.
    MarkKind {
        Phone = "phone", Address = "address",
        /// Region and date of the NIK, with the account that registered it.
        RegisteredNik = "registered_nik",
    }
}

#[derive(Insertable)]
#[diesel(table_name = contact_marks)]
pub struct Mark {
    pub participant_id: Id,
    pub kind: MarkKind,
    pub bidx: Id,
    pub key_id: i32,
}

impl Mark {
    pub fn new(participant_id: Id, kind: MarkKind, index: BlindIndex) -> Self {
        Self { participant_id, kind, bidx: index.value, key_id: index.key_id }
    }
}

/// How far a scan has come, held for the rest of the transaction: two nodes do not go through the same page at once.
pub fn lock(tx: &mut Tx, scan: Scan) -> Result<Id> {
    let begin = Id::from_bytes([0; 16]);
    let first = (signal_scans::name.eq(scan), signal_scans::seen.eq(begin));
    on_each!(tx.db, |connection| diesel::insert_into(signal_scans::table).values(first).on_conflict_do_nothing().execute(connection))?;
    Ok(locked!(tx, signal_scans::table.find(scan).select(signal_scans::seen), first)?)
}

pub fn advance(tx: &mut Tx, scan: Scan, seen: Id) -> Result<()> {
    diesel::update(signal_scans::table.find(scan)).set(signal_scans::seen.eq(seen)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// People who were registered after one and before another, in the order of ids.
pub fn new_people(db: &mut Db, after: Id, before: Id, limit: i64) -> Result<Vec<Id>> {
    let query = participants::table.filter(participants::id.gt(after)).filter(participants::id.lt(before));
    Ok(query.order(participants::id).limit(limit).select(participants::id).load(&mut db.connection)?)
}

/// Some of those who were changed.
pub fn changed_people(db: &mut Db, limit: i64) -> Result<Vec<Id>> {
    Ok(people_to_scan::table.order(people_to_scan::participant_id).limit(limit).select(people_to_scan::participant_id).load(&mut db.connection)?)
}

/// Notes who was changed, for the next scan.
pub fn note_changed(tx: &mut Tx, people: &[Id]) -> Result<()> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    for chunk in people.chunks(ROWS) {
        let rows: Vec<_> = chunk.iter().map(|person| people_to_scan::participant_id.eq(*person)).collect();
        on_each!(tx.db, |connection| diesel::insert_into(people_to_scan::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

pub fn forget_changed(tx: &mut Tx, people: &[Id]) -> Result<()> {
    let gone = people_to_scan::table.filter(people_to_scan::participant_id.eq_any(people));
    on_each!(tx.db, |connection| diesel::delete(gone).execute(connection))?;
    Ok(())
}

/// Gives these people these marks and no others.
pub fn mark(tx: &mut Tx, people: &[Id], marks: &[Mark]) -> Result<()> {
    let gone = contact_marks::table.filter(contact_marks::participant_id.eq_any(people));
    on_each!(tx.db, |connection| diesel::delete(gone).execute(connection))?;
    for chunk in marks.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(contact_marks::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// On how many family cards each of these marks stands now.
pub fn cards_of_marks(db: &mut Db, marks: &[Id]) -> Result<Vec<(Id, i64)>> {
    let query = contact_marks::table
        .inner_join(household_members::table.on(household_members::participant_id.eq(contact_marks::participant_id)))
        .filter(contact_marks::bidx.eq_any(marks))
        .filter(household_members::valid_to.is_null())
        .group_by(contact_marks::bidx)
        .select((contact_marks::bidx, count(household_members::household_id).aggregate_distinct()));
    Ok(on_each!(db, |connection| query.load(connection))?)
}

/// Notes marks to be counted once everybody has been gone through.
pub fn note_marks(tx: &mut Tx, marks: &[(Id, MarkKind)]) -> Result<()> {
    for chunk in marks.chunks(ROWS) {
        let rows: Vec<_> = chunk.iter().map(|(mark, kind)| (marks_to_count::bidx.eq(*mark), marks_to_count::kind.eq(*kind))).collect();
        on_each!(tx.db, |connection| diesel::insert_into(marks_to_count::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

/// Which of these marks are noted already.
pub fn noted_marks(db: &mut Db, marks: &[Id]) -> Result<HashSet<Id>> {
    let noted = marks_to_count::table.filter(marks_to_count::bidx.eq_any(marks)).select(marks_to_count::bidx);
    Ok(on_each!(db, |connection| noted.load::<Id>(connection))?.into_iter().collect())
}

/// The next of the marks to count, which are noted no longer.
pub fn take_marks(tx: &mut Tx, limit: i64) -> Result<Vec<(Id, MarkKind)>> {
    let next = marks_to_count::table.order(marks_to_count::bidx).limit(limit).select((marks_to_count::bidx, marks_to_count::kind));
    let marks: Vec<(Id, MarkKind)> = next.load(&mut tx.db.connection)?;
    let gone = marks_to_count::table.filter(marks_to_count::bidx.eq_any(marks.iter().map(|(mark, _)| *mark).collect::<Vec<_>>()));
    on_each!(tx.db, |connection| diesel::delete(gone).execute(connection))?;
    Ok(marks)
}

/// Who has this mark, at most so many.
pub fn with_mark(db: &mut Db, mark: Id, limit: i64) -> Result<Vec<Id>> {
    let query = contact_marks::table.filter(contact_marks::bidx.eq(mark)).order(contact_marks::participant_id).limit(limit);
    Ok(query.select(contact_marks::participant_id).load(&mut db.connection)?)
}

/// The words of the names of these people, each with everyone who was born on the same day and has it too; but for words that more than so many have.
pub fn sharing_words(db: &mut Db, people: &[Id], most: i64) -> Result<Vec<(Id, Id)>> {
    let words = name_words::table.filter(name_words::participant_id.eq_any(people)).select(name_words::bidx);
    let words: Vec<Id> = on_each!(db, |connection| words.distinct().load(connection))?;
    let mut found = Vec::with_capacity(words.len() * 2);
    for chunk in words.chunks(ROWS) {
        let counted = name_words::table.filter(name_words::bidx.eq_any(chunk)).group_by(name_words::bidx);
        let counted = counted.having(count(name_words::participant_id).between(2, most)).select(name_words::bidx);
        let chunk: Vec<Id> = on_each!(db, |connection| counted.load(connection))?;
        let query = name_words::table.filter(name_words::bidx.eq_any(chunk)).select((name_words::bidx, name_words::participant_id));
        found.extend(on_each!(db, |connection| query.load::<(Id, Id)>(connection))?);
    }
    Ok(found)
}

/// How many words the names of these people have.
pub fn count_words(db: &mut Db, people: &[Id]) -> Result<HashMap<Id, i64>> {
    let mut counts = HashMap::with_capacity(people.len());
    for chunk in people.chunks(ROWS) {
        let query = name_words::table
            .filter(name_words::participant_id.eq_any(chunk))
            .group_by(name_words::participant_id)
            .select((name_words::participant_id, count(name_words::bidx)));
        counts.extend(on_each!(db, |connection| query.load::<(Id, i64)>(connection))?);
    }
    Ok(counts)
}

/// Everyone on the present cards of these people: household and member.
pub fn housemates(db: &mut Db, people: &[Id]) -> Result<Vec<(Id, Id)>> {
    let homes = household_members::table
        .filter(household_members::participant_id.eq_any(people))
        .filter(household_members::valid_to.is_null())
        .select(household_members::household_id);
    let homes: Vec<Id> = on_each!(db, |connection| homes.distinct().load(connection))?;
    let query = household_members::table
        .filter(household_members::household_id.eq_any(&homes))
        .filter(household_members::valid_to.is_null())
        .select((household_members::household_id, household_members::participant_id));
    Ok(on_each!(db, |connection| query.load(connection))?)
}
