//! Participants: their rows, the numbers that find them, and the words of their names. Equality goes over blind indexes; what is sealed is opened
//! only with a `Reading`.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{AnyConnection, Db, Tx, locked, on_each};
use super::reading::Reading;
use super::sealed::{Contact, Identity};
use super::signal_scans;
use crate::domain::id::Id;
use crate::domain::participants::{ParticipantState, Sex};
use crate::domain::residency::VillageCode;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::privacy::keyring::Keyring;
use crate::schema::{name_words, nik_registry, participants};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

/// A participant whose cells are open.
#[derive(Clone, PartialEq, Eq)]
pub struct Participant {
    pub id: Id,
    pub version: i32,
    /// What holds today; a decision about another date asks the events.
    pub state: ParticipantState,
    pub sex: Sex,
    pub village_code: VillageCode,
    pub identity: Identity,
    pub contact: Contact,
}

/// A participant as stored: what is open serves lists and statistics.
#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = participants, treat_none_as_default_value = false)]
pub struct Row {
    pub id: Id,
    pub version: i32,
    pub state: ParticipantState,
    pub sex: Sex,
    pub birth_year: i32,
    pub village_code: VillageCode,
    identity: Vec<u8>,
    contact: Vec<u8>,
    created_at: UtcTime,
    updated_at: UtcTime,
}

impl Row {
    fn seal(keyring: &Keyring, participant: &Participant, now: UtcTime) -> Result<Self> {
        let Participant { id, version, state, sex, village_code, identity, contact } = participant;
        Ok(Self {
            id: *id,
            version: *version,
            state: *state,
            sex: *sex,
            birth_year: chrono::Datelike::year(&identity.birth_date),
            village_code: *village_code,
            identity: keyring.seal_json(Column::ParticipantIdentity, *id, identity)?,
            contact: keyring.seal_json(Column::ParticipantContact, *id, contact)?,
            created_at: now,
            updated_at: now,
        })
    }

    /// Only who it is: enough for lists, and half the work.
    pub fn identity(&self, keyring: &Keyring, reading: &mut Reading) -> Result<Identity> {
        reading.opens(self.id);
        Ok(keyring.unseal_json(Column::ParticipantIdentity, self.id, &self.identity)?)
    }

    pub fn open(&self, keyring: &Keyring, reading: &mut Reading) -> Result<Participant> {
        let Self { id, version, state, sex, village_code, .. } = *self;
        let identity = self.identity(keyring, reading)?;
        let contact = keyring.unseal_json(Column::ParticipantContact, id, &self.contact)?;
        Ok(Participant { id, version, state, sex, village_code, identity, contact })
    }
}

pub fn find(db: &mut Db, reading: &mut Reading, id: Id) -> Result<Option<Participant>> {
    let row = participants::table.find(id).select(Row::as_select()).first(&mut db.connection).optional()?;
    let keyring = db.keyring();
    row.map(|row| row.open(&keyring, reading)).transpose()
}

/// Holds the participant for the rest of the transaction.
pub fn lock(tx: &mut Tx, reading: &mut Reading, id: Id) -> Result<Option<Participant>> {
    let found = locked!(tx, participants::table.find(id).select(Row::as_select()), first).optional()?;
    let keyring = tx.keyring();
    found.map(|row| row.open(&keyring, reading)).transpose()
}

/// Holds these participants for the rest of the transaction.
pub fn lock_all(tx: &mut Tx, ids: &[Id]) -> Result<()> {
    for chunk in ids.chunks(ROWS) {
        let rows = participants::table.filter(participants::id.eq_any(chunk)).select(participants::id).order(participants::id);
        match &mut tx.db.connection {
            // The transaction holds the whole file already.
            AnyConnection::Sqlite(_) => {}
            AnyConnection::Postgres(connection) => drop(rows.for_update().load::<Id>(connection)?),
        }
    }
    Ok(())
}

/// The rows of these ids, by id.
pub fn rows(db: &mut Db, ids: &[Id]) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(ROWS) {
        let query = participants::table.filter(participants::id.eq_any(chunk)).order(participants::id);
        rows.extend(on_each!(db, |connection| query.select(Row::as_select()).load(connection))?);
    }
    Ok(rows)
}

pub fn exists(db: &mut Db, id: Id) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(participants::table.find(id))).get_result(&mut db.connection)?)
}

/// How many are registered and live here.
pub fn active(db: &mut Db) -> Result<i64> {
    Ok(participants::table.filter(participants::state.eq(ParticipantState::Active)).count().get_result(&mut db.connection)?)
}

/// A page in the order of ids, after the last one of the page before.
pub fn page_after(db: &mut Db, village: Option<VillageCode>, state: Option<ParticipantState>, after: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let mut query = participants::table.select(Row::as_select()).order(participants::id).limit(limit).into_boxed();
    if let Some(village) = village {
        query = query.filter(participants::village_code.eq(village));
    }
    if let Some(state) = state {
        query = query.filter(participants::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(participants::id.gt(after));
    }
    Ok(query.load(&mut db.connection)?)
}

/// A page of a village, newest first.
pub fn of_village(db: &mut Db, village: VillageCode, state: Option<ParticipantState>, before: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let mut query = participants::table
        .filter(participants::village_code.eq(village))
        .select(Row::as_select())
        .order(participants::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(participants::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(participants::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

pub fn insert_all(tx: &mut Tx, people: &[Participant], now: UtcTime) -> Result<()> {
    let keyring = tx.keyring();
    let rows = people.iter().map(|person| Row::seal(&keyring, person, now)).collect::<Result<Vec<_>>>()?;
    for chunk in rows.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(participants::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// Writes the participant over the version that was read; false when someone else was faster.
pub fn update(tx: &mut Tx, participant: &Participant, now: UtcTime) -> Result<bool> {
    let seen = participant.version;
    let row = Row::seal(&tx.keyring(), participant, now)?;
    signal_scans::note_changed(tx, &[row.id])?;
    let changed = diesel::update(participants::table.find(row.id).filter(participants::version.eq(seen)))
        .set((
            participants::version.eq(seen + 1),
            participants::state.eq(row.state),
            participants::sex.eq(row.sex),
            participants::birth_year.eq(row.birth_year),
            participants::village_code.eq(row.village_code),
            participants::identity.eq(row.identity),
            participants::contact.eq(row.contact),
            participants::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}

/// Writes many participants whose rows this transaction holds, in few statements.
pub fn update_all(tx: &mut Tx, people: &[Participant], now: UtcTime) -> Result<()> {
    let keyring = tx.keyring();
    let rows =
        people.iter().map(|person| Ok(Row { version: person.version + 1, ..Row::seal(&keyring, person, now)? })).collect::<Result<Vec<_>>>()?;
    signal_scans::note_changed(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    for chunk in rows.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(participants::table)
            .values(chunk)
            .on_conflict(participants::id)
            .do_update()
            .set((
                participants::version.eq(excluded(participants::version)),
                participants::state.eq(excluded(participants::state)),
                participants::sex.eq(excluded(participants::sex)),
                participants::birth_year.eq(excluded(participants::birth_year)),
                participants::village_code.eq(excluded(participants::village_code)),
                participants::identity.eq(excluded(participants::identity)),
                participants::contact.eq(excluded(participants::contact)),
                participants::updated_at.eq(excluded(participants::updated_at)),
            ))
            .execute(connection))?;
    }
    Ok(())
}

/// Sets what holds today, where nothing else changed.
pub fn set_standing(tx: &mut Tx, id: Id, state: ParticipantState, village: VillageCode, now: UtcTime) -> Result<()> {
    diesel::update(participants::table.find(id))
        .set((
            participants::version.eq(participants::version + 1),
            participants::state.eq(state),
            participants::village_code.eq(village),
            participants::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Raises the revisions of people about whom something else was written.
pub fn revise(tx: &mut Tx, ids: &[Id], now: UtcTime) -> Result<()> {
    for chunk in ids.chunks(ROWS) {
        diesel::update(participants::table.filter(participants::id.eq_any(chunk)))
            .set((participants::version.eq(participants::version + 1), participants::updated_at.eq(now)))
            .execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Whose these NIKs are. Several may be one person's.
pub fn of_niks(db: &mut Db, niks: &[Id]) -> Result<HashMap<Id, Id>> {
    let mut found = HashMap::with_capacity(niks.len());
    for chunk in niks.chunks(ROWS) {
        let query = nik_registry::table.filter(nik_registry::bidx.eq_any(chunk)).select((nik_registry::bidx, nik_registry::participant_id));
        found.extend(on_each!(db, |connection| query.load::<(Id, Id)>(connection))?);
    }
    Ok(found)
}

/// Numbers and whose they are, in the order of their keys, after one.
pub fn niks_after(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<(Id, Id)>> {
    let mut query =
        nik_registry::table.order(nik_registry::bidx).select((nik_registry::bidx, nik_registry::participant_id)).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(nik_registry::bidx.gt(after));
    }
    Ok(query.load(&mut db.connection)?)
}

/// Takes NIKs for their people; returns how many were free. In the order of their values, so that two who take the same ones do not wait for each
/// other.
pub fn take_niks(tx: &mut Tx, niks: &[(BlindIndex, Id)]) -> Result<usize> {
    let mut niks = niks.to_vec();
    niks.sort_unstable_by_key(|(nik, _)| nik.value);
    let mut taken = 0;
    for chunk in niks.chunks(ROWS) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(nik, person)| (nik_registry::bidx.eq(nik.value), nik_registry::key_id.eq(nik.key_id), nik_registry::participant_id.eq(*person)))
            .collect();
        taken += on_each!(tx.db, |connection| diesel::insert_into(nik_registry::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(taken)
}

/// All indexes that find this person.
pub fn niks_of(db: &mut Db, id: Id) -> Result<Vec<Id>> {
    Ok(nik_registry::table.filter(nik_registry::participant_id.eq(id)).select(nik_registry::bidx).load(&mut db.connection)?)
}

/// From now on these NIKs find someone else.
pub fn hand_over_niks(tx: &mut Tx, niks: &[Id], to: Id) -> Result<()> {
    for nik in niks {
        diesel::update(nik_registry::table.find(*nik)).set(nik_registry::participant_id.eq(to)).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

pub fn insert_name_words(tx: &mut Tx, words: &[(BlindIndex, Id)]) -> Result<()> {
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    for chunk in words.chunks(ROWS) {
        let rows: Vec<_> = chunk.iter().map(|(word, person)| (name_words::bidx.eq(word.value), name_words::participant_id.eq(*person))).collect();
        on_each!(tx.db, |connection| diesel::insert_into(name_words::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

pub fn delete_name_words(tx: &mut Tx, people: &[Id]) -> Result<()> {
    for chunk in people.chunks(ROWS) {
        let gone = name_words::table.filter(name_words::participant_id.eq_any(chunk));
        on_each!(tx.db, |connection| diesel::delete(gone).execute(connection))?;
    }
    Ok(())
}

/// Who has one of these words, each person once, in the order of ids.
pub fn with_words(db: &mut Db, words: &[Id]) -> Result<Vec<Id>> {
    let query = name_words::table.filter(name_words::bidx.eq_any(words)).select(name_words::participant_id);
    let mut found: Vec<Id> = on_each!(db, |connection| query.load(connection))?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
