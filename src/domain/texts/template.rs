//! A text with `{placeholders}`, taken apart once when it is read.

use std::borrow::Cow;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("is empty".to_owned());
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("has a { without its }")?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                return Err(format!("has a strange placeholder {{{name}}}"));
            }
            parts.extend((!before.is_empty()).then(|| Part::Text(before.to_owned())));
            parts.push(Part::Placeholder(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err("has a } without its {".to_owned());
        }
        parts.extend((!rest.is_empty()).then(|| Part::Text(rest.to_owned())));
        Ok(Self(parts))
    }

    pub fn placeholders(&self) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter_map(|part| match part {
                Part::Placeholder(name) => Some(name.as_str()),
                Part::Text(_) => None,
            })
            .collect()
    }

    /// The text with its placeholders filled. One that nobody fills keeps its name in braces, which a reader can report.
    pub fn fill<'t>(&'t self, filling: impl Fn(&str) -> Option<Cow<'t, str>>) -> Cow<'t, str> {
        // Most texts of a check have no placeholder and are not copied.
        if let [Part::Text(text)] = self.0.as_slice() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Placeholder(name) => match filling(name) {
                    Some(value) => out.push_str(&value),
                    None => out.extend(["{", name, "}"]),
                },
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let template = Template::parse("From {from} to {to}, {from}.").unwrap();
        assert_eq!(template.placeholders(), ["from", "to"].into());
        assert_eq!(template.fill(|name| (name == "from").then_some("{to}".into())), "From {to} to {to}, {to}.");
        assert_eq!(Template::parse("plain").unwrap().fill(|_| None), "plain");
    }

    #[test]
    fn broken_texts_are_refused() {
        for text in ["", "  ", "{", "a {b", "a } b", "{}", "{A}", "{a b}", "{a{b}}"] {
            assert!(Template::parse(text).is_err(), "{text:?}");
        }
    }
}
