//! Every text that people read, in two languages. Rules answer in codes and values; words for them are found here, when someone reads.

mod keys;
mod language;
mod load;
mod rule_set;
mod rules;
mod template;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::files::{ContentHash, FileFault};
use template::Template;

pub use language::Language;
pub use rule_set::Described;

/// The texts of both languages, checked against each other and against what the program needs.
#[derive(Debug, Clone)]
pub struct Texts {
    id: Table,
    en: Table,
    canonical: String,
    hash: ContentHash,
}

#[derive(Debug, Clone)]
struct Table {
    texts: BTreeMap<String, Template>,
    /// The texts of rules and the words again, where a reader of a check finds them without building a key.
    rules: rules::RuleTexts,
    words: HashMap<String, String>,
}

impl Table {
    fn of(texts: BTreeMap<String, Template>) -> Self {
        let word = |(key, template): (&String, &Template)| Some((key.strip_prefix("words.")?.to_owned(), template.fill(|_| None).into_owned()));
        Self { rules: rules::RuleTexts::of(&texts), words: texts.iter().filter_map(word).collect(), texts }
    }
}

impl Texts {
    /// The text of a key such as `problems.NIK_ALREADY_REGISTERED.title`, filled; nothing if there is no such key.
    pub fn get(&self, language: Language, key: &str, filling: &[(&str, &str)]) -> Option<String> {
        let value_of = |name: &str| filling.iter().find(|(given, _)| *given == name).map(|(_, value)| Cow::Owned((*value).to_owned()));
        self.table(language).texts.get(key).map(|template| template.fill(value_of).into_owned())
    }

    /// Whether a section has exactly these keys, for the part of the program that uses it to ask when it starts.
    pub fn check(&self, section: &str, needed: &[&str]) -> Vec<FileFault> {
        let prefix = format!("{section}.");
        let there = || self.id.texts.keys().filter_map(|key| key.strip_prefix(&prefix));
        let missing = needed.iter().filter(|key| !there().any(|there| there == **key)).map(|key| (*key, "is missing"));
        let unknown = there().filter(|key| !needed.contains(key)).map(|key| (key, "is unknown"));
        missing.chain(unknown).map(|(key, message)| FileFault::new("texts", format!("{prefix}{key}"), message)).collect()
    }

    /// The names that a section has texts for, each once: `NIK_FORMAT` of `faults.NIK_FORMAT.message`.
    pub fn names<'t>(&'t self, section: &'t str) -> impl Iterator<Item = &'t str> {
        let mut last = "";
        self.id.texts.keys().filter_map(move |key| key.strip_prefix(section)?.strip_prefix('.')?.split('.').next()).filter(move |name| {
            let fresh = *name != last;
            last = *name;
            fresh
        })
    }

    /// A word of our vocabularies in the reader's language; a word without a text stands for itself.
    pub fn word<'t>(&'t self, language: Language, word: &'t str) -> &'t str {
        self.table(language).words.get(word).map_or(word, String::as_str)
    }

    /// Of what the files say, without comments and layout.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// What the files say, kept once for each hash, so that a recorded check reads as it was answered.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    fn table(&self, language: Language) -> &Table {
        match language {
            Language::Id => &self.id,
            Language::En => &self.en,
        }
    }
}
