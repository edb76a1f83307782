//! 10,000 keys, each sent three times at once and once late.

use super::support::on_both;
use super::support::retries::send_each_three_times;
use super::support::server::Server;

on_both!(
    #[ignore = "minutes"]
    ten_thousand_keys_are_done_once_each
);
async fn ten_thousand_keys_are_done_once_each(server: Server) {
    // In waves, so that the test's own sockets are not what runs out.
    for wave in 0..100 {
        send_each_three_times(&server, wave * 100..(wave + 1) * 100).await;
    }
}
