//! S-04: 200 bodies of a GiB at once.

use super::support::bodies::eat_large_bodies;

#[test]
#[ignore = "minutes"]
fn bodies_without_end_cost_no_memory() {
    eat_large_bodies(200, 1 << 30);
}
