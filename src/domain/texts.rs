//! Texts that people read, by key, in Indonesian and English.

use super::text_enum::text_enum;

text_enum! {
    Language { Id = "id", En = "en" }
}

impl Language {
    pub fn from_accept_language(header: &str) -> Self {
        if header.trim_start().starts_with("en") { Self::En } else { Self::Id }
    }
}

#[derive(Debug, Default)]
pub struct Texts;

impl Texts {
    pub fn get(&self, _: Language, key: &str, _: &[(&'static str, String)]) -> String {
        key.to_owned()
    }
}
