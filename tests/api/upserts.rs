//! Many people at once, as imports bring them: the same rows again change nothing, and a row that cannot be taken hinders no other.

use std::sync::Arc;

use ksnik::context::Machine;
use ksnik::domain::id::Id;
use ksnik::domain::imports::{CardRow, Column, ParticipantRow};
use ksnik::domain::jkn::{JknPeriod, JknSegment, JknState};
use ksnik::domain::nik::Nik;
use ksnik::domain::registration::{RawRegistration, Registration};
use ksnik::domain::roles::{Caller, Role};
use ksnik::service::App;
use ksnik::service::housekeeping;
use ksnik::service::imports::{RefusalCode, RowOutcome};
use ksnik::service::searches::{Number, lookup};
use ksnik::service::upsert_plan::Row;
use ksnik::service::upserts::take;
use ksnik::store::db::{Db, write_quietly};
use ksnik::store::gate::Priority;
use serde_json::{Value, json};

use super::people::{nik, person};
use super::support::databases::Database;
use super::support::on_both;
use super::support::product;

/// A slice in a transaction of its own.
fn upsert(app: &App, db: &mut Db, rows: &[ParticipantRow], dry_run: bool) -> Vec<RowOutcome> {
    let context = app.context();
    let rows: Vec<Row<'_>> = rows.iter().map(|row| Row::new(&context, row)).collect();
    write_quietly(db, Priority::Bulk, "only who was entered or changed is told", |tx| {
        if dry_run { tx.rehearse(|tx| take(app, tx, &context, &rows)) } else { take(app, tx, &context, &rows) }
    })
    .expect("the rows are taken")
}

struct Place {
    app: Arc<App>,
    db: Db,
}

impl Place {
    fn on(database: &Database) -> Self {
        let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
        let mut db = app.pool.connect().expect("the database is there");
        housekeeping::prepare(&app, &mut db).expect("it opens");
        Self { app, db }
    }

    fn run(&mut self, rows: &[ParticipantRow], dry_run: bool) -> Vec<RowOutcome> {
        upsert(&self.app, &mut self.db, rows, dry_run)
    }

    fn row(&self, serial: u16, changes: Value) -> ParticipantRow {
        let body = person(serial, changes);
        let text = |field: &str| body[field].as_str();
        let raw = RawRegistration {
            nik: text("nik"),
            kk_number: text("kk_number"),
            relation: text("relation"),
            name: text("name"),
            birth_date: text("birth_date"),
            sex: text("sex"),
            village_code: text("village_code"),
            rt: text("rt"),
            rw: text("rw"),
            address: text("address"),
            phone: text("phone"),
            resident_since: text("resident_since"),
            mother_name: text("mother_name"),
        };
        let city = &self.app.city;
        let registration = Registration::from_raw(&raw, city.today(self.app.surroundings.now()), &city.regions).expect("a good row");
        ParticipantRow { registration, warnings: Vec::new(), card: None, jkn: None }
    }

    /// Name, phone, KK, JKN state and card of whom this NIK finds.
    fn seen(&mut self, serial: u16) -> Option<[Option<String>; 5]> {
        let context = self.app.context();
        let caller = Caller { user_id: Id::from_bytes([7; 16]), role: Role::Admin, facility_id: None, session_id: None };
        let number = Number::Nik(Nik::parse(&nik(serial)).expect("16 digits"));
        let profile = lookup(&self.app, &mut self.db, &context, &caller, &number).ok()?;
        Some([
            Some(profile.participant.identity.name),
            profile.participant.contact.phone,
            profile.household.map(|(household, _)| household.cell.kk_number),
            profile.jkn.map(|period| period.state.to_string()),
            profile.enrollment.and_then(|enrollment| enrollment.card_number),
        ])
    }
}

fn card(number: &str) -> Option<CardRow> {
    Some(CardRow { number: number.to_owned(), issued_on: Some("2018-05-01".parse().expect("a date")) })
}

fn jkn(state: JknState, from: &str) -> Option<JknPeriod> {
    Some(JknPeriod { valid_from: from.parse().expect("a date"), valid_to: None, segment: JknSegment::PbiApbn, state })
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

on_both!(the_same_rows_again_change_nothing);
async fn the_same_rows_again_change_nothing(database: Database) {
    let mut place = Place::on(&database);
    let rows: Vec<ParticipantRow> = (0..400)
        .map(|at| {
            let kk = format!("32750120011{:05}", at / 4);
            let relation = if at % 4 == 0 { "head" } else { "child" };
            let row = place.row(9000 + at, json!({"kk_number": kk, "relation": relation}));
            ParticipantRow {
                card: card(&format!("KS-{at:05}")).filter(|_| at % 3 == 0),
                jkn: jkn(JknState::Active, "2020-01-01").filter(|_| at % 2 == 0),
                ..row
            }
        })
        .collect();
    assert!(place.run(&rows, true).iter().all(|outcome| matches!(outcome, RowOutcome::Created(_))));
    assert_eq!(place.seen(9000), None, "a dry run enters nobody");

    let first = place.run(&rows, false);
    let ids: Vec<Id> = first.iter().map(|outcome| if let RowOutcome::Created(id) = outcome { *id } else { panic!("{outcome:?}") }).collect();
    let expected = [text("Wulan Teladan"), text("081200000007"), text("3275012001100001"), text("active"), text("KS-00006")];
    assert_eq!(place.seen(9006), Some(expected.clone()));
    for dry_run in [true, false, false] {
        let unchanged: Vec<RowOutcome> = ids.iter().map(|id| RowOutcome::Unchanged(*id)).collect();
        assert_eq!(place.run(&rows, dry_run), unchanged);
    }
    assert_eq!(place.seen(9006), Some(expected));
}

on_both!(what_differs_is_brought_up_to_date);
async fn what_differs_is_brought_up_to_date(database: Database) {
    let mut place = Place::on(&database);
    let before = ParticipantRow { card: card("KS-1"), jkn: jkn(JknState::Active, "2020-01-01"), ..place.row(9001, json!({})) };
    place.run(&[before], false);
    let now = place.row(9001, json!({"name": "Wulan Sari", "phone": null, "kk_number": "3275012001159008"}));
    let now = [ParticipantRow { card: card("KS-2"), jkn: jkn(JknState::Inactive, "2024-01-01"), ..now }];
    assert!(matches!(place.run(&now, false)[..], [RowOutcome::Changed(_)]));
    let expected = [text("Wulan Sari"), text("081200000007"), text("3275012001159008"), text("inactive"), text("KS-2")];
    assert_eq!(place.seen(9001), Some(expected), "a phone that the file leaves open stays");
    assert!(matches!(place.run(&now, false)[..], [RowOutcome::Unchanged(_)]));
}

on_both!(a_row_that_cannot_be_taken_hinders_no_other);
async fn a_row_that_cannot_be_taken_hinders_no_other(database: Database) {
    let mut place = Place::on(&database);
    let known = ParticipantRow { card: card("KS-1"), jkn: jkn(JknState::Active, "2020-01-01"), ..place.row(9001, json!({})) };
    place.run(&[known], false);
    let child = json!({"relation": "child"});
    let rows = [
        place.row(9001, json!({"resident_since": "2010-01-01", "name": "Never Written"})),
        ParticipantRow { card: card("KS-1"), ..place.row(9002, child.clone()) },
        ParticipantRow { card: card("KS-3"), ..place.row(9003, child.clone()) },
        ParticipantRow { card: card("KS-3"), ..place.row(9004, child.clone()) },
        place.row(9005, child.clone()),
        place.row(9005, child),
    ];
    let outcomes = place.run(&rows, false);
    assert_eq!(outcomes[0], RowOutcome::refused(Column::ResidentSince, RefusalCode::ResidentSinceDiffers));
    assert_eq!(outcomes[1], RowOutcome::refused(Column::CardNumber, RefusalCode::CardAlreadyRegistered));
    assert_eq!(outcomes[3], RowOutcome::refused(Column::CardNumber, RefusalCode::CardAlreadyRegistered));
    assert_eq!(outcomes[5], RowOutcome::refused(Column::Nik, RefusalCode::NikRepeated));
    assert!(matches!((&outcomes[2], &outcomes[4]), (RowOutcome::Created(_), RowOutcome::Created(_))));
    assert_eq!(place.seen(9001).and_then(|seen| seen[0].clone()), text("Wulan Teladan"));
    assert_eq!((place.seen(9002), place.seen(9004)), (None, None));

    let overlapping = [ParticipantRow { jkn: jkn(JknState::Inactive, "2019-01-01"), ..place.row(9001, json!({})) }];
    assert_eq!(place.run(&overlapping, false), [RowOutcome::refused(Column::JknValidFrom, RefusalCode::JknPeriodOverlaps)]);
}

on_both!(two_slices_with_the_same_people_meet);
async fn two_slices_with_the_same_people_meet(database: Database) {
    let mut place = Place::on(&database);
    let rows: Vec<ParticipantRow> = (0..100).map(|at| place.row(9000 + at, json!({"relation": "child"}))).collect();
    let created = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let (app, rows) = (place.app.clone(), &rows);
                scope.spawn(move || {
                    let mut db = app.pool.connect().expect("a connection");
                    upsert(&app, &mut db, rows, false)
                })
            })
            .collect();
        let outcomes = threads.into_iter().flat_map(|thread| thread.join().expect("it ends"));
        outcomes.filter(|outcome| matches!(outcome, RowOutcome::Created(_))).count()
    });
    assert_eq!(created, 100, "each once");
    assert!(place.run(&rows, false).iter().all(|outcome| matches!(outcome, RowOutcome::Unchanged(_))));
}
