//! A bucket of the tests' own: it keeps what it is given by signed requests, and can be told to go away.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

struct Inside {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    is_away: AtomicBool,
}

pub struct StubBucket {
    inside: Arc<Inside>,
    pub url: String,
}

pub const NAME: &str = "dokumen";
pub const ACCESS_KEY: &str = "kunci-akses";

impl StubBucket {
    /// Starts it; it ends with the test's process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket"));
        let inside = Arc::new(Inside { objects: Mutex::default(), is_away: AtomicBool::new(false) });
        let served = inside.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let served = served.clone();
                std::thread::spawn(move || served.answer(stream));
            }
        });
        Self { inside, url }
    }

    /// From now on it answers that it cannot, or answers again.
    pub fn goes_away(&self, is_away: bool) {
        self.inside.is_away.store(is_away, Ordering::SeqCst);
    }

    /// What is in it, by name.
    pub fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.inside.objects.lock().expect("nobody panics with it")
    }
}

impl Inside {
    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
        let mut words = head.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let (status, content) = self.done(method, target, body);
        // Whoever asked may have gone.
        let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len());
        let _ = stream.write_all(&content);
    }

    fn done(&self, method: &str, target: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let is_signed = query.contains("X-Amz-Signature=") && query.contains(&format!("X-Amz-Credential={ACCESS_KEY}%2F"));
        let Some(name) = path.strip_prefix(&format!("/{NAME}/")).filter(|_| is_signed) else { return (403, Vec::new()) };
        if self.is_away.load(Ordering::SeqCst) {
            return (503, Vec::new());
        }
        let mut objects = self.objects.lock().expect("nobody panics with it");
        match (method, name) {
            ("GET", "") => {
                let listed = |name: &String| format!("<Contents><Key>{name}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>");
                let listed: String = objects.keys().map(listed).collect();
                let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
                (200, format!("{head}<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>{listed}</ListBucketResult>").into_bytes())
            }
            ("GET", name) => objects.get(name).map_or((404, Vec::new()), |object| (200, object.clone())),
            ("PUT", name) => {
                objects.insert(name.to_owned(), body);
                (200, Vec::new())
            }
            ("DELETE", name) => {
                objects.remove(name);
                (204, Vec::new())
            }
            _ => (405, Vec::new()),
        }
    }
}
