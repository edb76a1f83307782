//! Where the database is, as its URL says: which of the two it is, checked early and printed without a password.

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// `sqlite://path` or `postgres://…`, checked. It prints without its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    backend: Backend,
    target: String,
    /// As it was given, for printing.
    given: String,
}

/// What libpq is told unless the URL says otherwise: it would wait for ever for a server that does not answer, and a quarter of an hour for one that
/// has vanished from the net.
const PATIENCE: [(&str, &str); 2] = [("connect_timeout", "3"), ("tcp_user_timeout", "10000")];

impl DatabaseUrl {
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() {
                return Err("database.url: sqlite:// needs a file path, as in sqlite://ksnik.sqlite".into());
            }
            return Ok(Self { backend: Backend::Sqlite, target: path.to_owned(), given: path.to_owned() });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let wants_tls = ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"].iter().any(|mode| url.contains(mode));
            if wants_tls && cfg!(feature = "bundled-libpq") {
                return Err(
                    "database.url asks for TLS (sslmode), but this build of ksnik carries a libpq without TLS: use the image, or build with \
                            --no-default-features against libpq-dev"
                        .into(),
                );
            }
            return Ok(Self { backend: Backend::Postgres, target: with_patience(url), given: url.to_owned() });
        }
        Err("database.url: expected sqlite://path or postgres://user@host/name".into())
    }

    /// What the database's own library is given: a path or a URL, with its password.
    pub fn target(&self) -> &str {
        &self.target
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    pub fn sqlite_path(&self) -> Option<&std::path::Path> {
        match self.backend {
            Backend::Sqlite => Some(std::path::Path::new(&self.target)),
            Backend::Postgres => None,
        }
    }
}

fn with_patience(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in PATIENCE {
        if !url.contains(&format!("{name}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.backend {
            Backend::Sqlite => write!(f, "sqlite://{}", self.given),
            Backend::Postgres => match (self.given.split_once("://"), self.given.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://***@{place}"),
                _ => f.write_str("postgres://***"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libpq_is_told_to_lose_patience_unless_the_url_says_otherwise() {
        for (url, expected) in [
            ("postgres://u@h/d", "postgres://u@h/d?connect_timeout=3&tcp_user_timeout=10000"),
            ("postgres://u@h/d?sslmode=prefer", "postgres://u@h/d?sslmode=prefer&connect_timeout=3&tcp_user_timeout=10000"),
            ("postgres://u@h/d?connect_timeout=9", "postgres://u@h/d?connect_timeout=9&tcp_user_timeout=10000"),
        ] {
            let parsed = DatabaseUrl::parse(url).unwrap();
            assert_eq!((parsed.target(), parsed.to_string()), (expected, url.replace("u@", "***@")));
        }
        assert_eq!(DatabaseUrl::parse("sqlite://a/b.sqlite").unwrap().target(), "a/b.sqlite");
    }
}
