//! Carrying out a correction: field by field, with what was there before kept for the history.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};

use super::App;
use super::memberships;
use super::newborns;
use super::profiles::stay_since;
use super::registrations;
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::participants::{ChangeState, ParticipantState};
use crate::domain::registration::Relation;
use crate::domain::residency::ResidencyPeriod;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::db::Tx;
use crate::store::households::Membership;
use crate::store::participant_changes::Change;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::residencies::Residency;
use crate::store::sealed::ChangeCell;

/// A correction on its way, with the ids of the rows that it may make.
pub(super) struct Task<'a> {
    app: &'a App,
    context: &'a Context,
    today: NaiveDate,
    correction: &'a Correction,
    reason: &'a str,
    change_id: Id,
    household_id: Id,
    membership_id: Id,
}

impl<'a> Task<'a> {
    pub fn new(app: &'a App, context: &'a Context, correction: &'a Correction, reason: &'a str) -> Self {
        let [change_id, household_id, membership_id] = std::array::from_fn(|_| context.new_id());
        Self { app, context, today: app.city.today(context.now), correction, reason, change_id, household_id, membership_id }
    }

    fn membership(&self, participant_id: Id, household_id: Id) -> Membership {
        let (id, valid_from) = (self.membership_id, self.today);
        Membership { id, household_id, participant_id, relation: Relation::Other, valid_from, valid_to: None }
    }
}

/// What was, and what is now, by field.
#[derive(Default, Serialize)]
pub(super) struct Changes(BTreeMap<&'static str, Value>);

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a value, and notes it if it differs.
    pub fn set<T: PartialEq + Serialize>(&mut self, field: &'static str, place: &mut T, value: T) -> bool {
        let differs = *place != value;
        if differs {
            self.0.insert(field, json!({ "before": place, "after": value }));
            *place = value;
        }
        differs
    }

    pub fn note(&mut self, field: &'static str, before: impl Serialize, after: impl Serialize) {
        self.0.insert(field, json!({ "before": before, "after": after }));
    }
}

/// Corrects a participant whom this transaction holds; the caller writes the row itself.
pub(super) fn apply(tx: &mut Tx, task: &Task<'_>, participant: &mut Participant) -> Result<Changes> {
    let correction = task.correction;
    let mut changes = Changes::default();
    if let Some(nik) = &correction.nik {
        renumber(tx, participant, nik, &mut changes)?;
    }
    let name = correction.name.clone().unwrap_or_else(|| participant.identity.name.clone());
    let renamed = changes.set("name", &mut participant.identity.name, name);
    let birth_date = correction.birth_date.unwrap_or(participant.identity.birth_date);
    let born_before = participant.identity.birth_date;
    let reborn = changes.set("birth_date", &mut participant.identity.birth_date, birth_date);
    if reborn {
        newborns::correct_birth(tx, participant.id, (born_before, birth_date))?;
    }
    if renamed || reborn {
        let words = registrations::name_words(&tx.keyring(), &participant.identity.name, birth_date, participant.id)?;
        store::participants::delete_name_words(tx, &[participant.id])?;
        store::participants::insert_name_words(tx, &words)?;
    }
    if let Some(sex) = correction.sex {
        changes.set("sex", &mut participant.sex, sex);
    }
    let still_guessed = participant.identity.guessed.iter().copied().filter(|guess| !correction.settles(*guess)).collect();
    changes.set("estimated", &mut participant.identity.guessed, still_guessed);
    correct_contact(participant, correction, &mut changes);
    correct_stay(tx, task, participant, &mut changes)?;
    correct_household(tx, task, participant, &mut changes)?;
    if let Some(since) = correction.resident_since {
        propose_beginning(tx, task, participant.id, since, &mut changes)?;
    }
    Ok(changes)
}

/// Gives someone another NIK; the one before still finds them.
fn renumber(tx: &mut Tx, participant: &mut Participant, nik: &Nik, changes: &mut Changes) -> Result<()> {
    let former = participant.identity.nik.clone();
    if !changes.set("nik", &mut participant.identity.nik, nik.digits().to_owned()) {
        return Ok(());
    }
    let index = tx.keyring().nik_index(nik)?;
    if store::participants::take_niks(tx, &[(index, participant.id)])? == 0 {
        let whose = store::participants::of_niks(tx, &[index.value])?;
        // It may be a number that this person had before.
        if whose.get(&index.value) != Some(&participant.id) || !participant.identity.former_niks.iter().any(|old| old == nik.digits()) {
            // Whose it is, so that the two records can be merged.
            let more = serde_json::json!({ "participant_id": whose.get(&index.value) });
            return Err(Error::conflict(Code::NikAlreadyRegistered, more));
        }
    }
    participant.identity.former_niks.retain(|old| old != nik.digits());
    if !former.is_empty() {
        participant.identity.former_niks.push(former);
    } else if participant.state == ParticipantState::Temporary {
        participant.state = ParticipantState::Active;
    }
    Ok(())
}

fn correct_contact(participant: &mut Participant, correction: &Correction, changes: &mut Changes) {
    let contact = &mut participant.contact;
    for (field, place, value) in
        [("address", &mut contact.address, &correction.address), ("rt", &mut contact.rt, &correction.rt), ("rw", &mut contact.rw, &correction.rw)]
    {
        if let Some(value) = value {
            changes.set(field, place, value.clone());
        }
    }
    for (field, place, value) in
        [("phone", &mut contact.phone, &correction.phone), ("mother_name", &mut contact.mother_name, &correction.mother_name)]
    {
        if let Some(value) = value {
            changes.set(field, place, value.clone());
        }
    }
}

/// A wrong village is corrected in the stay that it was written into; a move is an event.
fn correct_stay(tx: &mut Tx, task: &Task<'_>, participant: &mut Participant, changes: &mut Changes) -> Result<()> {
    let Task { app, today, correction, .. } = *task;
    let stays = store::residencies::of(tx, &[participant.id])?;
    // For `resident_since` it is the date that was sent which is wrong, else the birth date.
    let since = correction.resident_since.or_else(|| stay_since(&periods(&stays), &app.city.code, today));
    if (correction.birth_date.is_some() || correction.resident_since.is_some()) && since.is_some_and(|since| since < participant.identity.birth_date)
    {
        let at = if correction.resident_since.is_some() { "/resident_since" } else { "/birth_date" };
        return Err(Fault::at(at, "RESIDENT_BEFORE_BIRTH").into());
    }
    let Some(village) = correction.village_code else { return Ok(()) };
    if changes.set("village_code", &mut participant.village_code, village) {
        let current = stays.iter().rfind(|stay| stay.resident_since <= today).or(stays.first());
        let corrected: Vec<Residency> = current.map(|stay| Residency { village_code: village, ..*stay }).into_iter().collect();
        store::residencies::put_all(tx, &corrected)?;
    }
    Ok(())
}

fn correct_household(tx: &mut Tx, task: &Task<'_>, participant: &Participant, changes: &mut Changes) -> Result<()> {
    let correction = task.correction;
    if correction.kk_number.is_none() && correction.relation.is_none() {
        return Ok(());
    }
    let before = store::households::open_memberships(tx, &[participant.id])?.pop();
    let relation = correction.relation.or(before.map(|before| before.relation)).unwrap_or(Relation::Other);
    let household_id = match &correction.kk_number {
        Some(kk_number) => Some(memberships::household_of(tx, task.context, kk_number, participant, task.household_id)?),
        None => before.map(|before| before.household_id),
    };
    // Without a household there is nothing to be related to.
    let Some(household_id) = household_id else { return Ok(()) };
    // A correction says that it was always so; what changed on a date is an event.
    let after = Membership { household_id, relation, ..before.unwrap_or_else(|| task.membership(participant.id, household_id)) };
    if before == Some(after) {
        return Ok(());
    }
    if before.map(|before| before.relation) != Some(relation) {
        changes.note("relation", before.map(|before| before.relation), relation);
    }
    if before.map(|before| before.household_id) != Some(household_id) {
        let reading = Reading::within(tx);
        let old = match before {
            Some(before) => store::households::find(tx, &reading, before.household_id)?,
            None => None,
        };
        changes.note("kk_number", old.map(|old| old.cell.kk_number), correction.kk_number.map(|kk| kk.digits().to_owned()));
    }
    store::households::put_memberships(tx, &[after])
}

/// How long someone has lived here decides whether they are covered, so a second person must agree.
fn propose_beginning(tx: &mut Tx, task: &Task<'_>, participant: Id, since: NaiveDate, changes: &mut Changes) -> Result<()> {
    let Task { app, context, today, reason, change_id: id, .. } = *task;
    let stays = store::residencies::of(tx, &[participant])?;
    let current = stay_since(&periods(&stays), &app.city.code, today);
    let reading = Reading::within(tx);
    let pending = store::participant_changes::pending(tx, &reading, participant)?;
    if current == Some(since) || pending.iter().any(|change| change.resident_since == since) {
        return Ok(());
    }
    beginning_moved(&stays, &app.city.code, today, since).map_err(|code| Fault::at("/resident_since", code))?;
    let asked_by = context.signed_in()?.user_id;
    let old_value = current.map(|date| date.to_string());
    let cell = ChangeCell { old_value, reason: reason.to_owned(), note: None };
    let state = ChangeState::Proposed;
    store::participant_changes::insert(
        tx,
        &Change { id, participant_id: participant, resident_since: since, state, cell, asked_at: context.now, asked_by },
    )?;
    changes.0.insert("resident_since", json!({ "before": current, "proposed": since, "change_id": id }));
    Ok(())
}

/// Moves the beginning of someone's stay, if it can be moved; the inner error is the code of what is in the way.
pub(super) fn move_beginning(
    tx: &mut Tx,
    participant: Id,
    city: &str,
    today: NaiveDate,
    since: NaiveDate,
) -> Result<std::result::Result<(), &'static str>> {
    let stays = store::residencies::of(tx, &[participant])?;
    match beginning_moved(&stays, city, today, since) {
        Ok(stay) => store::residencies::put_all(tx, &[stay]).map(Ok),
        Err(code) => Ok(Err(code)),
    }
}

fn beginning_moved(stays: &[Residency], city: &str, today: NaiveDate, since: NaiveDate) -> std::result::Result<Residency, &'static str> {
    // A stay that began with a move begins on the date of that event, which is corrected by revoking it.
    let first = stays.first().ok_or("RESIDENT_SINCE_FOLLOWS_MOVE")?;
    if stay_since(&periods(stays), city, today) != Some(first.resident_since) {
        return Err("RESIDENT_SINCE_FOLLOWS_MOVE");
    }
    if first.resident_until.is_some_and(|until| until < since) {
        return Err("RESIDENT_SINCE_AFTER_MOVE");
    }
    Ok(Residency { resident_since: since, ..*first })
}

fn periods(stays: &[Residency]) -> Vec<ResidencyPeriod> {
    stays.iter().map(Residency::period).collect()
}
