//! Drafts that nobody submits: after a while they lapse, so that they no longer stand in the way of another request.

use super::App;
use crate::domain::enrollments::{EnrollmentAction, EnrollmentState};
use crate::error::Result;
use crate::store::audit::Event;
use crate::store::db::{Db, write_quietly};
use crate::store::enrollment_requests as requests;
use crate::store::enrollment_steps::{self as steps, Step};
use crate::store::gate::Priority;

/// Small turns, so that nobody waits for them.
const AT_ONCE: i64 = 50;

/// Lets the drafts lapse that are older than the settings say.
pub fn lapse_drafts(app: &App, db: &mut Db) -> Result<()> {
    loop {
        let context = app.context();
        let today = app.city.today(context.now);
        let before = context.now.minus(chrono::Duration::days(app.settings.enrollments.draft_days));
        let old = requests::drafts_before(db, before, AT_ONCE)?;
        for id in &old {
            write_quietly(db, Priority::Bulk, "a draft that was submitted meanwhile stays", |tx| {
                let Some(mut draft) = requests::lock(tx, *id)?.filter(|request| request.state == EnrollmentState::Draft) else { return Ok(()) };
                let Some(standing) = draft.standing().after(EnrollmentAction::Expire, today) else { return Ok(()) };
                requests::stand(tx, &mut draft, standing, None, context.now)?;
                steps::insert_all(tx, &[Step::new(&context, *id, EnrollmentAction::Expire, standing.state)])?;
                tx.record(Event::new(&context, "enrollment.lapsed").object(*id).about([draft.participant_id]));
                Ok(())
            })?;
        }
        if old.is_empty() {
            return Ok(());
        }
    }
}
