//! The files that a city may replace (rule sets, lists, texts): faults that name file and key, and a hash that forgets comments and layout.
//!
//! The canonical form holds only what the file says. A parameter that a later version of the program adds with a default leaves the hash of
//! older files alone, so that recorded answers keep their basis.

/// What is wrong with a file, in words for the operator who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {key}: {message}")]
pub struct FileFault {
    pub file: String,
    pub key: String,
    pub message: String,
}

impl FileFault {
    pub fn new(file: &str, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), key: key.into(), message: message.into() }
    }

    /// A fault of the TOML reader: the line stands for the key, which it does not tell.
    pub(super) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        Self::new(file, format!("line {line}"), error.message())
    }
}

/// SHA-256, written in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    pub fn of(content: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content).as_ref());
        Self(bytes)
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The content of a TOML file as JSON with sorted keys and no white space.
pub(super) fn canonical(table: &toml::Table) -> String {
    let mut out = String::new();
    write_table(&mut out, table);
    out
}

fn write_table(out: &mut String, table: &toml::Table) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    out.push('{');
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &toml::Value) {
    match value {
        toml::Value::String(text) => write_text(out, text),
        toml::Value::Integer(number) => out.push_str(&number.to_string()),
        toml::Value::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        toml::Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        toml::Value::Table(table) => write_table(out, table),
        // No file of ours has floats or TOML's own dates; as texts they still hash, and their reader refuses them.
        toml::Value::Float(number) => write_text(out, &number.to_string()),
        toml::Value::Datetime(at) => write_text(out, &at.to_string()),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> ContentHash {
        ContentHash::of(canonical(&text.parse().unwrap()).as_bytes())
    }

    #[test]
    fn the_hash_forgets_layout_and_nothing_else() {
        let file = "a = 1\nb = [\"x\", true]\n[c]\nd = \"1\"\n";
        assert_eq!(hash(file), hash("# a comment\nb=['x',true]\na=1\nc.d=\"1\""));
        for other in ["a = 2\nb = [\"x\", true]\nc.d = \"1\"", "a = 1\nb = [true, \"x\"]\nc.d = \"1\"", "a = 1\nb = [\"x\", true]\nc.d = 1"] {
            assert_ne!(hash(file), hash(other), "{other}");
        }
        assert_eq!(canonical(&file.parse().unwrap()), r#"{"a":1,"b":["x",true],"c":{"d":"1"}}"#);
    }

    #[test]
    fn a_hash_is_written_as_everywhere() {
        assert_eq!(ContentHash::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
