//! What the door to a change promises, on both databases: many writers lose nothing, a change without an event is refused, a failure leaves no trace.

use ksnik::context::Machine;
use ksnik::error::{Error, Result};
use ksnik::store;
use ksnik::store::audit::Event;
use ksnik::store::db::{write, write_quietly};
use ksnik::store::gate::Priority;

use super::support::databases::Database;
use super::support::{on_both, product};

on_both!(eight_writers_lose_no_update);
async fn eight_writers_lose_no_update(database: Database) {
    let app = product::app(product::settings(database.url(), &[("database.pool_size", "8")]), std::sync::Arc::new(Machine));
    ksnik::service::keys::unlock(&mut app.pool.connect().unwrap(), &app.settings, &app.context()).unwrap();
    let before = store::keys::versions(&mut app.pool.get().unwrap()).unwrap().sessions;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut db = app.pool.get().unwrap();
                for _ in 0..50 {
                    // Read, then write: what loses updates wherever the two are not one step.
                    write_quietly(&mut db, Priority::People, "a counter for this test", store::keys::bump_sessions).unwrap();
                }
            });
        }
    });
    assert_eq!(store::keys::versions(&mut app.pool.get().unwrap()).unwrap().sessions, before + 400);
}

on_both!(a_change_without_an_event_is_refused_and_leaves_nothing);
async fn a_change_without_an_event_is_refused_and_leaves_nothing(database: Database) {
    let app = product::app(product::settings(database.url(), &[]), std::sync::Arc::new(Machine));
    let mut db = app.pool.connect().unwrap();
    ksnik::service::keys::unlock(&mut db, &app.settings, &app.context()).unwrap();
    let before = store::keys::versions(&mut db).unwrap();
    let refused: Result<()> = write(&mut db, Priority::People, store::keys::bump_sessions);
    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    let failed: Result<()> = write(&mut db, Priority::People, |tx| {
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(&app.context(), "test.failed"));
        Err(Error::internal("the work failed after its change"))
    });
    assert!(failed.is_err());
    assert_eq!(store::keys::versions(&mut db).unwrap(), before);
    // The connection is as good as before.
    write(&mut db, Priority::People, |tx| {
        tx.record(Event::new(&app.context(), "test.done"));
        store::keys::bump_sessions(tx)
    })
    .unwrap();
    assert_eq!(store::keys::versions(&mut db).unwrap().sessions, before.sessions + 1);
}
