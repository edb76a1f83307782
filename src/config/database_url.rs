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

/// Parameters of a URL whose values tell no secret. Of all others only the name is printed: libpq takes a password there too.
const OPEN_PARAMETERS: [&str; 13] = [
    "application_name",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "options",
    "port",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
];

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.backend {
            Backend::Sqlite => write!(f, "sqlite://{}", self.given),
            // A password may hold any sign, so everything up to the last `@` goes.
            Backend::Postgres => match (self.given.split_once("://"), self.given.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://***@{}", without_secrets(place)),
                _ => f.write_str("postgres://***"),
            },
        }
    }
}

fn without_secrets(place: &str) -> String {
    let Some((place, query)) = place.split_once('?') else { return place.to_owned() };
    let shown = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if OPEN_PARAMETERS.contains(&name) => parameter.to_owned(),
        Some((name, _)) => format!("{name}=***"),
        None => "***".to_owned(),
    });
    format!("{place}?{}", shown.collect::<Vec<_>>().join("&"))
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

    #[test]
    fn no_secret_of_a_url_is_printed() {
        for (url, expected) in [
            ("postgres://u:geheim@h/d", "postgres://***@h/d"),
            ("postgresql://u:geh@im@h:5432/d?sslmode=disable", "postgresql://***@h:5432/d?sslmode=disable"),
            ("postgres://u@h/d?password=geheim", "postgres://***@h/d?password=***"),
            ("postgres://u@h/d?sslmode=disable&sslpassword=geheim&port=1", "postgres://***@h/d?sslmode=disable&sslpassword=***&port=1"),
            ("postgres://u@h/d?passfile=/geheim&oauth_client_secret=geheim", "postgres://***@h/d?passfile=***&oauth_client_secret=***"),
            ("postgres://u@h/d?%70assword=geheim", "postgres://***@h/d?%70assword=***"),
            ("postgres://u@h/d?PASSWORD=geheim&geheim", "postgres://***@h/d?PASSWORD=***&***"),
            ("postgres://u@h/d?password=geh@im", "postgres://***@im"),
            ("postgres://h/d?password=geheim", "postgres://***"),
            ("postgres://u:gehe?im@h/d", "postgres://***@h/d"),
            ("sqlite://a.sqlite", "sqlite://a.sqlite"),
        ] {
            assert_eq!(DatabaseUrl::parse(url).unwrap().to_string(), expected, "{url}");
        }
    }

    #[test]
    fn tls_is_refused_where_it_cannot_be_had() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let url = format!("postgres://u:geheim@h/d?application_name=x&sslmode={mode}");
            let refusal = DatabaseUrl::parse(&url).err();
            assert_eq!(refusal.is_some(), cfg!(feature = "bundled-libpq"), "{mode}");
            let text = refusal.unwrap_or_else(|| "sslmode --no-default-features".to_owned());
            assert!(text.contains("sslmode") && text.contains("--no-default-features") && !text.contains("geheim"), "{text}");
        }
        for mode in ["disable", "allow", "prefer"] {
            assert!(DatabaseUrl::parse(&format!("postgres://u@h/d?sslmode={mode}")).is_ok(), "{mode}");
        }
        for url in ["", "mysql://h/d", "/a/b", "sqlite://", "postgres:h"] {
            assert!(DatabaseUrl::parse(url).is_err_and(|refusal| refusal.starts_with("database.url")), "{url}");
        }
    }
}
