//! The small city that most tests play in: a few facilities, a user for every role, and people who can be asked for. Everything has a name, and
//! its id comes from the name.

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use ksnik::context::Context;
use ksnik::domain::facilities::{Contract, Facility, FacilityClass, FacilityKind};
use ksnik::domain::id::Id;
use ksnik::domain::nik::Nik;
use ksnik::privacy::cells::Column;
use ksnik::service::App;
use ksnik::store;
use ksnik::store::audit::Event;
use ksnik::store::db::{Db, write};
use ksnik::store::gate::Priority;
use ksnik::store::sealed::Identity;

/// Name of the user, role, facility.
const USERS: &[(&str, &str, Option<&str>)] = &[
    ("admin", "admin", None),
    ("registrar", "registrar", None),
    ("counter", "registrar", Some("puskesmas")),
    ("clinic", "clinic", Some("klinik")),
    ("hospital", "hospital", Some("rsud")),
    ("other_hospital", "hospital", Some("rs_lain")),
    ("unbound_hospital", "hospital", Some("rs_lepas")),
    ("verifier", "verifier", None),
    ("finance", "finance", None),
    ("manager", "manager", None),
    ("auditor", "auditor", None),
    ("dpo", "dpo", None),
];

/// Name, kind, class, government; and whether a contract binds it.
const FACILITIES: &[(&str, FacilityKind, Option<FacilityClass>, bool, bool)] = &[
    ("puskesmas", FacilityKind::Puskesmas, None, true, true),
    ("klinik", FacilityKind::Clinic, None, false, true),
    ("rsud", FacilityKind::Hospital, Some(FacilityClass::B), true, true),
    ("rs_lain", FacilityKind::Hospital, Some(FacilityClass::C), false, true),
    ("rs_lepas", FacilityKind::Hospital, Some(FacilityClass::D), false, false),
];

/// Synthetic people: NIK, name, birth date.
pub const PEOPLE: &[(&str, &str, &str)] = &[
    ("3275014501909001", "Siti Teladan", "1990-01-05"),
    ("3275011203859002", "Budi Teladan", "1985-03-12"),
    ("3275015507709003", "Tini Teladan", "1970-07-15"),
];

/// A NIK that nobody has.
pub const NOBODY: &str = "3275010101019999";

/// The id of the user, facility or person of this name.
pub fn id_of(name: &str) -> Id {
    let mut bytes = [0; 16];
    for (at, byte) in name.bytes().rev().take(16).enumerate() {
        bytes[15 - at] = byte;
    }
    Id::from_bytes(bytes)
}

pub fn fill(app: &App, db: &mut Db) {
    let context = app.context();
    write(db, Priority::Bulk, |tx| {
        for &(name, kind, class, government, bound) in FACILITIES {
            let facility = facility(name, kind, class, government);
            store::facilities::insert(tx, &facility, context.now)?;
            if bound {
                store::facilities::insert_contract(tx, &contract(&context, facility.id), context.now)?;
            }
        }
        tx.record(Event::new(&context, "city.filled"));
        store::keys::bump_catalogue(tx)
    })
    .expect("facilities are stored");
    // Of a password that nobody is told.
    let password = secrecy::SecretString::from(context.new_id().to_string());
    let hash = app.passwords.turn().and_then(|turn| turn.hash(&password, [7; 16])).expect("a hash");
    let mut texts = String::new();
    for (name, role, facility) in USERS {
        let facility = facility.map_or("NULL".to_owned(), |facility| bytes(db, id_of(facility).as_bytes()));
        let (yes, no) = if is_sqlite(db) { ("1", "0") } else { ("TRUE", "FALSE") };
        texts += &format!(
            "INSERT INTO users VALUES ({}, 1, '{name}', '{name}', '{role}', {facility}, '{hash}', {no}, {yes}, '2026-01-01 00:00:00', '2026-01-01 00:00:00');",
            bytes(db, id_of(name).as_bytes())
        );
    }
    let keyring = db.keyring();
    for (nik, name, birth_date) in PEOPLE {
        let (id, birth_date) = (id_of(nik), birth_date.parse::<NaiveDate>().expect("a date"));
        let index = keyring.nik_index(&Nik::parse(nik).expect("16 digits")).expect("a key");
        let identity = Identity { nik: (*nik).to_owned(), name: (*name).to_owned(), birth_date, former_niks: Vec::new(), guessed: Vec::new() };
        let identity = keyring.seal_json(Column::ParticipantIdentity, id, &identity).expect("a key");
        let contact = keyring.seal_json(Column::ParticipantContact, id, &store::sealed::Contact::default()).expect("a key");
        texts += &format!(
            "INSERT INTO nik_registry VALUES ({}, {}, {id});
             INSERT INTO participants VALUES ({id}, 1, 'active', 'F', {}, '3275011001', {}, {}, '2026-01-01 00:00:00', '2026-01-01 00:00:00');",
            bytes(db, index.value.as_bytes()),
            index.key_id,
            birth_date.format("%Y"),
            bytes(db, &identity),
            bytes(db, &contact),
            id = bytes(db, id.as_bytes()),
        );
    }
    execute(app, &texts);
}

fn facility(name: &str, kind: FacilityKind, class: Option<FacilityClass>, government: bool) -> Facility {
    Facility {
        id: id_of(name),
        version: 1,
        code: Some(name.to_uppercase()),
        name: name.to_owned(),
        kind,
        class,
        government,
        inside_city: true,
        village_code: Some("3275011001".to_owned()),
        beds: None,
        address: None,
        contracts: Vec::new(),
    }
}

fn contract(context: &Context, facility_id: Id) -> Contract {
    Contract {
        id: context.new_id(),
        facility_id,
        valid_from: NaiveDate::from_ymd_opt(2017, 1, 16).expect("a date"),
        valid_to: None,
        contract_number: None,
        terminated_on: None,
        termination_reason: None,
        termination_document: None,
    }
}

fn is_sqlite(db: &Db) -> bool {
    db.backend() == ksnik::config::database_url::Backend::Sqlite
}

fn bytes(db: &Db, bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if is_sqlite(db) { format!("X'{digits}'") } else { format!("'\\x{digits}'::bytea") }
}

/// The bytes of a column named `value`, as they stand in the database.
pub fn column(app: &App, query: &str) -> Vec<Vec<u8>> {
    #[derive(QueryableByName)]
    struct Cell {
        #[diesel(sql_type = diesel::sql_types::Binary)]
        value: Vec<u8>,
    }
    let url = secrecy::ExposeSecret::expose_secret(&app.settings.database.url);
    let cells: Vec<Cell> = match url.strip_prefix("sqlite://") {
        Some(file) => diesel::sql_query(query).load(&mut SqliteConnection::establish(file).expect("the file is there")),
        None => diesel::sql_query(query).load(&mut PgConnection::establish(url).expect("the database is there")),
    }
    .expect("the query runs");
    cells.into_iter().map(|cell| cell.value).collect()
}

/// Statements of the test's own, beside the product.
pub fn execute(app: &App, texts: &str) {
    let url = secrecy::ExposeSecret::expose_secret(&app.settings.database.url);
    match url.strip_prefix("sqlite://") {
        Some(file) => SqliteConnection::establish(file).expect("the file is there").batch_execute(texts),
        None => PgConnection::establish(url).expect("the database is there").batch_execute(texts),
    }
    .expect("the statements run");
}
