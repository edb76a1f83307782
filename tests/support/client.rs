//! A client as the product's users have one: it speaks JSON over HTTP, and holds every answer to what all answers promise.

use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    token_of: Arc<dyn Fn(&str) -> String + Send + Sync>,
    token: Option<String>,
    language: &'static str,
}

impl Client {
    pub fn new(address: SocketAddr, token_of: Arc<dyn Fn(&str) -> String + Send + Sync>) -> Self {
        // Shorter than the server keeps an idle connection: else it may close one in the moment in which it is used again.
        let idle = std::time::Duration::from_secs(1);
        let builder = reqwest::Client::builder().no_proxy().pool_idle_timeout(idle).redirect(reqwest::redirect::Policy::none());
        let http = builder.build().expect("a client without TLS");
        Self { http, address, token_of, token: None, language: "en" }
    }

    pub fn as_role(&self, role: &str) -> Self {
        self.with_token((self.token_of)(role))
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub fn in_language(&self, language: &'static str) -> Self {
        Self { language, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// With a key of its own, as everything asks for that money follows.
    pub async fn post_keyed(&self, path: &str, body: Value) -> Answer {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let key = format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A change of the version that the caller has seen.
    pub async fn patch(&self, path: &str, version: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).header("If-Match", version).json(&body)).await
    }

    /// For what the methods above do not say: other headers, bodies that are not JSON.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("http://{}{path}", self.address)).header(ACCEPT_LANGUAGE, self.language);
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("the whole body");
        let answer =
            Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), json: serde_json::from_slice(&bytes).unwrap_or_default() };
        answer.keeps_promises();
        answer
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// `Null` when the body is no JSON.
    pub json: Value,
}

impl Answer {
    /// A header that the test is about: its absence is a failure.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name} in {self:?}")).to_str().expect("a header of ASCII")
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// The body of an error that must have this status and this code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        self.json
    }

    /// Every answer forbids what a browser could be misled to do with it, and every error is a problem document (RFC 9457), those included that the
    /// framework makes.
    fn keeps_promises(&self) {
        for (name, part) in [
            ("content-security-policy", "default-src 'self'"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-request-id", ""),
        ] {
            assert!(self.header(name).contains(part), "{name} without {part}: {self:?}");
        }
        // Only what anyone may know may be kept, and not for long.
        let kept = self.header("cache-control");
        assert!(kept.contains("no-store") || kept == "public, max-age=60", "{self:?}");
        if self.status < 400 {
            return;
        }
        let media_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(media_type.split(';').next(), Some("application/problem+json"), "an error of another media type: {self:?}");
        assert_eq!(self.json["status"], self.status, "the document and the status line differ: {self:?}");
        let faults = self.json["errors"].as_array().into_iter().flatten().flat_map(|fault| [&fault["message"], &fault["remedy"]]);
        for text in faults.chain([&self.json["title"], &self.json["detail"]]).filter_map(Value::as_str) {
            assert!(!text.is_empty(), "an error without words: {self:?}");
        }
        for field in ["type", "title", "code"] {
            assert!(self.json[field].as_str().is_some_and(|text| !text.is_empty()), "a problem document without {field}: {self:?}");
        }
    }
}
