//! A look into the tables, beside the product.

use super::databases::Engine;
use super::house::House;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};

pub fn count(house: &House, text: &str) -> i64 {
    let database = house.server.database();
    let query = diesel::dsl::sql::<BigInt>(text);
    match database.engine() {
        Engine::Sqlite => query.get_result(&mut SqliteConnection::establish(database.url().trim_start_matches("sqlite://")).expect("a file")),
        Engine::Postgres => query.get_result(&mut PgConnection::establish(database.url()).expect("a database")),
    }
    .expect("a count")
}
