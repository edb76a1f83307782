//! What a city brings: its regions, rule sets, lists and texts. Embedded, or read from the folders that the settings name.

use std::path::Path;
use std::sync::Arc;

use chrono::{FixedOffset, NaiveDate};

use crate::config::Settings;
use crate::domain::eligibility::Lists;
use crate::domain::files::FileFault;
use crate::domain::passwords::CommonPasswords;
use crate::domain::regions::Regions;
use crate::domain::rule_sets::RuleSets;
use crate::domain::texts::Texts;
use crate::domain::time::UtcTime;

/// Everything under config/ that the binary carries, so that it runs from any folder.
#[derive(rust_embed::Embed)]
#[folder = "config/"]
struct Embedded;

pub struct City {
    pub code: String,
    pub name: String,
    /// As it stands on the cards.
    pub programme: String,
    pub number_prefix: String,
    pub offset: FixedOffset,
    pub regions: Regions,
    pub rule_sets: RuleSets,
    pub lists: Lists,
    pub texts: Texts,
    pub common_passwords: CommonPasswords,
    pub card_font: Arc<Vec<u8>>,
}

impl City {
    /// Reads everything, or says all that is wrong with the files.
    pub fn load(settings: &Settings) -> Result<Self, String> {
        let reference = settings.files.reference.as_str();
        Ok(Self {
            code: settings.city.code.clone(),
            name: settings.city.name.clone(),
            programme: settings.city.programme.clone(),
            number_prefix: settings.city.number_prefix.clone(),
            offset: settings.city.offset(),
            regions: regions(reference, &settings.files.superseded_regions)?,
            rule_sets: rule_sets(&settings.files.rule_sets)?,
            lists: lists(reference)?,
            texts: texts(&settings.files.texts)?,
            common_passwords: CommonPasswords::from_lines(&file(reference, "reference", "common_passwords.txt")?),
            card_font: embedded_bytes("fonts/DejaVuSans-latin.ttf")?,
        })
    }

    pub fn today(&self, now: UtcTime) -> NaiveDate {
        now.date_at(self.offset)
    }
}

/// One file: from the folder that replaces the embedded one, or the embedded one.
fn file(folder: &str, embedded: &str, name: &str) -> Result<String, String> {
    if folder.is_empty() {
        let path = format!("{embedded}/{name}");
        let file = Embedded::get(&path).ok_or_else(|| format!("{path} is not embedded"))?;
        return String::from_utf8(file.data.into_owned()).map_err(|_| format!("{path} is not UTF-8"));
    }
    let path = Path::new(folder).join(name);
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn embedded_bytes(path: &str) -> Result<Arc<Vec<u8>>, String> {
    let file = Embedded::get(path).ok_or_else(|| format!("{path} is not embedded"))?;
    Ok(Arc::new(file.data.into_owned()))
}

/// All files of a folder with an ending, by name.
fn files(folder: &str, embedded: &str, ending: &str) -> Result<Vec<(String, String)>, String> {
    let mut names: Vec<String> = if folder.is_empty() {
        let prefix = format!("{embedded}/");
        Embedded::iter().filter_map(|path| path.strip_prefix(&prefix).map(str::to_owned)).collect()
    } else {
        let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
    };
    names.retain(|name| name.ends_with(ending) && !name.contains('/'));
    names.sort();
    names.into_iter().map(|name| file(folder, embedded, &name).map(|text| (name, text))).collect()
}

fn rule_sets(folder: &str) -> Result<RuleSets, String> {
    let files = files(folder, "rule-sets", ".toml")?;
    RuleSets::load(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).map_err(told)
}

fn lists(folder: &str) -> Result<Lists, String> {
    let (primary_care, excluded) = ("primary_care_diagnoses.csv", "excluded_services.csv");
    let texts = (file(folder, "reference", primary_care)?, file(folder, "reference", excluded)?);
    Lists::load((primary_care, &texts.0), (excluded, &texts.1)).map_err(told)
}

fn texts(folder: &str) -> Result<Texts, String> {
    Texts::load(("id.toml", &file(folder, "texts", "id.toml")?), ("en.toml", &file(folder, "texts", "en.toml")?)).map_err(told)
}

/// Every fault on its own line: an operator mends them all in one go.
fn told(faults: Vec<FileFault>) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn regions(folder: &str, superseded: &str) -> Result<Regions, String> {
    let mut current = codes(&file(folder, "reference", "regions.csv")?, "regions.csv")?;
    current.extend(codes(&file(folder, "reference", "villages.csv")?, "villages.csv")?);
    let superseded = if superseded.is_empty() {
        Vec::new()
    } else {
        let text = std::fs::read_to_string(superseded).map_err(|error| format!("{superseded}: {error}"))?;
        codes(&text, superseded)?
    };
    Ok(Regions::new(current, superseded.into_iter().map(|(code, _)| code)))
}

/// The columns `code` and `name` of a list of regions, whatever else stands beside them.
fn codes(text: &str, name: &str) -> Result<Vec<(String, String)>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| format!("{name}: {error}"))?.clone();
    let column = |wanted: &str| headers.iter().position(|header| header == wanted).ok_or_else(|| format!("{name}: the column {wanted} is missing"));
    let (code, title) = (column("code")?, column("name")?);
    let mut rows = Vec::new();
    for (line, record) in reader.records().enumerate() {
        let record = record.map_err(|error| format!("{name}: {error}"))?;
        let value = record.get(code).unwrap_or_default();
        if !matches!(value.len(), 2 | 4 | 6 | 10) || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{name}, line {}: a region code has 2, 4, 6 or 10 digits", line + 2));
        }
        rows.push((value.to_owned(), record.get(title).unwrap_or_default().to_owned()));
    }
    Ok(rows)
}
