//! Whom the rows of a step are about: found and held all at once.

use std::collections::{HashMap, HashSet};

use super::outcomes::{RefusalCode, RowOutcome};
use crate::domain::id::Id;
use crate::domain::imports::Column;
use crate::domain::nik::Nik;
use crate::error::Result;
use crate::store;
use crate::store::db::Tx;

pub struct People {
    niks: Vec<Id>,
    whose: HashMap<Id, Id>,
    known: Vec<Id>,
}

impl People {
    /// Finds who has these NIKs and holds them for the rest of the transaction. Nobody is read by that.
    pub fn of<'n>(tx: &mut Tx, niks: impl Iterator<Item = &'n Nik>) -> Result<Self> {
        let keyring = tx.keyring();
        let niks = niks.map(|nik| Ok(keyring.nik_index(nik)?.value)).collect::<Result<Vec<Id>>>()?;
        let whose = store::participants::of_niks(tx, &niks)?;
        let mut known: Vec<Id> = whose.values().copied().collect();
        known.sort_unstable();
        known.dedup();
        store::participants::lock_all(tx, &known)?;
        Ok(Self { niks, whose, known })
    }

    pub fn known(&self) -> &[Id] {
        &self.known
    }

    /// The person of each row, in the order of the rows. Of two numbers of one person the second is refused: which row is right, only the sender knows.
    pub fn each(&self) -> impl Iterator<Item = std::result::Result<Id, RowOutcome>> {
        let mut met = HashSet::with_capacity(self.niks.len());
        self.niks.iter().map(move |nik| match self.whose.get(nik) {
            None => Err(RowOutcome::refused(Column::Nik, RefusalCode::NikNotFound)),
            Some(person) if !met.insert(*person) => Err(RowOutcome::refused(Column::Nik, RefusalCode::NikRepeated)),
            Some(person) => Ok(*person),
        })
    }
}
