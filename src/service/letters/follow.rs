//! How letters follow what happens elsewhere: their check is completed, prolonged or void, or their time is over.

use super::money;
use crate::context::Context;
use crate::domain::eligibility::Decision;
use crate::domain::id::Id;
use crate::domain::letters::{LetterAction, LetterState, state_at};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::{App, changes};
use crate::store::audit::Event;
use crate::store::claims;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::eligibility_checks::Check;
use crate::store::gate::Priority;
use crate::store::letters::{self, Letter};

/// Small turns, so that nobody waits for them.
const AT_ONCE: i64 = 50;

/// The papers are there and another check has taken the place of the provisional one: its letters are the new one's, good where it is eligible.
pub fn completed(app: &App, tx: &mut Tx, context: &Context, earlier: Id, check: &Check) -> Result<()> {
    for mut letter in letters::lock_of_check(tx, earlier)? {
        letter.check_id = check.id;
        letter.complete_by = None;
        match check.decision {
            Decision::Eligible | Decision::Provisional | Decision::Undetermined => {
                letters::pass_on(tx, letter.id, check.id)?;
                confirm(tx, context, &mut letter)?;
            }
            Decision::NotEligible => end(app, tx, context, &mut letter, LetterAction::Lapse)?,
        }
    }
    Ok(())
}

/// The patient may have been admitted meanwhile: then the letter is used at once.
fn confirm(tx: &mut Tx, context: &Context, letter: &mut Letter) -> Result<()> {
    let Some(issued) = letter.state.after(LetterAction::Confirm) else { return Ok(()) };
    let admitted = letter.admitted_on.and_then(|_| issued.after(LetterAction::Admit));
    letter.state = admitted.unwrap_or(issued);
    letters::update(tx, letter, context.now)?;
    letters::note(tx, context, letter, LetterAction::Confirm, None)?;
    let event = Event::new(context, "letter.confirmed").object(letter.id).about([letter.participant_id]).with("state", letter.state);
    tx.record(event.tells(changes::of_letter(letter, LetterAction::Confirm)));
    Ok(())
}

/// There is more time for the papers of a check, and so for its letters.
pub fn prolonged(tx: &mut Tx, context: &Context, check: Id, complete_by: UtcTime) -> Result<()> {
    for mut letter in letters::lock_of_check(tx, check)?.into_iter().filter(|letter| letter.state == LetterState::Provisional) {
        letter.complete_by = Some(complete_by);
        letters::update(tx, &mut letter, context.now)?;
        let event = Event::new(context, "letter.prolonged").object(letter.id).about([letter.participant_id]).with("complete_by", complete_by);
        tx.record(event.tells(changes::of_letter(&letter, LetterAction::Extend)));
    }
    Ok(())
}

/// A check that is not to be counted bears no letter that nobody has used.
pub fn voided(app: &App, tx: &mut Tx, context: &Context, check: Id) -> Result<()> {
    for mut letter in letters::lock_of_check(tx, check)? {
        if letter.state.after(LetterAction::Cancel).is_some() {
            end(app, tx, context, &mut letter, LetterAction::Cancel)?;
        }
    }
    Ok(())
}

/// Nothing more is billed under a letter that was used: what it still keeps aside is free.
pub fn unbilled(app: &App, tx: &mut Tx, context: &Context, id: Id) -> Result<()> {
    let Some(mut letter) = letters::lock(tx, id)? else { return Ok(()) };
    money::release(tx, context, &mut letter, app.city.today(context.now))?;
    letters::update(tx, &mut letter, context.now)
}

/// Ends a letter under which nothing will be billed.
fn end(app: &App, tx: &mut Tx, context: &Context, letter: &mut Letter, action: LetterAction) -> Result<()> {
    end_because(app, tx, context, letter, action, None)
}

pub(super) fn end_because(app: &App, tx: &mut Tx, context: &Context, letter: &mut Letter, action: LetterAction, reason: Option<&str>) -> Result<()> {
    let Some(state) = letter.state.after(action) else { return Ok(()) };
    letter.state = state;
    money::release(tx, context, letter, app.city.today(context.now))?;
    letters::free(tx, letter.id)?;
    letters::update(tx, letter, context.now)?;
    letters::note(tx, context, letter, action, reason)?;
    let event = Event::new(context, "letter.ended").object(letter.id).about([letter.participant_id]).with("state", state);
    tx.record(event.tells(changes::of_letter(letter, action)));
    Ok(())
}

/// Notes of the letters whose time is over that it is, so that the budget has its money back.
pub fn settle_due(app: &App, db: &mut Db, context: &Context) -> Result<()> {
    let clock = (app.city.today(context.now), context.now);
    loop {
        let due = letters::due(db, clock.0, clock.1, AT_ONCE)?;
        for id in &due {
            write_quietly(db, Priority::Bulk, "a letter that was used or prolonged meanwhile stays", |tx| {
                let Some(mut letter) = letters::lock(tx, *id)? else { return Ok(()) };
                let action = match state_at(letter.state, letter.valid_until, letter.complete_by, clock) {
                    LetterState::Lapsed => LetterAction::Lapse,
                    LetterState::Expired => LetterAction::Expire,
                    LetterState::Provisional | LetterState::Issued | LetterState::Used | LetterState::Cancelled => return Ok(()),
                };
                end(app, tx, context, &mut letter, action)
            })?;
        }
        if due.is_empty() {
            return Ok(());
        }
    }
}

/// What was not billed while it would still have been paid is not billed any more.
pub fn release_never_billed(app: &App, db: &mut Db, context: &Context) -> Result<()> {
    let months = app.city.rule_sets.iter().map(|rules| rules.claims.expires_after_months).max().unwrap_or_default();
    let Some(before) = app.city.today(context.now).checked_sub_months(chrono::Months::new(months)) else { return Ok(()) };
    loop {
        let mut released = false;
        for id in letters::never_billed(db, before, AT_ONCE)? {
            released |= write_quietly(db, Priority::Bulk, "the money of a letter that is billed at this moment stays with it", |tx| {
                if claims::on_ground(tx, id)?.is_some() {
                    return Ok(false);
                }
                unbilled(app, tx, context, id)?;
                Ok(true)
            })?;
        }
        if !released {
            return Ok(());
        }
    }
}
