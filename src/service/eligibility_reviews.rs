//! Reviews of refused checks: a facility asks, somebody else at the Dinas decides, and a granted one makes a new check that points to the old.

use serde_json::json;

use super::App;
use super::idempotency::Once;
use super::{bases, changes, eligibility_checks};
use crate::context::Context;
use crate::domain::eligibility::Decision;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::check_progress::{self as progress, Progress};
use crate::store::db::{Db, write};
use crate::store::eligibility_checks as checks;
use crate::store::eligibility_reviews::{self as reviews, Filter, Review, ReviewState, Said, Whose};
use crate::store::gate::Priority;
use crate::store::reading::read;

/// Asks for a review of a check that did not say yes.
pub fn ask(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    check_id: Id,
    reason: String,
    once: &Once<'_, (Review, Said)>,
) -> Result<(Review, Said)> {
    let check = eligibility_checks::find(db, caller, check_id)?;
    if check.decision == Decision::Eligible {
        return Err(Error::refused(Code::StateConflict));
    }
    // No word of anybody makes an unknown number a person: the way for them is a temporary identity.
    if check.participant_id.is_none() {
        return Err(Error::refused(Code::ReviewNeedsPerson));
    }
    refuse_void(&progress::of_one(db, check_id)?)?;
    let id = context.new_id();
    let said = Said { reason, note: None };
    let review = Review {
        id,
        version: 1,
        check_id,
        participant_id: check.participant_id,
        facility_id: check.facility_id,
        state: ReviewState::Open,
        sealed: reviews::seal(db, id, &said)?,
        asked_at: context.now,
        asked_by: caller.user_id,
        due_at: context.now.plus(chrono::Duration::hours(app.settings.reviews.due_hours)),
        decided_at: None,
        decided_by: None,
        new_check_id: None,
    };
    once.write(db, Priority::People, |tx| {
        if !reviews::insert(tx, &review)? {
            let open = reviews::open_of(tx, check_id)?;
            return Err(Error::conflict(Code::ReviewAlreadyOpen, json!({ "id": open.map(|review| review.id) })));
        }
        let event = Event::new(context, "review.asked").object(id).about(check.participant_id).with("check_id", check_id);
        tx.record(event.tells(changes::of_review(&review, "ask")));
        Ok((review.clone(), said.clone()))
    })
}

/// A page of reviews without what was said, and one review more if there is one. Whose reviews these are about is an event.
pub fn list(db: &mut Db, context: &Context, caller: &Caller, filter: &Filter, (before, limit): (Option<Id>, i64)) -> Result<Vec<Review>> {
    read(db, Event::new(context, "reviews.listed").with("filter", filter), |db, reading| {
        let found = reviews::page(db, Whose::of(caller), filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(found.iter().take(page).filter_map(|review| review.participant_id));
        Ok(found)
    })
}

/// One review with what was said. Reading it is an event.
pub fn show(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<(Review, Said)> {
    let review = reviews::find(db, id)?.filter(|review| Whose::of(caller).include(review)).ok_or_else(|| Error::refused(Code::NotFound))?;
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "review.read").object(id).about(review.participant_id));
        Ok(())
    })?;
    let said = reviews::said(db, &review)?;
    Ok((review, said))
}

/// Grants or refuses. Granting records a new check on the same facts and the same basis, with the person's word over the rules'.
pub fn decide(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    id: Id,
    verdict: (bool, &str),
    once: &Once<'_, (Review, Said)>,
) -> Result<(Review, Said)> {
    let (grant, note) = verdict;
    let review = reviews::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    let refused = checks::find(db, review.check_id)?.ok_or_else(|| Error::internal("a review without its check"))?;
    if caller.user_id == review.asked_by || caller.user_id == refused.asked_by {
        return Err(Error::refused(Code::DecidesOwnRequest));
    }
    let granted = if grant { Some(granted_check(app, db, context, caller, &refused)?) } else { None };
    once.write(db, Priority::People, |tx| {
        let mut review = reviews::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if review.state != ReviewState::Open {
            return Err(Error::refused(Code::StateConflict));
        }
        let mut said = reviews::said(tx, &review)?;
        said.note = Some(note.to_owned());
        review.state = if grant { ReviewState::Granted } else { ReviewState::Refused };
        review.sealed = reviews::seal(tx, id, &said)?;
        review.decided_at = Some(context.now);
        review.decided_by = Some(caller.user_id);
        review.new_check_id = granted.as_ref().map(|check| check.id);
        if let Some(check) = &granted {
            refuse_void(&progress::lock(tx, refused.id)?)?;
            eligibility_checks::insert_in_place(tx, context, check, None)?;
        }
        reviews::decide(tx, &review)?;
        let event = Event::new(context, "review.decided").object(id).about(review.participant_id).with("state", review.state);
        tx.record(event.tells(changes::of_review(&review, "decide")));
        review.version += 1;
        Ok((review, said))
    })
}

fn granted_check(app: &App, db: &mut Db, context: &Context, caller: &Caller, refused: &checks::Check) -> Result<checks::Check> {
    let grounds = bases::grounds(app, db, refused.basis_id)?;
    let mut record = checks::open(db, refused)?;
    record.facts.granted_on_review = true;
    record.facts.asked_at = context.now;
    let answer = grounds.decide(&record.facts)?;
    eligibility_checks::in_place_of(db, context, caller, refused, (&record, &answer))
}

/// What is not counted is not looked at again either.
fn refuse_void(progress: &Progress) -> Result<()> {
    if progress.void.is_some() { Err(Error::refused(Code::CheckVoid)) } else { Ok(()) }
}
