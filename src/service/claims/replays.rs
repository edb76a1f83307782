//! A claim is judged again on what it was judged on then: whoever doubts an adjudication sees whether the same comes out.

use super::sees;
use crate::context::Context;
use crate::domain::adjudication::kept::{self, Files};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::service::{App, bases};
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::reading::read;
use crate::store::{claim_cases, claim_parts, claims};

pub struct Replay {
    pub revision: i32,
    pub stored: ContentHash,
    pub replayed: ContentHash,
    /// The edits with their versions, then and in this program.
    pub edits_then: ContentHash,
    pub edits_now: ContentHash,
    pub rule_set: ContentHash,
}

pub fn replay(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Replay> {
    read(db, Event::new(context, "claim.replayed").object(id), |db, reading| {
        let claim = claims::find(db, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))?;
        reading.shows([claim.participant_id]);
        let lost = || Error::internal("a claim without what it was judged on");
        let stored = claim_cases::find(db, id, claim.revision)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let told = claim_parts::revision(db, id, claim.revision)?.ok_or_else(lost)?;
        let grounds = bases::grounds(app, db, stored.basis_id)?;
        let facility = app.memory.facility(claim.facility_id).ok_or_else(lost)?;
        let files = Files {
            rules: &grounds.rule_set,
            lists: &app.city.claim_lists,
            diagnosis_codes: &app.city.diagnoses,
            procedure_codes: &app.city.procedures,
        };
        let again = stored.case.judge(&told.bill, &facility, &files).map_err(|_| Error::internal("a stored claim whose amounts do not fit"))?;
        Ok(Replay {
            revision: claim.revision,
            stored: stored.outcome,
            replayed: kept::fingerprint(&again),
            edits_then: stored.edits,
            edits_now: kept::edits_fingerprint(),
            rule_set: grounds.rule_set.hash(),
        })
    })
}
