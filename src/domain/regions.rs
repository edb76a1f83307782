//! Regions of Indonesia by the Ministry of Home Affairs' code: province (2 digits), regency or city (4), district (6), village (10).
//! BPS numbers the same places differently; a NIK carries the Ministry's.

use std::collections::{BTreeMap, BTreeSet};

/// How a code stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// Once a district or regency, now another: older NIKs carry it for life.
    Superseded,
    Unknown,
}

#[derive(Debug, Clone, Default)]
pub struct Regions {
    names: BTreeMap<String, String>,
    superseded: BTreeSet<String>,
}

impl Regions {
    pub fn new(current: impl IntoIterator<Item = (String, String)>, superseded: impl IntoIterator<Item = String>) -> Self {
        Self { names: current.into_iter().collect(), superseded: superseded.into_iter().collect() }
    }

    /// Only codes, without names: enough for the rules.
    pub fn from_codes<'a>(current: impl IntoIterator<Item = &'a str>, superseded: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(current.into_iter().map(|code| (code.to_owned(), String::new())), superseded.into_iter().map(str::to_owned))
    }

    /// The standing of a district code. One whose regency is superseded is so too: lists of old districts are never complete.
    pub fn standing(&self, district: &str) -> Standing {
        if self.names.contains_key(district) {
            Standing::Current
        } else if self.superseded.contains(district) || district.get(..4).is_some_and(|regency| self.superseded.contains(regency)) {
            Standing::Superseded
        } else {
            Standing::Unknown
        }
    }

    pub fn name(&self, code: &str) -> Option<&str> {
        self.names.get(code).map(String::as_str)
    }

    pub fn contains(&self, code: &str) -> bool {
        self.names.contains_key(code)
    }

    /// The codes of all villages (10 digits) below a code, in order.
    pub fn villages_of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.names
            .range(code.to_owned()..)
            .take_while(move |(key, _)| key.starts_with(code))
            .filter(|(key, _)| key.len() == 10)
            .map(|(key, name)| (key.as_str(), name.as_str()))
    }
}
