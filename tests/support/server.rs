//! The product, served on a port of its own over a database of its own, for one test.

use super::client::Client;
use super::databases::Database;
use super::product;
use ksnik::service::App;
use std::net::SocketAddr;
use std::sync::Arc;

/// What `product::start` hands over.
pub struct Running {
    pub address: SocketAddr,
    /// Makes an access token of the role, without a sign-in.
    pub token_of: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// Returns when the server has let go of the database.
    pub stop: Box<dyn FnOnce() + Send>,
}

pub struct Server {
    address: SocketAddr,
    token_of: Arc<dyn Fn(&str) -> String + Send + Sync>,
    stop: Option<Box<dyn FnOnce() + Send>>,
    // The last field: it is dropped when the server has stopped.
    database: Database,
}

impl Server {
    pub fn on(database: Database) -> Self {
        Self::running(database, product::start)
    }

    /// The same with a product of the test's own making.
    pub fn of(database: Database, app: Arc<App>) -> Self {
        Self::running(database, |_| product::start_app(app))
    }

    fn running(database: Database, start: impl FnOnce(&str) -> Running) -> Self {
        let Running { address, token_of, stop } = start(database.url());
        Self { address, token_of, stop: Some(stop), database }
    }

    /// A stranger; `as_role` signs it in.
    pub fn client(&self) -> Client {
        Client::new(self.address, self.token_of.clone())
    }

    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Server {
    /// Ends the service in order; its database stays until the end of the test.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
