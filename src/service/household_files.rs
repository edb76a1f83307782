//! Families as files bring them: each is registered as `POST /households` registers one, as a whole or not at all, and one that cannot be costs none of
//! the others.

use std::collections::HashMap;

use super::imports::{RefusalCode, RowOutcome};
use super::registrations::Newcomer;
use super::upsert_plan::{Plan, Row};
use super::{App, households};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{Column, ParticipantRow};
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::store;
use crate::store::db::Tx;
use crate::store::reading::Reading;

/// Registers the families of a slice; the members of one stand next to each other, and no family is parted by the slice's ends.
pub(super) fn register_all(app: &App, tx: &mut Tx, context: &Context, rows: &[&ParticipantRow]) -> Result<Vec<RowOutcome>> {
    let keyring = tx.keyring();
    let kks = rows.iter().map(|row| Ok(keyring.kk_index(&row.registration.kk_number)?.value)).collect::<Result<Vec<Id>>>()?;
    let niks = rows.iter().map(|row| keyring.nik_index(&row.registration.nik)).collect::<std::result::Result<Vec<BlindIndex>, _>>()?;
    let taken = store::households::of_kks(tx, &kks)?;
    let known = store::participants::of_niks(tx, &niks.iter().map(|nik| nik.value).collect::<Vec<_>>())?;
    let mut outcomes = Vec::with_capacity(rows.len());
    let numbered: Vec<(&ParticipantRow, (Id, BlindIndex))> = rows.iter().copied().zip(kks.into_iter().zip(niks)).collect();
    for family in numbered.chunk_by(|(_, (one, _)), (_, (other, _))| one == other) {
        let members: Vec<&ParticipantRow> = family.iter().map(|(row, _)| *row).collect();
        let niks: Vec<BlindIndex> = family.iter().map(|(_, (_, nik))| *nik).collect();
        let is_taken = family.first().is_some_and(|(_, (kk, _))| taken.contains_key(kk));
        outcomes.extend(if is_taken {
            compare(app, tx, context, &members)?
        } else if niks.iter().any(|nik| known.contains_key(&nik.value)) {
            told_apart(&niks, &known)
        } else {
            enter(tx, context, &members, &niks)?
        });
    }
    Ok(outcomes)
}

fn enter(tx: &mut Tx, context: &Context, members: &[&ParticipantRow], niks: &[BlindIndex]) -> Result<Vec<RowOutcome>> {
    let newcomers: Vec<Newcomer<'_>> = members.iter().map(|row| Newcomer::new(context, &row.registration)).collect();
    let niks: Vec<(BlindIndex, Id)> = niks.iter().zip(&newcomers).map(|(nik, newcomer)| (*nik, newcomer.participant)).collect();
    let entered = tx.attempt(|tx| households::enter(tx, context, &newcomers.iter().collect::<Vec<_>>(), &niks));
    match entered {
        Ok(_) => Ok(newcomers.iter().map(|newcomer| RowOutcome::Created(newcomer.participant)).collect()),
        Err(error) => RowOutcome::of_refusal(error).map(|refused| vec![refused; members.len()]),
    }
}

/// A household that is there already stays as it is: its rows say the same, or are told.
fn compare(app: &App, tx: &mut Tx, context: &Context, members: &[&ParticipantRow]) -> Result<Vec<RowOutcome>> {
    let rows: Vec<Row<'_>> = members.iter().map(|row| Row::new(context, row)).collect();
    let mut reading = Reading::within(tx);
    let plan = Plan::make(tx, &mut reading, &rows, &app.city.code, app.city.today(context.now), context.now)?;
    plan.known().for_each(|person| reading.passes_over(person));
    if plan.outcomes.iter().all(|outcome| matches!(outcome, RowOutcome::Unchanged(_))) {
        return Ok(plan.outcomes);
    }
    Ok(vec![RowOutcome::refused(Column::KkNumber, RefusalCode::KkAlreadyRegistered); members.len()])
}

/// Who is known already is told, and the others that their family was not registered because of them.
fn told_apart(niks: &[BlindIndex], known: &HashMap<Id, Id>) -> Vec<RowOutcome> {
    let told = niks.iter().map(|nik| match known.contains_key(&nik.value) {
        true => RowOutcome::refused(Column::Nik, RefusalCode::NikAlreadyRegistered),
        false => RowOutcome::refused(Column::KkNumber, RefusalCode::HouseholdIncomplete),
    });
    told.collect()
}
