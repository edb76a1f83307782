//! Decisions about findings, one by one or in bulk. Each is a transaction of its own, so that one that has become impossible costs none of the others,
//! and a call that was cut off and is sent again finds done what was done.

use std::sync::Arc;

use super::applying::apply;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::participants::StatusEventKind;
use crate::domain::population::{FindingCategory, FindingState};
use crate::domain::text_enum::text_enum;
use crate::error::{Code, Error, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::reading::Reading;
use crate::store::reconciliation_findings::{self as findings, Filter, Finding};

/// So many are decided in one call at the most.
pub const MOST_AT_ONCE: usize = 1_000;

text_enum! {
    FindingDecision { Apply = "apply", Dismiss = "dismiss" }
}

text_enum! {
    /// What becomes of someone whom the file does not have.
    RecordAs { NikInactive = "nik_inactive", Suspended = "suspended" }
}

impl RecordAs {
    pub const fn kind(self) -> StatusEventKind {
        match self {
            Self::NikInactive => StatusEventKind::NikInactive,
            Self::Suspended => StatusEventKind::Suspended,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Decision {
    pub decision: FindingDecision,
    /// For those not found, when applied.
    pub record_as: Option<RecordAs>,
    pub note: Option<String>,
}

/// Which findings are decided.
#[derive(Debug, Clone)]
pub enum Which {
    These(Vec<Id>),
    /// The oldest open ones that match, up to the most.
    Matching(Filter),
}

/// What became of many, by id, in the order asked for; and whether more would match.
#[derive(Clone)]
pub struct Decided {
    pub outcomes: Vec<(Id, std::result::Result<Finding, Arc<Error>>)>,
    pub more: bool,
}

pub fn decide(app: &App, db: &mut Db, context: &Context, id: Id, decision: &Decision, once: &Once<'_, Finding>) -> Result<Finding> {
    once.write(db, Priority::People, |tx| decide_one(app, tx, context, id, decision))
}

pub fn decide_all(app: &App, db: &mut Db, context: &Context, which: &Which, decision: &Decision, once: &Once<'_, Decided>) -> Result<Decided> {
    let most = i64::try_from(MOST_AT_ONCE).unwrap_or(i64::MAX);
    let (ids, more) = match which {
        Which::These(ids) => (ids.clone(), false),
        Which::Matching(filter) => {
            let mut ids = findings::ids(db, Filter { state: Some(FindingState::Open), ..*filter }, most + 1)?;
            let more = ids.len() > MOST_AT_ONCE;
            ids.truncate(MOST_AT_ONCE);
            (ids, more)
        }
    };
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let outcome = match write(db, Priority::Bulk, |tx| decide_one(app, tx, context, id, decision)) {
            Err(error @ (Error::Storage(_) | Error::Busy(_) | Error::InDoubt | Error::Unusable(_) | Error::Internal(_))) => return Err(error),
            outcome => outcome.map_err(Arc::new),
        };
        outcomes.push((id, outcome));
    }
    let all = Decided { outcomes, more };
    once.write(db, Priority::People, |tx| {
        let decided = all.outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).count();
        let event = Event::new(context, "reconciliation.decided_in_bulk").with("decision", decision.decision);
        tx.record(event.with("decided", decided).with("of", all.outcomes.len()));
        Ok(all.clone())
    })
}

fn decide_one(app: &App, tx: &mut Tx, context: &Context, id: Id, decision: &Decision) -> Result<Finding> {
    let caller = context.signed_in()?;
    let mut reading = Reading::within(tx);
    let mut finding = findings::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    let after = match decision.decision {
        FindingDecision::Apply => FindingState::Applied,
        FindingDecision::Dismiss => FindingState::Dismissed,
    };
    if finding.state == after && finding.decided_by == Some(caller.user_id) {
        tx.record(Event::new(context, "reconciliation.finding_read").object(id).about([finding.participant_id]));
        return Ok(finding);
    }
    let may_be_decided = match finding.state {
        FindingState::Open => true,
        // Who was wrong to dismiss it may think better of it.
        FindingState::Dismissed => after == FindingState::Applied,
        FindingState::Applied | FindingState::Resolved => false,
    };
    if !may_be_decided {
        return Err(Error::refused(Code::StateConflict));
    }
    if decision.decision == FindingDecision::Apply {
        let run = store::reconciliations::find(tx, finding.last_run_id)?.ok_or_else(|| Error::internal("a finding without its run"))?;
        // That a file does not have someone proves nothing by itself: who brought the file does not also take their cover away.
        if finding.category == FindingCategory::NotFound && run.run.asked_by == Some(caller.user_id) {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        apply(app, tx, context, &finding, run.as_of, decision.record_as)?;
    }
    finding.state = after;
    finding.cell.note.clone_from(&decision.note);
    finding.updated_at = context.now;
    (finding.decided_at, finding.decided_by) = (Some(context.now), Some(caller.user_id));
    findings::decide(tx, &finding)?;
    let about = std::iter::once(finding.participant_id).chain(finding.other_participant_id);
    let event = Event::new(context, "reconciliation.finding_decided").object(id).about(about).with("category", finding.category);
    tx.record(event.with("decision", decision.decision).with("record_as", decision.record_as).with("note", &decision.note));
    Ok(finding)
}
