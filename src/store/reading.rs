//! Leave to unseal people. Nobody is read without it, and it always ends in the audit log: either a change tells of it, or `read` records it before
//! the answer goes out.

use std::collections::BTreeSet;

use super::audit::Event;
use super::db::{Db, Tx, write};
use super::gate::Priority;
use crate::domain::id::Id;
use crate::error::Result;

/// Who was unsealed with it. Only `read` and a change make one.
pub struct Reading {
    subjects: BTreeSet<Id>,
}

impl Reading {
    /// Within a change: its own event tells of the people it concerns.
    pub fn within(_: &Tx<'_>) -> Self {
        Self { subjects: BTreeSet::new() }
    }

    pub(super) fn opens(&mut self, participant: Id) {
        self.subjects.insert(participant);
    }

    /// Nothing of them is unsealed, but what is shown is about them.
    pub fn shows(&mut self, participants: impl IntoIterator<Item = Id>) {
        self.subjects.extend(participants);
    }

    /// Someone was only compared and is not shown: that they were compared is no reading of them.
    pub fn passes_over(&mut self, participant: Id) {
        self.subjects.remove(&participant);
    }
}

/// Reads people and records it, with everyone who was unsealed as a subject. What cannot be recorded is not answered.
pub fn read<T>(db: &mut Db, event: Event, work: impl FnOnce(&mut Db, &mut Reading) -> Result<T>) -> Result<T> {
    let mut reading = Reading { subjects: BTreeSet::new() };
    let answer = work(db, &mut reading)?;
    let event = event.about(reading.subjects);
    write(db, Priority::People, |tx| {
        tx.record(event.clone());
        Ok(())
    })?;
    Ok(answer)
}
