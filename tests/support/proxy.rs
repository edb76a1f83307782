//! The road to a database, which a test can close: nobody listens, or somebody takes the call and says nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

pub struct Proxy {
    port: u16,
    target: SocketAddr,
    runtime: Handle,
    flows: watch::Sender<bool>,
    calls: Arc<AtomicUsize>,
    accepting: Option<AbortHandle>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Nobody listens yet. The URL is that of the database behind it; `url` gives the one through it.
    pub fn to(url: &str) -> Self {
        let (_, place) = url.rsplit_once('@').expect("a URL with a user");
        let target = place.split(['/', '?']).next().and_then(|place| place.parse().ok()).expect("an address with a port");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (stop, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let thread = std::thread::spawn(move || {
            // The sender going away is a stop as well.
            let _ = runtime.block_on(stopped);
        });
        // Taken and let go: it is ours again as soon as somebody shall listen.
        let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
        Self {
            port,
            target,
            runtime: handle,
            flows: watch::Sender::new(true),
            calls: Arc::default(),
            accepting: None,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The URL through the proxy.
    pub fn url(&self, direct: &str) -> String {
        direct.replacen(&self.target.to_string(), &format!("127.0.0.1:{}", self.port), 1)
    }

    pub fn open(&mut self) {
        let (port, target, flows, calls) = (self.port, self.target, self.flows.subscribe(), self.calls.clone());
        let (bound, is_bound) = std::sync::mpsc::channel();
        let accepting = self.runtime.spawn(async move {
            let listener = listen(port);
            bound.send(()).expect("whoever opens waits");
            // Dropped with this task, and then every connection is cut.
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.expect("a connection");
                calls.fetch_add(1, Ordering::SeqCst);
                connections.spawn(carry(client, target, flows.clone()));
            }
        });
        is_bound.recv().expect("the port is free");
        self.accepting = Some(accepting.abort_handle());
    }

    /// Cuts every connection, and refuses new ones.
    pub fn cut(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            while !accepting.is_finished() {
                std::thread::yield_now();
            }
        }
    }

    /// How many have called so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Nothing comes through. Who calls meanwhile is heard and never answered.
    pub fn silence(&self) {
        self.flows.send_replace(false);
    }

    pub fn go_on(&self) {
        self.flows.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the proxy ends in order");
        }
    }
}

fn listen(port: u16) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    // Its own former connections may still be about to close.
    socket.set_reuseaddr(true).expect("a setting");
    socket.bind((Ipv4Addr::LOCALHOST, port).into()).expect("nobody else took the port");
    socket.listen(128).expect("a listener")
}

async fn carry(client: TcpStream, target: SocketAddr, flows: watch::Receiver<bool>) {
    if !*flows.borrow() {
        // Held, not closed, until the road is cut.
        std::future::pending::<()>().await;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // Either side going away ends both.
    tokio::select! {
        () = pump(from_client, to_server, flows.clone()) => {}
        () = pump(from_server, to_client, flows) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut flows: watch::Receiver<bool>) {
    let mut part = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut part).await {
        if flows.wait_for(|flows| *flows).await.is_err() || to.write_all(&part[..length]).await.is_err() {
            return;
        }
    }
}
