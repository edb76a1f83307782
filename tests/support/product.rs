//! The one place where the tests' ground touches the product: how a database is prepared, and how the product is served over it.

use super::databases::Seed;
use super::server::Running;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use std::sync::Arc;

/// Migrates an empty database and fills it. It returns with all its connections closed, for the database is then copied.
pub fn prepare(database_url: &str, seed: Seed) {
    let tables = "CREATE TABLE place (name TEXT NOT NULL);";
    let text = match seed {
        Seed::Migrated => tables.to_owned(),
        Seed::City => format!("{tables} INSERT INTO place VALUES ('Bekasi');"),
    };
    match database_url.strip_prefix("sqlite://") {
        Some(file) => SqliteConnection::establish(file).expect("a new file").batch_execute(&text),
        None => PgConnection::establish(database_url).expect("a new database").batch_execute(&text),
    }
    .expect("migrations run");
}

/// Serves it on a free port of the loopback.
pub fn start(_database_url: &str) -> Running {
    let (tell, started) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let not_found = || async {
                let body = serde_json::json!({"type": "/problems/not-found", "title": "Not found", "status": 404, "code": "NOT_FOUND"});
                HttpResponse::NotFound().content_type("application/problem+json").body(body.to_string())
            };
            let live = || async { HttpResponse::Ok().json(serde_json::json!({"status": "live"})) };
            let server = HttpServer::new(move || App::new().route("/health/live", web::get().to(live)).default_service(web::to(not_found)));
            let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("a free port");
            let address = server.addrs()[0];
            let running = server.run();
            tell.send((address, running.handle())).expect("the test waits");
            running.await.expect("the server ends when it is stopped");
        });
    });
    let (address, handle) = started.recv().expect("the server starts");
    let stop = move || {
        // The order is given at once; what is returned only waits.
        drop(handle.stop(true));
        thread.join().expect("the server ends in order");
    };
    Running { address, token_of: Arc::new(str::to_owned), stop: Box::new(stop) }
}
