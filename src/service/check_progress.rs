//! What becomes of a recorded check: papers that are brought for a provisional answer, more time for them, and that it is void. The check itself stays
//! as it was decided; when nothing is lacking any more a new one takes its place.

use super::App;
use super::affected_checks;
use super::bases;
use super::check_turn::Recorded;
use super::eligibility_checks::{self, Followed};
use super::idempotency::Once;
use super::letters;
use crate::context::Context;
use crate::domain::check_progress::{CheckStanding, VoidReason};
use crate::domain::eligibility::{Decision, Facts, Paper, SourceStanding};
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::check_progress::{self as progress, Brought, Extension, Progress, Void};
use crate::store::db::{Db, Tx};
use crate::store::eligibility_checks::{self as checks, Check};
use crate::store::gate::Priority;

/// The provisional check, and the one that took its place when the paper was the last that it lacked.
pub struct Completion {
    pub check: Followed,
    pub new_check: Option<Followed>,
}

/// Records a paper, and decides again on everything that was told and brought and on what the registry says now.
pub fn bring(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    id: Id,
    (kind, number): (Paper, &str),
    once: &Once<'_, Completion>,
) -> Result<Completion> {
    let check = eligibility_checks::find(db, caller, id)?;
    once.write(db, Priority::People, |tx| {
        refuse_unless_open(&progress::lock(tx, id)?, &check, context)?;
        let paper =
            Brought { id: context.new_id(), check_id: id, kind, number: number.to_owned(), brought_at: context.now, brought_by: caller.user_id };
        if !progress::bring(tx, &paper)? {
            return Err(Error::refused(Code::PaperAlreadyBrought));
        }
        tx.record(Event::new(context, "check.paper_brought").object(id).about(check.participant_id).with("kind", kind));
        let new_check = completed(app, tx, context, caller, &check)?;
        Ok(Completion { check: eligibility_checks::followed(app, tx, check.clone())?, new_check })
    })
}

/// The check that takes the place of a provisional one, once its answer is settled. While it is not, nothing is recorded: the time that is allowed
/// runs from the first answer.
fn completed(app: &App, tx: &mut Tx, context: &Context, caller: &Caller, check: &Check) -> Result<Option<Followed>> {
    let mut record = checks::open(tx, check)?;
    let (mut asked, mut about) = (check.clone(), Vec::new());
    if let Some(person) = check.participant_id {
        let now = affected_checks::person_now(app, tx, person, &record.facts)?;
        record.facts = Facts { registry: SourceStanding { as_of: Some(context.now), away: false }, ..now.facts };
        (record.shown, asked.participant_id) = (Some(now.shown), Some(now.id));
        about.extend([person, now.id].into_iter().chain(now.mother));
    }
    record.facts.asked_at = context.now;
    let brought = progress::papers_of(tx, check.id)?;
    record.facts.told.papers.get_or_insert_default().extend(brought.iter().map(|paper| paper.kind));
    let grounds = bases::grounds(app, tx, check.basis_id)?;
    let answer = grounds.decide(&record.facts)?;
    match answer.decision {
        Decision::Provisional | Decision::Undetermined => return Ok(None),
        Decision::Eligible | Decision::NotEligible => {}
    }
    let new = eligibility_checks::in_place_of(tx, context, caller, &asked, (&record, &answer))?;
    eligibility_checks::insert_in_place(tx, context, &new, about)?;
    letters::completed(app, tx, context, check.id, &new)?;
    let recorded = Recorded { check: new, record, answer, replayed: None };
    Ok(Some(Followed { recorded, grounds, progress: Progress::default(), papers: Vec::new() }))
}

/// Gives the facility more time for the papers, once.
pub fn extend(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Followed>) -> Result<Followed> {
    let check = eligibility_checks::find(db, caller, id)?;
    let grounds = bases::grounds(app, db, check.basis_id)?;
    once.write(db, Priority::People, |tx| {
        let before = progress::lock(tx, id)?;
        refuse_unless_open(&before, &check, context)?;
        if before.extension.is_some() {
            return Err(Error::refused(Code::AlreadyExtended));
        }
        let complete_by = grounds.rule_set.extended_complete_by(check.checked_at);
        progress::extend(tx, &Extension { check_id: id, complete_by, extended_at: context.now, extended_by: caller.user_id })?;
        letters::prolonged(tx, context, id, complete_by)?;
        tx.record(Event::new(context, "check.extended").object(id).about(check.participant_id).with("complete_by", complete_by));
        eligibility_checks::followed(app, tx, check.clone())
    })
}

/// Marks a check as one that is not to be counted. It stays to be read.
pub fn make_void(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    id: Id,
    reason: VoidReason,
    once: &Once<'_, Followed>,
) -> Result<Followed> {
    let check = eligibility_checks::find(db, caller, id)?;
    once.write(db, Priority::People, |tx| {
        if progress::lock(tx, id)?.void.is_some() {
            return Err(Error::refused(Code::CheckVoid));
        }
        progress::make_void(tx, &Void { check_id: id, reason, voided_at: context.now, voided_by: caller.user_id })?;
        letters::voided(app, tx, context, id)?;
        tx.record(Event::new(context, "check.voided").object(id).about(check.participant_id).with("reason", reason));
        eligibility_checks::followed(app, tx, check.clone())
    })
}

fn refuse_unless_open(progress: &Progress, check: &Check, context: &Context) -> Result<()> {
    let code = match progress.standing(check, context.now) {
        Some(CheckStanding::Open) => return Ok(()),
        Some(CheckStanding::Completed) => Code::CheckCompleted,
        Some(CheckStanding::Lapsed) => Code::CheckLapsed,
        Some(CheckStanding::Void) => Code::CheckVoid,
        None => Code::CheckNotProvisional,
    };
    Err(Error::refused(code))
}
