//! a minute without the database, in every way, and a minute without room on the disk.

use std::time::Duration;

use super::support::databases::Engine;
use super::support::outages::{Remote, comes_late, disk_is_full, goes_away};
use super::support::run_with;

const AWAY: Duration = Duration::from_secs(60);

#[test]
#[ignore = "minutes"]
fn a_minute_without_a_database_is_outlived() {
    run_with(|_| Remote::closed(), Engine::Postgres, async |remote| comes_late(remote, AWAY).await);
    for silently in [false, true] {
        run_with(|_| Remote::open(), Engine::Postgres, async |remote| goes_away(remote, silently, AWAY).await);
    }
}

#[test]
#[ignore = "minutes"]
fn a_minute_without_room_on_the_disk_is_outlived() {
    run_with(|_| Some(()), Engine::Sqlite, async |()| disk_is_full(AWAY).await);
}
