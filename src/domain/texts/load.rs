//! Reading the texts: a key that is missing, unknown, or different in the other language is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::{SECTIONS, needed};
use super::template::Template;
use super::{Table, Texts};
use crate::domain::files::{ContentHash, FileFault, canonical};

type Read = BTreeMap<String, Template>;

impl Texts {
    /// Reads both files, given as (name, text); every fault of both is told.
    pub fn load(id: (&str, &str), en: (&str, &str)) -> Result<Self, Vec<FileFault>> {
        let mut faults = Vec::new();
        let tables = [id, en].map(|(file, text)| text.parse::<toml::Table>().map_err(|error| faults.push(FileFault::of_toml(file, text, &error))));
        let [Ok(id_table), Ok(en_table)] = tables else { return Err(faults) };
        let reads = [(id.0, &id_table), (en.0, &en_table)].map(|(file, table)| flattened(file, table, &mut faults));
        faults.extend(against_needs(id.0, &reads[0]).into_iter().chain(against_needs(en.0, &reads[1])));
        faults.extend(against_each_other(id.0, &reads[0], en.0, &reads[1]));
        if faults.is_empty() {
            Ok(Self::of(reads, serde_json::Value::from([&id_table, &en_table].map(canonical).to_vec()).to_string()))
        } else {
            Err(faults)
        }
    }

    /// Reads what `canonical` wrote, to show a recorded check as it was answered. What later versions need is not asked of it.
    pub fn from_canonical(text: &str) -> Result<Self, Vec<FileFault>> {
        let unreadable = |error: serde_json::Error| vec![FileFault::new("texts", "content", error.to_string())];
        let contents: [String; 2] = serde_json::from_str(text).map_err(unreadable)?;
        let mut faults = Vec::new();
        let mut reads = [Read::new(), Read::new()];
        for (content, read) in contents.iter().zip(&mut reads) {
            *read = flattened("texts", &serde_json::from_str(content).map_err(unreadable)?, &mut faults);
        }
        if faults.is_empty() { Ok(Self::of(reads, text.to_owned())) } else { Err(faults) }
    }

    fn of(reads: [Read; 2], canonical: String) -> Self {
        let [id, en] = reads.map(Table::of);
        Self { id, en, hash: ContentHash::of(canonical.as_bytes()), canonical }
    }
}

fn flattened(file: &str, table: &toml::Table, faults: &mut Vec<FileFault>) -> Read {
    let mut read = Read::new();
    flatten(file, "", table, &mut read, faults);
    read
}

fn flatten(file: &str, prefix: &str, table: &toml::Table, read: &mut Read, faults: &mut Vec<FileFault>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(file, &key, inner, read, faults),
            toml::Value::String(text) => match Template::parse(text) {
                Ok(template) => drop(read.insert(key, template)),
                Err(message) => faults.push(FileFault::new(file, key, message)),
            },
            toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) | toml::Value::Array(_) => {
                faults.push(FileFault::new(file, key, "is no text"))
            }
        }
    }
}

fn against_needs(file: &str, read: &Read) -> Vec<FileFault> {
    let needed = needed();
    let ours = |key: &str| key.split('.').next().is_some_and(|section| SECTIONS.contains(&section));
    let missing = needed.keys().filter(|key| !read.contains_key(*key)).map(|key| FileFault::new(file, key, "is missing"));
    let unknown = read.keys().filter(|key| ours(key) && !needed.contains_key(*key)).map(|key| FileFault::new(file, key, "is unknown"));
    let strange = read.iter().filter_map(|(key, template)| {
        let known: BTreeSet<&str> = needed.get(key)?.iter().copied().collect();
        let more: Vec<_> = template.placeholders().difference(&known).map(|name| format!("{{{name}}}")).collect();
        (!more.is_empty()).then(|| FileFault::new(file, key, format!("has nothing to put into {}", more.join(", "))))
    });
    missing.chain(unknown).chain(strange).collect()
}

fn against_each_other(id_file: &str, id: &Read, en_file: &str, en: &Read) -> Vec<FileFault> {
    let mut faults = Vec::new();
    for (key, template) in id {
        match en.get(key) {
            None => faults.push(FileFault::new(en_file, key, format!("is missing, but stands in {id_file}"))),
            Some(other) if other.placeholders() != template.placeholders() => {
                faults.push(FileFault::new(en_file, key, format!("has other placeholders than in {id_file}")));
            }
            Some(_) => {}
        }
    }
    faults.extend(
        en.keys().filter(|key| !id.contains_key(*key)).map(|key| FileFault::new(id_file, key, format!("is missing, but stands in {en_file}"))),
    );
    faults
}

#[cfg(test)]
pub(in crate::domain) mod tests {
    use super::*;
    use crate::domain::texts::Language;

    const ID: &str = include_str!("../../../config/texts/id.toml");
    const EN: &str = include_str!("../../../config/texts/en.toml");

    pub(in crate::domain) fn texts() -> Texts {
        Texts::load(("id.toml", ID), ("en.toml", EN)).unwrap()
    }

    #[test]
    fn both_languages_have_every_text() {
        let texts = texts();
        for key in needed().keys() {
            let [id, en] = [Language::Id, Language::En].map(|language| texts.get(language, key, &[]));
            assert!(id.is_some() && en.is_some(), "{key}");
        }
        let sentences: Vec<_> = needed().into_keys().filter(|key| key.ends_with(".message") || key.ends_with(".remedy")).collect();
        let untranslated = |key: &&String| texts.get(Language::Id, key, &[]) == texts.get(Language::En, key, &[]);
        assert_eq!(sentences.iter().filter(untranslated).collect::<Vec<_>>(), Vec::<&String>::new());
        assert_eq!(texts.get(Language::En, "rules.NO_SUCH.name", &[]), None);
    }

    #[test]
    fn faults_name_file_and_key() {
        let replaced = |text: &str, old: &str, new: &str| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        };
        for (id, en, file, key, word) in [
            (
                ID.to_owned(),
                replaced(EN, "[rules.JKN_ACTIVE.fail]\nmessage", "[rules.JKN_ACTIVE.fail]\nmesage"),
                "en.toml",
                "rules.JKN_ACTIVE.fail.message",
                "missing",
            ),
            (
                ID.to_owned(),
                replaced(EN, "[rules.JKN_ACTIVE.fail]\nmessage", "[rules.JKN_ACTIVE.fail]\nmesage"),
                "en.toml",
                "rules.JKN_ACTIVE.fail.mesage",
                "unknown",
            ),
            (replaced(ID, "[words]\n", "[words]\nnew_word = \"baru\"\n"), EN.to_owned(), "id.toml", "words.new_word", "unknown"),
            (replaced(ID, "[problems.NOT_FOUND]", "[problems.NOT_FOND]"), EN.to_owned(), "id.toml", "problems.NOT_FOUND.title", "en.toml"),
            (
                ID.to_owned(),
                replaced(EN, "between {from} and {to}", "before {to}"),
                "en.toml",
                "faults.SERVICE_DATE_OUT_OF_RANGE.message",
                "placeholders",
            ),
            (replaced(ID, "batas {limit}.", "batas {ceiling}."), EN.to_owned(), "id.toml", "rules.INCOME_ABOVE_LIMIT.fail.message", "{ceiling}"),
            (replaced(ID, "card = \"kartu\"", "card = 1"), EN.to_owned(), "id.toml", "words.card", "no text"),
            (replaced(ID, "card = \"kartu\"", "card = \"{\""), EN.to_owned(), "id.toml", "words.card", "without"),
            (replaced(ID, "card = \"kartu\"", "card = "), EN.to_owned(), "id.toml", "line", ""),
        ] {
            let faults = Texts::load(("id.toml", &id), ("en.toml", &en)).unwrap_err();
            let found = faults.iter().any(|fault| fault.file == file && fault.key.starts_with(key) && fault.message.contains(word));
            assert!(found, "{file} {key} {word}: {faults:?}");
        }
    }

    #[test]
    fn the_canonical_form_reads_back_and_forgets_comments() {
        let texts = texts();
        let read = Texts::from_canonical(texts.canonical()).unwrap();
        assert_eq!((read.canonical(), read.hash()), (texts.canonical(), texts.hash()));
        assert_eq!(read.word(Language::En, "PBI_APBN"), texts.word(Language::En, "PBI_APBN"));
        // A text that a later version needs is not asked of what was kept before.
        assert!(Texts::from_canonical(&texts.canonical().replace(r#"\"card\":"#, r#"\"carte\":"#)).is_ok());
        assert_eq!(Texts::load(("id.toml", &format!("# more\n{ID}")), ("en.toml", EN)).unwrap().hash(), texts.hash());
        assert_ne!(Texts::load(("id.toml", &ID.replace("\"kartu\"", "\"Kartu\"")), ("en.toml", EN)).unwrap().hash(), texts.hash());
    }

    #[test]
    fn sections_of_others_are_checked_by_them() {
        let texts = texts();
        let faults = texts.check("faults", &["NIK_FORMAT.message", "NIK_FORMAT.remedy", "NO_SUCH.message"]);
        let message_of = |key: &str| faults.iter().find(|fault| fault.key == key).map(|fault| fault.message.as_str());
        assert_eq!(message_of("faults.NO_SUCH.message"), Some("is missing"));
        assert_eq!(message_of("faults.DATE_IMPOSSIBLE.remedy"), Some("is unknown"));
        assert_eq!(message_of("faults.NIK_FORMAT.message"), None);
        let detail = texts.get(Language::En, "faults.SERVICE_DATE_OUT_OF_RANGE.message", &[("to", "B"), ("from", "A")]);
        assert_eq!(detail.unwrap(), "The date of service must lie between A and B.");
    }
}
