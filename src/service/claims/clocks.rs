//! Claims on which a clock has run out: who said nothing in time has agreed that the papers are complete, and what nobody mended is let go.

use super::{after, complete};
use crate::context::Context;
use crate::domain::claims::{ClaimAction, ClaimState, Clocks};
use crate::error::{Error, Result};
use crate::service::{App, changes, letters};
use crate::store::audit::Event;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;
use crate::store::{claim_parts, claims};

/// Small turns, so that nobody waits for them.
const AT_ONCE: i64 = 50;

pub fn settle_due(app: &App, db: &mut Db, context: &Context) -> Result<()> {
    let today = app.city.today(context.now);
    loop {
        let due = claims::due(db, today, AT_ONCE)?;
        for id in &due {
            write_quietly(db, Priority::Bulk, "a claim that somebody took or mended meanwhile stays", |tx| {
                let Some(mut claim) = claims::lock(tx, *id)? else { return Ok(()) };
                let mut terms = claims::terms(tx, *id)?;
                let rules = app.city.rule_sets.by_code(&terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
                let action = match claim.state {
                    ClaimState::Submitted if terms.complete_by.is_some_and(|by| today > by) => ClaimAction::Complete,
                    // Whoever looks at it goes on looking, and the clock of the payment runs meanwhile.
                    ClaimState::InVerification if terms.complete_by.is_some_and(|by| today > by) => {
                        complete(&mut terms, context, &Clocks::new(&rules.claims), today);
                        claims::update(tx, &mut claim, &terms, context.now)?;
                        let event = Event::new(context, "claim.clock_ran_out").object(*id).about([claim.participant_id]).with("state", claim.state);
                        tx.record(event.tells(changes::of_claim(&claim, ClaimAction::Complete)));
                        return Ok(());
                    }
                    ClaimState::Draft if today > terms.expires_on => ClaimAction::Expire,
                    ClaimState::Returned if terms.fix_by.is_some_and(|by| today > by) => ClaimAction::Expire,
                    _ => return Ok(()),
                };
                claim.state = after(&claim, action)?;
                if action == ClaimAction::Complete {
                    complete(&mut terms, context, &Clocks::new(&rules.claims), today);
                } else {
                    terms.fix_by = None;
                    claims::vacate(tx, *id)?;
                    if let Some(letter) = claim.letter_id {
                        letters::unbilled(app, tx, context, letter)?;
                    }
                }
                claims::update(tx, &mut claim, &terms, context.now)?;
                claim_parts::note(tx, context, (*id, claim.state), action, (None, None))?;
                let event = Event::new(context, "claim.clock_ran_out").object(*id).about([claim.participant_id]).with("state", claim.state);
                tx.record(event.tells(changes::of_claim(&claim, action)));
                Ok(())
            })?;
        }
        if due.is_empty() {
            return Ok(());
        }
    }
}
