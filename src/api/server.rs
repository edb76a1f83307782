//! The HTTP server: how it is set up, started, and stopped without losing what it accepted.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Web, HttpResponse, HttpServer, web};

use super::connections::Connections;
use super::problem::Problem;
use super::{State, edge, operations, routes};
use crate::error::{Code, Error};
use crate::service::App;
use crate::service::housekeeping::Housekeeper;
use crate::service::imports::Importer;

/// A server that is bound and about to run.
pub struct Bound {
    pub address: SocketAddr,
    pub app: Arc<App>,
    server: Server,
    connections: Connections,
    importer: Importer,
    housekeeper: Housekeeper,
    /// Why the service cannot be started with its files, once that is known.
    refusal: Arc<OnceLock<String>>,
}

/// Binds the address and begins to open the database in the background. Until that is done every answer but liveness is 503.
pub fn bind(app: Arc<App>) -> Result<Bound, String> {
    bind_with(app, |_| {})
}

/// The same with more routes behind the same edge: benches and tests compare and provoke there what a product should not offer.
pub fn bind_with(app: Arc<App>, more: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> Result<Bound, String> {
    crate::telemetry::count();
    let settings = app.settings.server.clone();
    settings.trusted()?;
    let listener = TcpListener::bind(&settings.listen).map_err(|error| format!("server.listen: {} cannot be bound: {error}", settings.listen))?;
    let address = listener.local_addr().map_err(|error| format!("server.listen: {error}"))?;
    let state = web::Data::new(State(app.clone()));
    let connections = Connections::default();
    let greeted = connections.clone();
    let mut server = HttpServer::new(move || {
        Web::new()
            .app_data(state.clone())
            .wrap(Compress::default())
            .wrap(from_fn(edge::edge))
            .configure(routes::mount)
            .service(operations::docs_pages())
            .configure(more.clone())
            .default_service(web::to(|| async { HttpResponse::from_error(Problem(Error::refused(Code::NotFound))) }))
    })
    .on_connect(move |io, data| greeted.greet(io, data))
    .keep_alive(Duration::from_millis(settings.keep_alive_ms))
    .client_request_timeout(Duration::from_millis(settings.head_timeout_ms))
    .max_connections(settings.max_connections)
    .shutdown_timeout(settings.finish_ms.div_ceil(1000))
    .disable_signals();
    if settings.workers > 0 {
        server = server.workers(settings.workers);
    }
    let server = server.listen(listener).map_err(|error| format!("server.listen: {error}"))?.run();
    let (refusal, handle) = (Arc::new(OnceLock::new()), server.handle());
    let told = refusal.clone();
    let housekeeper = Housekeeper::begin(app.clone(), move |reason| {
        let _ = told.set(reason);
        // The order is given at once; what is returned only waits.
        drop(handle.stop(false));
    });
    let importer = Importer::begin(app.clone());
    Ok(Bound { address, app, server, connections, importer, housekeeper, refusal })
}

impl Bound {
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Runs until stopped by its handle; then the desk answers what still waits, the import under way stops between two steps, and the
    /// housekeeper comes last.
    pub async fn run(self) -> Result<(), String> {
        let Self { app, server, connections, importer, mut housekeeper, refusal, .. } = self;
        let settings = &app.settings.server;
        let watching = actix_web::rt::spawn(connections.watch(Duration::from_millis(settings.keep_alive_ms + settings.head_timeout_ms)));
        let ended = server.await.map_err(|error| format!("the server ended: {error}"));
        watching.abort();
        if let Ok(desk) = app.desk() {
            desk.close();
        }
        drop(importer);
        housekeeper.end();
        refusal.get().map_or(ended, |reason| Err(reason.clone()))
    }

    /// Runs until SIGTERM or Ctrl-C, then says "not ready" for a while, finishes what was accepted, and ends.
    pub async fn run_until_told(self) -> Result<(), String> {
        let handle = self.server.handle();
        let app = self.app.clone();
        actix_web::rt::spawn(async move {
            stop_signal().await;
            tracing::info!("told to stop: not ready any more, finishing what was accepted");
            app.begin_going();
            tokio::time::sleep(Duration::from_millis(app.settings.server.drain_ms)).await;
            handle.stop(true).await;
        });
        self.run().await
    }
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler for SIGTERM there is still Ctrl-C.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
