//! 10,000 keys, each sent three times at once and once late.

use super::support::databases::{Database, Engine, Seed};
use super::support::retries::send_each_three_times;
use super::support::server::Server;

#[test]
#[ignore = "minutes"]
fn ten_thousand_keys_are_done_once_each() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = Database::copy_of(engine, Seed::City) else { continue };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let server = Server::on(database);
        runtime.block_on(async {
            // In waves, so that the test's own sockets are not what runs out.
            for wave in 0..100 {
                send_each_three_times(&server, wave * 100..(wave + 1) * 100).await;
            }
        });
    }
}
