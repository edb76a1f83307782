//! 10,000 keys, each sent three times at once and once late.

use serde_json::json;

use super::support::audited::opened;
use super::support::on_both;
use super::support::retries::send_each_three_times;
use super::support::server::Server;
use super::support::small_city::{self, PEOPLE};

const KEYS: usize = 10_000;
/// As many as a server of the tests, with its four connections, serves without turning anybody away.
const AT_ONCE: usize = 25;

on_both!(
    #[ignore = "minutes"]
    ten_thousand_keys_are_done_once_each
);
async fn ten_thousand_keys_are_done_once_each(server: Server) {
    let clinic = server.client().as_role("clinic");
    let body = |number: usize| json!({"nik": PEOPLE[0].0, "diagnosis_code": "A09", "issued_on": "2026-01-02", "reason": format!("{number}")});
    for first in (0..KEYS).step_by(AT_ONCE) {
        send_each_three_times(&clinic, "/api/v1/referrals", first..first + AT_ONCE, body).await;
    }
    let (app, _) = opened(server.database());
    assert_eq!(small_city::column(&app, "SELECT id AS value FROM referrals").len(), KEYS);
}
