//! The sealed files of documents in a bucket that speaks S3. The crate only signs and reads; the calls are made with the client that asks the population
//! office, so there is no second stack of HTTP and TLS.

use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Credentials, UrlStyle};

use super::shelf::{Folder, Shelf};
use crate::config;
use crate::domain::id::Id;
use crate::service::outgoing::{self, Reach};

/// A signed address is good for one call.
const SIGNED_FOR: Duration = Duration::from_secs(60);
/// Far longer than the slowest reader of ten megabytes.
const READ_WITHIN: Duration = Duration::from_secs(600);
const PREFIX: &str = "documents/";
/// A thousand names with all that is said of them.
const LONGEST_LIST: u64 = 4 << 20;

pub struct Bucket {
    desk: Folder,
    agent: ureq::Agent,
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
}

impl Bucket {
    pub fn open(settings: &config::Documents, desk: Folder) -> Result<Self, String> {
        let endpoint = settings.url.parse().map_err(|_| "documents.url: expected the URL of the service that has the bucket".to_owned())?;
        if settings.bucket.is_empty() || settings.access_key.is_empty() {
            return Err("documents: with a bucket, its name and an access_key are compulsory".to_owned());
        }
        let bucket = rusty_s3::Bucket::new(endpoint, UrlStyle::Path, settings.bucket.clone(), settings.region.clone())
            .map_err(|error| format!("documents.url: {error}"))?;
        let reach = Reach {
            section: "documents",
            url: &settings.url,
            ca_file: &settings.ca_file,
            connect_timeout_ms: settings.connect_timeout_ms,
            timeout_ms: settings.timeout_ms,
        };
        let agent = reach.client()?.build().new_agent();
        Ok(Self { desk, agent, bucket, credentials: Credentials::new(settings.access_key.clone(), secret_key(settings)?) })
    }

    fn older_in_bucket(&self, age: Duration) -> io::Result<Vec<Id>> {
        let (mut found, mut next) = (Vec::new(), None::<String>);
        loop {
            let mut list = self.bucket.list_objects_v2(Some(&self.credentials));
            list.with_prefix(PREFIX);
            if let Some(token) = next {
                list.with_continuation_token(token);
            }
            let mut answer = self.agent.get(list.sign(SIGNED_FOR).as_str()).call().map_err(|error| away(&error))?;
            told(answer.status(), &[200])?;
            let text = answer.body_mut().with_config().limit(LONGEST_LIST).read_to_string().map_err(|error| away(&error))?;
            let page = ListObjectsV2::parse_response(&text).map_err(|_| io::Error::other("the bucket answered what is no list"))?;
            for object in page.contents {
                let id: Option<Id> = object.key.strip_prefix(PREFIX).and_then(|name| name.parse().ok());
                let written = object.last_modified.and_then(|at| chrono::DateTime::parse_from_rfc3339(&at).ok()).map(SystemTime::from);
                // Who cannot tell its age is not old.
                if written.and_then(|written| written.elapsed().ok()).is_some_and(|time| time >= age) {
                    found.extend(id);
                }
            }
            match page.next_continuation_token {
                Some(token) => next = Some(token),
                None => return Ok(found),
            }
        }
    }
}

impl Shelf for Bucket {
    fn desk(&self) -> &Folder {
        &self.desk
    }

    fn keep(&self, id: Id) -> io::Result<()> {
        let name = name(id);
        let file = File::open(self.desk.file(id))?;
        let put = self.bucket.put_object(Some(&self.credentials), &name).sign(SIGNED_FOR);
        let answer = self.agent.put(put.as_str()).content_type("application/octet-stream").send(&file).map_err(|error| away(&error))?;
        told(answer.status(), &[200])?;
        self.desk.delete(id)
    }

    fn open(&self, id: Id) -> io::Result<Box<dyn Read + Send>> {
        let name = name(id);
        let get = self.bucket.get_object(Some(&self.credentials), &name).sign(SIGNED_FOR);
        // How long the body takes is a matter of who reads it.
        let request = self.agent.get(get.as_str()).config().timeout_recv_response(self.agent.config().timeouts().global);
        let request = request.timeout_global(None).timeout_recv_body(Some(READ_WITHIN)).build();
        let answer = request.call().map_err(|error| away(&error))?;
        told(answer.status(), &[200])?;
        Ok(Box::new(answer.into_body().into_reader()))
    }

    fn delete(&self, id: Id) -> io::Result<()> {
        self.desk.delete(id)?;
        let name = name(id);
        let delete = self.bucket.delete_object(Some(&self.credentials), &name).sign(SIGNED_FOR);
        let answer = self.agent.delete(delete.as_str()).call().map_err(|error| away(&error))?;
        told(answer.status(), &[200, 204, 404])
    }

    fn older_than(&self, age: Duration) -> io::Result<Vec<Id>> {
        let mut found = self.desk.older_than(age)?;
        found.extend(self.older_in_bucket(age)?);
        Ok(found)
    }
}

fn name(id: Id) -> String {
    format!("{PREFIX}{id}")
}

fn told(status: ureq::http::StatusCode, good: &[u16]) -> io::Result<()> {
    match status.as_u16() {
        status if good.contains(&status) => Ok(()),
        404 => Err(io::ErrorKind::NotFound.into()),
        status => Err(io::Error::other(format!("the bucket answered {status}"))),
    }
}

/// The error's own text may hold the signed address, so it goes no further.
fn away(error: &ureq::Error) -> io::Error {
    io::Error::other(match error {
        ureq::Error::Timeout(_) => "the bucket did not answer in time",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "the bucket's certificate is not one that may vouch for it",
        _ => "the bucket cannot be reached",
    })
}

fn secret_key(settings: &config::Documents) -> Result<String, String> {
    outgoing::secret("documents", "secret_key", &settings.secret_key, &settings.secret_key_file)?
        .ok_or_else(|| "documents: with a bucket, secret_key or secret_key_file is compulsory".to_owned())
}
