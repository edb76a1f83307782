//! S-13: 10,000 events, 1,000 ways to tamper with them, all found.

use super::support::audited::try_to_break;
use super::support::databases::Database;
use super::support::on_both;

on_both!(
    #[ignore = "minutes"]
    a_thousand_tamperings_with_ten_thousand_events_are_found
);
async fn a_thousand_tamperings_with_ten_thousand_events_are_found(database: Database) {
    try_to_break(&database, 10_000, 1_000, 0x5eed_0013);
}
