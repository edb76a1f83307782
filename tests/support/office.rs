//! A population office of the tests' own: a small web service that answers as it is told, well or badly, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What it answers from now on.
#[derive(Clone)]
pub enum Manner {
    Says(Value),
    Status(u16),
    /// A good status with this body.
    Text(String),
    /// Sends the asker elsewhere.
    Redirects,
    /// Takes the question and never answers.
    Silent,
    HangsUp,
}

/// One request as it came: its first line, its headers and its body.
#[derive(Clone)]
pub struct Request {
    pub line: String,
    pub headers: String,
    pub body: Value,
    /// The body as it came, for those who check what was signed.
    pub text: String,
}

struct Inside {
    manner: Mutex<Manner>,
    requests: Mutex<Vec<Request>>,
    /// Those that wait for an answer that does not come.
    kept: Mutex<Vec<TcpStream>>,
}

pub struct StubOffice {
    inside: Arc<Inside>,
    pub url: String,
}

impl StubOffice {
    /// Starts it; it ends with the test's process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/verifikasi", listener.local_addr().expect("a bound socket"));
        let manner = Manner::Says(json!({"status": "found", "name": true, "birth_date": true}));
        let inside = Arc::new(Inside { manner: Mutex::new(manner), requests: Mutex::default(), kept: Mutex::default() });
        let served = inside.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let served = served.clone();
                std::thread::spawn(move || served.answer(stream));
            }
        });
        Self { inside, url }
    }

    pub fn now(&self, manner: Manner) {
        *self.inside.manner.lock().expect("nobody panics with it") = manner;
    }

    pub fn says(&self, answer: Value) {
        self.now(Manner::Says(answer));
    }

    pub fn requests(&self) -> Vec<Request> {
        self.inside.requests.lock().expect("nobody panics with it").clone()
    }

    pub fn calls(&self) -> usize {
        self.requests().len()
    }
}

impl Inside {
    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
        let Some((line, headers)) = head.split_once("\r\n") else { return };
        let length = headers.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let manner = self.manner.lock().expect("nobody panics with it").clone();
        self.requests.lock().expect("nobody panics with it").push(Request { line: line.to_owned(), headers: headers.to_owned(), body, text });
        let (status, more, text) = match manner {
            Manner::Says(answer) => (200, String::new(), answer.to_string()),
            Manner::Status(status) => (status, String::new(), "{}".to_owned()),
            Manner::Text(text) => (200, String::new(), text),
            Manner::Redirects => (307, "location: http://127.0.0.1:1/lain\r\n".to_owned(), String::new()),
            Manner::Silent => return self.kept.lock().expect("nobody panics with it").push(stream),
            Manner::HangsUp => return,
        };
        // Whoever asked may have gone.
        let _ = write!(
            stream,
            "HTTP/1.1 {status} x\r\n{more}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        );
    }
}
