//! The one place where the tests' ground touches the product: how a database is prepared, and how the product is served over it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use ksnik::api::server;
use ksnik::config::Settings;
use ksnik::config::database_url::DatabaseUrl;
use ksnik::context::{Machine, Surroundings};
use ksnik::service::App;
use ksnik::service::city::City;
use ksnik::service::documents::shelf;
use ksnik::service::housekeeping;
use ksnik::service::messages::gateway::Gateway;
use ksnik::service::population_office::Office;
use ksnik::store::db::Pool;

use super::databases::Seed;
use super::run_folder;
use super::server::Running;
use super::small_city;

/// One root key for all test databases, for a database and its copy must open with the same one.
pub const ROOT_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Settings that make tests quick and calm: light password hashing, a patient memory, a free port.
pub fn settings(database_url: &str, more: &[(&str, &str)]) -> Settings {
    let mut overrides = vec![
        ("database.url", database_url.to_owned()),
        ("database.pool_size", "4".to_owned()),
        ("database.wait_ms", "5000".to_owned()),
        ("keys.root_key", ROOT_KEY.to_owned()),
        ("documents.folder", run_folder::path().join("documents").display().to_string()),
        ("server.listen", "127.0.0.1:0".to_owned()),
        ("server.workers", "1".to_owned()),
        ("server.stale_after_ms", "20000".to_owned()),
        ("server.drain_ms", "0".to_owned()),
        ("summaries.slow_seconds", "0".to_owned()),
        ("sign_in.argon2_memory_kib", "64".to_owned()),
        ("sign_in.argon2_passes", "1".to_owned()),
    ];
    overrides.extend(more.iter().map(|(key, value)| (*key, (*value).to_owned())));
    Settings::load_from(None, &overrides, HashMap::new()).expect("the settings of the tests are valid")
}

/// The product as `serve` would build it, with time and chance of one's own.
pub fn app(settings: Settings, surroundings: Arc<dyn Surroundings>) -> Arc<App> {
    let url = DatabaseUrl::parse(secrecy::ExposeSecret::expose_secret(&settings.database.url)).expect("the harness gives a URL");
    let pool = Pool::new(url, settings.database.pool_size, Duration::from_millis(settings.database.wait_ms)).expect("a pool");
    let city = City::load(&settings).expect("the embedded files are valid");
    let office = Office::open(&settings.population_office).expect("the settings of the tests name an office");
    let documents = shelf::open(&settings).expect("the settings of the tests name a place for documents");
    let gateway = Gateway::open(&settings).expect("the settings of the tests name a gateway");
    Arc::new(App::new(settings, city, office, documents, gateway, surroundings, pool))
}

/// Migrates an empty database and fills it. It returns with all its connections closed, for the database is then copied.
pub fn prepare(database_url: &str, seed: Seed) {
    let app = app(settings(database_url, &[]), Arc::new(Machine));
    let mut db = app.pool.connect().expect("the new database is there");
    housekeeping::prepare(&app, &mut db).expect("migrations run");
    match seed {
        Seed::Migrated => {}
        Seed::City => small_city::fill(&app, &mut db),
    }
}

/// Serves it on a free port of the loopback.
pub fn start(database_url: &str) -> Running {
    start_app(app(settings(database_url, &[]), Arc::new(Machine)))
}

/// Serves this product, once it is ready.
pub fn start_app(app: Arc<App>) -> Running {
    let running = start_with(app.clone(), |_| {});
    wait_for(&app);
    running
}

/// Waits until it is ready.
pub fn wait_for(app: &App) {
    while app.ready().is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Serves this product with more routes behind the same edge, whether it is ready or not.
pub fn start_with(app: Arc<App>, more: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> Running {
    let (tell, started) = std::sync::mpsc::channel();
    let served = app.clone();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let bound = server::bind_with(served, more).expect("a free port");
            tell.send((bound.address, bound.handle())).expect("the test waits");
            bound.run().await.expect("the server ends when it is stopped");
        });
    });
    let (address, handle) = started.recv().expect("the server starts");
    let going = app.clone();
    let stop = move || {
        going.begin_going();
        // The order is given at once; what is returned only waits.
        drop(handle.stop(true));
        thread.join().expect("the server ends in order");
    };
    let token_of = move |user: &str| {
        let context = app.context();
        let keyring = app.pool.shared().keyring();
        app.issue_token(&keyring, small_city::id_of(user), None, context.new_id(), context.now).expect("a signing key").0
    };
    Running { address, token_of: Arc::new(token_of), stop: Box::new(stop) }
}
