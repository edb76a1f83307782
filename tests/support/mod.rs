//! What the tests stand on: throwaway databases of both kinds, a served product on top of them, and a client that speaks to it.
//!
//! A test is a plain function of what it needs, and `on_both!` makes two named tests of it:
//!
//! ```ignore
//! on_both!(an_unknown_nik_is_not_eligible);
//! async fn an_unknown_nik_is_not_eligible(server: Server) {
//!     let answer = server.client().as_role("clinic").post("/api/v1/eligibility-checks", json!({…})).await;
//! ```
//!
//! It may ask for a `Database` (migrated, nothing in it), a `Server` (the small city of `Seed::City`, served) or a `DatedServer` (the same on a fixed day). Everything that knows the product is in
//! `product.rs`.

// Each test binary takes in this module and uses a part of it.
#![allow(dead_code, unused_imports, unused_macros)]

pub mod audited;
pub mod binary;
pub mod bodies;
pub mod bucket;
pub mod client;
pub mod databases;
pub mod dated;
pub mod demo;
pub mod house;
pub mod interruptions;
pub mod load;
pub mod office;
pub mod outages;
pub mod papers;
pub mod postgres;
pub mod product;
pub mod proxy;
pub mod retries;
pub mod rows;
pub mod run_folder;
pub mod served;
pub mod server;
pub mod small_city;
pub mod stalled;
pub mod tampering;
pub mod turns;
pub mod wire;

use databases::{Database, Engine, Seed};
use server::Server;

/// What a test body may ask for. `None` when this machine has no such database.
pub trait Given: Sized {
    fn on(engine: Engine) -> Option<Self>;
}

impl Given for Database {
    fn on(engine: Engine) -> Option<Self> {
        Database::copy_of(engine, Seed::Migrated)
    }
}

impl Given for Server {
    fn on(engine: Engine) -> Option<Self> {
        Database::copy_of(engine, Seed::City).map(Server::on)
    }
}

/// Runs one body on one database, on a runtime of its own.
pub fn run<G: Given>(engine: Engine, body: impl AsyncFnOnce(G)) {
    run_with(G::on, engine, body);
}

/// The same with something that the test makes by itself.
pub fn run_with<G>(make: impl FnOnce(Engine) -> Option<G>, engine: Engine, body: impl AsyncFnOnce(G)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let Some(given) = make(engine) {
        runtime.block_on(body(given));
    }
}

/// Makes of `async fn name(given)` the tests `name::on_sqlite` and `name::on_postgres`. It stands beside the function rather than around it, so that rustfmt
/// still sees the body; a function that is left without it is dead code, which clippy refuses.
macro_rules! on_both {
    ($body:ident, $make:ident) => {
        mod $body {
            #[test]
            fn on_sqlite() {
                crate::support::run_with(super::$make, crate::support::databases::Engine::Sqlite, super::$body);
            }

            #[test]
            fn on_postgres() {
                crate::support::run_with(super::$make, crate::support::databases::Engine::Postgres, super::$body);
            }
        }
    };
    ($(#[$attribute:meta])* $body:ident) => {
        mod $body {
            #[test]
            $(#[$attribute])*
            fn on_sqlite() {
                crate::support::run(crate::support::databases::Engine::Sqlite, super::$body);
            }

            #[test]
            $(#[$attribute])*
            fn on_postgres() {
                crate::support::run(crate::support::databases::Engine::Postgres, super::$body);
            }
        }
    };
}
pub(crate) use on_both;
