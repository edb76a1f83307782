//! Service levels, measured by the service itself: how long the check desk takes to answer, and in which minutes it could be asked.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::App;
use crate::domain::figures::first_of_month;
use crate::domain::service_levels::{BOUNDS, bucket};
use crate::error::Result;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;
use crate::store::service_levels;

const WHY_QUIET: &str = "how long answers took is about nobody";

/// Answers since they were last written down.
pub struct AnswerTimes(Vec<AtomicI64>);

impl Default for AnswerTimes {
    fn default() -> Self {
        Self(BOUNDS.iter().map(|_| AtomicI64::new(0)).collect())
    }
}

impl AnswerTimes {
    /// A check was answered: covered or not, an answer is one.
    pub fn note(&self, took: Duration) {
        let microseconds = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        self.0[bucket(microseconds)].fetch_add(1, Ordering::Relaxed);
    }

    fn take(&self) -> Vec<(i64, i64)> {
        let taken = BOUNDS.iter().zip(&self.0).map(|(bound, answers)| (*bound, answers.swap(0, Ordering::Relaxed)));
        taken.filter(|(_, answers)| *answers > 0).collect()
    }

    fn put_back(&self, taken: &[(i64, i64)]) {
        for (bound, answers) in taken {
            self.0[bucket(*bound)].fetch_add(*answers, Ordering::Relaxed);
        }
    }
}

/// Writes down what was answered, in the month that runs, and that the service is ready in this minute.
pub fn write_down(app: &App, db: &mut Db) -> Result<()> {
    let now = app.surroundings.now();
    let (today, minute) = (app.city.today(now), now.unix_seconds() / 60);
    let answers = app.answer_times.take();
    let is_ready = app.welcomes().is_ok();
    if answers.is_empty() && !is_ready {
        return Ok(());
    }
    let written = write_quietly(db, Priority::People, WHY_QUIET, |tx| {
        service_levels::add_answers(tx, first_of_month(today), &answers)?;
        if is_ready { service_levels::mark_ready(tx, today, minute) } else { Ok(()) }
    });
    written.inspect_err(|_| app.answer_times.put_back(&answers))
}
