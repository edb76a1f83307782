//! The history of an enrolment: every step with who took it, when and why. What was said in reason is sealed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, on_each};
use super::reading::Reading;
use crate::context::Context;
use crate::domain::enrollments::{EnrollmentAction, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::enrollment_steps;

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = enrollment_steps, treat_none_as_default_value = false)]
pub struct Step {
    pub id: Id,
    pub enrollment_id: Id,
    pub action: EnrollmentAction,
    /// The state that it led to.
    pub state: EnrollmentState,
    pub taken_at: UtcTime,
    /// Nobody where a command at the machine did it.
    pub taken_by: Option<Id>,
    sealed: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Cell {
    reason: String,
}

impl Step {
    pub fn new(context: &Context, enrollment_id: Id, action: EnrollmentAction, state: EnrollmentState) -> Self {
        let taken_by = context.caller.map(|caller| caller.user_id);
        Self { id: context.new_id(), enrollment_id, action, state, taken_at: context.now, taken_by, sealed: None }
    }

    /// The same with why.
    pub fn because(mut self, db: &Db, reason: Option<&str>) -> Result<Self> {
        let cell = reason.map(|reason| db.keyring().seal_json(Column::EnrollmentStepSealed, self.id, &Cell { reason: reason.to_owned() }));
        self.sealed = cell.transpose()?;
        Ok(self)
    }

    /// The caller has leave to read whom the enrolment is about.
    pub fn reason(&self, db: &Db, _: &Reading) -> Result<Option<String>> {
        let cell = self.sealed.as_ref().map(|sealed| db.keyring().unseal_json::<Cell>(Column::EnrollmentStepSealed, self.id, sealed));
        Ok(cell.transpose()?.map(|cell| cell.reason))
    }
}

pub fn insert_all(tx: &mut Tx, steps: &[Step]) -> Result<()> {
    for chunk in steps.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(enrollment_steps::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// The steps of an enrolment, first to last.
pub fn of(db: &mut Db, enrollment: Id) -> Result<Vec<Step>> {
    let steps = enrollment_steps::table.filter(enrollment_steps::enrollment_id.eq(enrollment));
    Ok(steps.select(Step::as_select()).order((enrollment_steps::taken_at, enrollment_steps::id)).load(&mut db.connection)?)
}
