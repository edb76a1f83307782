//! fifty kills, and ten orders to stop with a thousand answers before each.

use super::support::interruptions::{kill_again_and_again, stop_again_and_again};

#[test]
#[ignore = "minutes"]
fn what_was_acknowledged_outlives_fifty_kills() {
    kill_again_and_again(50, 0x5eed_0101);
}

#[test]
#[ignore = "minutes"]
fn ten_stops_under_load_lose_nothing() {
    stop_again_and_again(10, 1_000);
}
