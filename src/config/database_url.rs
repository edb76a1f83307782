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
}

impl DatabaseUrl {
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() {
                return Err("database.url: sqlite:// needs a file path, as in sqlite://ksnik.sqlite".into());
            }
            return Ok(Self { backend: Backend::Sqlite, target: path.to_owned() });
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
            return Ok(Self { backend: Backend::Postgres, target: url.to_owned() });
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

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.backend {
            Backend::Sqlite => write!(f, "sqlite://{}", self.target),
            Backend::Postgres => match (self.target.split_once("://"), self.target.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://***@{place}"),
                _ => f.write_str("postgres://***"),
            },
        }
    }
}
