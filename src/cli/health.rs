//! `ksnik health`: asks a running service whether it is well. For health checks in places that have no curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Shorter than the five seconds that those who ask usually wait.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(clap::Args)]
pub struct Health {
    /// What to ask; /health/live tells that the process is up, /health/ready that it can serve.
    #[arg(long, default_value = "http://127.0.0.1:8080/health/ready")]
    url: String,
}

impl Health {
    pub fn run(self) -> Result<ExitCode, String> {
        let status = ask(&self.url, Instant::now() + PATIENCE)?;
        if status == 200 {
            return Ok(ExitCode::SUCCESS);
        }
        Err(format!("{} answers {status}", self.url))
    }
}

/// The status of a plain GET.
fn ask(url: &str, until: Instant) -> Result<u16, String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("{url}: expected http://host:port/path"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let place = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) { host.to_owned() } else { format!("{host}:80") };
    let fault = |error: std::io::Error| format!("{url}: {error}");
    let left = || until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or_else(|| format!("{url}: no answer in time"));
    let mut refused = format!("{url}: {host} has no address");
    for address in place.to_socket_addrs().map_err(fault)? {
        let mut stream = match TcpStream::connect_timeout(&address, left()?) {
            Ok(stream) => stream,
            Err(error) => {
                refused = fault(error);
                continue;
            }
        };
        stream.set_write_timeout(Some(left()?)).map_err(fault)?;
        stream.write_all(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).map_err(fault)?;
        return status(&mut stream, &left).and_then(|status| status.ok_or_else(|| format!("{url}: this is no HTTP")));
    }
    Err(refused)
}

/// Reads the first line, a few bytes at a time, so that an answer that drips does not outlast the patience.
fn status(stream: &mut TcpStream, left: &dyn Fn() -> Result<Duration, String>) -> Result<Option<u16>, String> {
    let mut line = Vec::with_capacity(64);
    let mut part = [0; 64];
    while !line.contains(&b'\n') && line.len() < 1_024 {
        stream.set_read_timeout(Some(left()?)).map_err(|error| error.to_string())?;
        match stream.read(&mut part).map_err(|error| error.to_string())? {
            0 => break,
            read => line.extend_from_slice(&part[..read]),
        }
    }
    let line = String::from_utf8_lossy(&line);
    let mut words = line.split_ascii_whitespace();
    Ok(words.next().filter(|word| word.starts_with("HTTP/1.")).and_then(|_| words.next()?.parse().ok()))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {}
            assert!(line.starts_with("GET /health/ready HTTP/1.1\r\n"), "{line}");
            stream.write_all(answer.as_bytes()).unwrap();
            // Held open: the client must not wait for the end.
            let _ = reader.read_line(&mut line);
        });
        format!("http://{address}/health/ready")
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn the_status_is_read_from_the_first_line() {
        assert_eq!(ask(&answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"), soon()), Ok(200));
        assert_eq!(ask(&answering("HTTP/1.1 503 Service Unavailable\r\n"), soon()), Ok(503));
        assert!(ask(&answering("SSH-2.0-x\r\n"), soon()).unwrap_err().contains("no HTTP"));
    }

    #[test]
    fn what_is_not_there_or_silent_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let silent = ask(&format!("http://{address}/"), Instant::now() + Duration::from_millis(50));
        assert!(silent.is_err());
        drop(listener);
        assert!(ask(&format!("http://{address}/"), soon()).is_err());
        assert!(ask("https://127.0.0.1/", soon()).unwrap_err().contains("expected http://"));
    }
}
