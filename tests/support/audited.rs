//! A database with a log of events of every shape, for those who try to break it.

use std::sync::Arc;

use ksnik::context::{Machine, Purpose};
use ksnik::domain::id::Id;
use ksnik::domain::roles::{Caller, Role};
use ksnik::service::audit::{Verdict, verify};
use ksnik::service::{App, keys};
use ksnik::store::audit::Event;
use ksnik::store::db::{Db, write};
use ksnik::store::gate::Priority;
use serde_json::json;

use super::databases::Database;
use super::product;
use super::tampering::{Chance, Intruder};

/// The product over this database, unlocked but not served.
pub fn opened(database: &Database) -> (Arc<App>, Db) {
    let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
    let mut db = app.pool.connect().expect("the database is there");
    keys::reload(&mut db, &app.settings).expect("the root key opens it");
    (app, db)
}

/// Records so many events, from several writers at once, so that every stripe gets some.
pub fn record(app: &Arc<App>, events: usize) {
    const WRITERS: usize = 4;
    let threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let app = app.clone();
            std::thread::spawn(move || {
                let mut db = app.pool.connect().expect("a connection");
                for first in (writer * 10..events).step_by(WRITERS * 10) {
                    let several: Vec<Event> = (first..events.min(first + 10)).map(|number| event(&app, number)).collect();
                    write(&mut db, Priority::Bulk, |tx| {
                        several.iter().for_each(|event| tx.record(event.clone()));
                        Ok(())
                    })
                    .expect("events are recorded");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("a writer"));
}

fn event(app: &App, number: usize) -> Event {
    let mut context = app.context();
    if !number.is_multiple_of(3) {
        let facility_id = (number % 3 == 1).then(|| context.new_id());
        context = context.clone().as_caller(Caller { user_id: context.new_id(), role: Role::Clinic, facility_id, session_id: None });
    }
    context.purpose = (number.is_multiple_of(4)).then_some(Purpose::Treatment);
    context.actor = (number.is_multiple_of(5)).then(|| "loket 2".to_owned());
    let subjects: Vec<Id> = (0..number % 3).map(|_| context.new_id()).collect();
    Event::new(&context, "thing.tried").object(context.new_id()).about(subjects).with("before", json!({ "number": number }))
}

pub fn deep(db: &mut Db) -> Verdict {
    verify(db, true, &mut std::iter::empty()).expect("a verdict")
}

/// Tampers with a log of so many events so many times; every time must be found, and named at its place.
pub fn try_to_break(database: &Database, events: usize, times: usize, seed: u64) {
    let (app, mut db) = opened(database);
    record(&app, events);
    let mut intruder = Intruder::at(database.url());
    let rows = intruder.rows();
    assert!(rows.len() >= events);
    let whole = deep(&mut db);
    assert_eq!((&whole.broken, whole.events), (&None, rows.len() as i64));
    let mut chance = Chance(seed);
    for _ in 0..times {
        let tampering = intruder.tamper(&rows, &mut chance);
        tampering.must_be_told_by(&deep(&mut db));
        intruder.undo(tampering);
    }
    assert_eq!(deep(&mut db), whole, "everything was taken back");
}
