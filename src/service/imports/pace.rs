//! The pace of bulk work: steps that aim at a few milliseconds, and pauses as long as the work when others want to write.

use std::time::Duration;

use crate::config::database_url::Backend;
use crate::store::db::Db;

/// How an import behaves beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// Nobody else uses the database: large steps, no pauses.
    Alone,
    /// Pauses after each step: whoever waits is in another process and cannot be seen from here.
    AlwaysPause,
    /// Pauses while someone else came to write since the step before.
    PauseForOthers,
}

/// How many rows the next step takes, found by how long the last ones took.
pub struct Pace {
    manners: Manners,
    aim: Duration,
    rows: usize,
    most: usize,
    others: u64,
}

/// What a step costs whatever its length, a commit among it, is shared by at least so many rows.
const FEWEST: usize = 50;

impl Pace {
    pub fn new(manners: Manners, backend: Backend) -> Self {
        let (rows, most) = match manners {
            Manners::Alone => (500, 2_000),
            Manners::AlwaysPause | Manners::PauseForOthers => (100, 500),
        };
        let aim = match (manners, backend) {
            (Manners::Alone, _) => Duration::from_millis(200),
            // SQLite has one writer: a check waits for the step that is under way.
            (_, Backend::Sqlite) => Duration::from_millis(10),
            (_, Backend::Postgres) => Duration::from_millis(50),
        };
        Self { manners, aim, rows, most, others: 0 }
    }

    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Takes note of how long a step took, and says how long to pause after it.
    pub fn after(&mut self, worked: Duration, db: &Db) -> Duration {
        self.learn(worked);
        let others = db.shared().others_who_came();
        let someone_came = std::mem::replace(&mut self.others, others) != others;
        match (self.manners, db.backend()) {
            (Manners::Alone, _) | (_, Backend::Postgres) => Duration::ZERO,
            (Manners::AlwaysPause, Backend::Sqlite) => worked,
            (Manners::PauseForOthers, Backend::Sqlite) if someone_came => worked,
            (Manners::PauseForOthers, Backend::Sqlite) => Duration::ZERO,
        }
    }

    fn learn(&mut self, worked: Duration) {
        let factor = (self.aim.as_secs_f64() / worked.as_secs_f64().max(1e-6)).clamp(0.5, 1.5);
        // Both ends are small whole numbers, so the way over a fraction loses nothing.
        self.rows = ((self.rows as f64 * factor).round() as usize).clamp(FEWEST, self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_to_take_as_long_as_they_should() {
        for (per_row_micros, expected) in [(10, 500), (40, 250), (100, 100), (400, FEWEST), (2_000, FEWEST)] {
            let mut pace = Pace::new(Manners::PauseForOthers, Backend::Sqlite);
            for _ in 0..20 {
                let worked = Duration::from_micros(per_row_micros * pace.rows() as u64);
                pace.learn(worked);
            }
            assert!(pace.rows().abs_diff(expected) <= 1, "{per_row_micros} µs a row: {} rows", pace.rows());
        }
    }
}
