//! Two records of one person: the one that goes hands its numbers to the one that stays, and takes them back when they turn out to be two people.

use chrono::NaiveDate;

use super::profiles::standing;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::error::{Code, Error, Fault, Result};
use crate::privacy::blind::BlindIndex;
use crate::store;
use crate::store::db::Tx;
use crate::store::participants::Participant;
use crate::store::reading::Reading;

/// From now on the numbers of this record find the other one.
pub(super) fn merge(tx: &mut Tx, reading: &mut Reading, gone: &Participant, into: Option<Id>, today: NaiveDate) -> Result<()> {
    let into = into.ok_or_else(|| Error::internal("a merge into nobody"))?;
    let no_target = || Error::from(Fault::at("/to_participant_id", "MERGE_TARGET"));
    if into == gone.id {
        return Err(no_target());
    }
    let stays = store::participants::find(tx, reading, into)?.ok_or_else(no_target)?;
    let events = store::participant_events::of(tx, reading, into)?;
    if standing(&stays, &events, today).merged.is_some() {
        return Err(no_target());
    }
    let own: Vec<Id> = own_niks(tx, gone)?.iter().map(|nik| nik.value).collect();
    let found_by = store::participants::niks_of(tx, gone.id)?;
    // Numbers of a third record would not find their way back.
    if found_by.iter().any(|nik| !own.contains(nik)) {
        return Err(Error::refused(Code::StateConflict));
    }
    store::participants::hand_over_niks(tx, &found_by, into)
}

/// The numbers of this record find it again.
pub(super) fn unmerge(tx: &mut Tx, back: &Participant) -> Result<()> {
    let own: Vec<Id> = own_niks(tx, back)?.iter().map(|nik| nik.value).collect();
    store::participants::hand_over_niks(tx, &own, back.id)
}

fn own_niks(tx: &Tx, participant: &Participant) -> Result<Vec<BlindIndex>> {
    let keyring = tx.keyring();
    let digits = std::iter::once(&participant.identity.nik).chain(&participant.identity.former_niks);
    digits.filter_map(|digits| Nik::parse(digits).ok()).map(|nik| Ok(keyring.nik_index(&nik)?)).collect()
}
