//! Alerts that a pot is being used up, as finance takes note of them.

use super::idempotency::Once;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::budget_alerts::{self, Alert};
use crate::store::db::Db;
use crate::store::gate::Priority;

/// Takes note of an alert. It stands as long as it stands; whoever acknowledges it has only seen it.
pub fn acknowledge(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Alert>) -> Result<Alert> {
    once.write(db, Priority::People, |tx| {
        let mut alert = budget_alerts::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if alert.acknowledged_at.is_some() {
            return Err(Error::refused(Code::StateConflict));
        }
        (alert.acknowledged_at, alert.acknowledged_by) = (Some(context.now), Some(caller.user_id));
        budget_alerts::acknowledge(tx, &alert)?;
        tx.record(Event::new(context, "budget_alert.acknowledged").object(id));
        Ok(alert)
    })
}
