//! What a city brings: its regions, rule sets, lists and texts. Embedded, or read from the folders that the settings name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{FixedOffset, NaiveDate};

use crate::config::Settings;
use crate::domain::claim_lists::ClaimLists;
use crate::domain::codes::{CodeList, MedicalCode};
use crate::domain::eligibility::Lists;
use crate::domain::files::FileFault;
use crate::domain::icd9cm::Icd9Code;
use crate::domain::icd10::Icd10Code;
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
    pub claim_lists: Arc<ClaimLists>,
    pub diagnoses: Arc<CodeList<Icd10Code>>,
    pub procedures: Arc<CodeList<Icd9Code>>,
    pub texts: Texts,
    pub common_passwords: CommonPasswords,
    pub card_font: Arc<Vec<u8>>,
}

impl City {
    /// Reads everything, or says all that is wrong with the files.
    pub fn load(settings: &Settings) -> Result<Self, String> {
        let reference = settings.files.reference.as_str();
        let (diagnoses, procedures, claim_lists) = claim_references(reference)?;
        Ok(Self {
            code: settings.city.code.clone(),
            name: settings.city.name.clone(),
            programme: settings.city.programme.clone(),
            number_prefix: settings.city.number_prefix.clone(),
            offset: settings.city.offset(),
            regions: regions(reference, &settings.files.superseded_regions)?,
            rule_sets: rule_sets(&settings.files.rule_sets)?,
            lists: lists(reference)?,
            claim_lists,
            diagnoses,
            procedures,
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

type ClaimReferences = (Arc<CodeList<Icd10Code>>, Arc<CodeList<Icd9Code>>, Arc<ClaimLists>);

/// What claims are held against. What the binary carries is the same for every city in one process, and is read once.
fn claim_references(folder: &str) -> Result<ClaimReferences, String> {
    static EMBEDDED: OnceLock<ClaimReferences> = OnceLock::new();
    if folder.is_empty()
        && let Some(known) = EMBEDDED.get()
    {
        return Ok(known.clone());
    }
    // An operator mends the faults of all files in one go.
    let read = (code_list(folder, "icd10.csv"), code_list(folder, "icd9cm_procedures.csv"), claim_lists(folder));
    let (diagnoses, procedures, lists) = match read {
        (Ok(diagnoses), Ok(procedures), Ok(lists)) => (diagnoses, procedures, lists),
        (diagnoses, procedures, lists) => {
            let faults = [diagnoses.err(), procedures.err(), lists.err()];
            return Err(faults.into_iter().flatten().collect::<Vec<_>>().join("\n"));
        }
    };
    let references = (Arc::new(diagnoses), Arc::new(procedures), Arc::new(lists));
    if folder.is_empty() {
        return Ok(EMBEDDED.get_or_init(|| references).clone());
    }
    Ok(references)
}

fn code_list<C: MedicalCode>(folder: &str, name: &str) -> Result<CodeList<C>, String> {
    CodeList::load((name, &file(folder, "reference", name)?)).map_err(told)
}

fn claim_lists(folder: &str) -> Result<ClaimLists, String> {
    let texts = ClaimLists::FILES.iter().map(|name| file(folder, "reference", name).map(|text| (*name, text)));
    ClaimLists::load(&texts.collect::<Result<BTreeMap<_, _>, _>>()?).map_err(told)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_brings_lists_of_its_own_and_is_told_all_that_is_wrong_with_them() {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/reference")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let load = || claim_references(folder.path().to_str().unwrap());
        write("icd10.csv", "code,title,chapter,parent,level,is_leaf\nA91,Dengue haemorrhagic fever,I,,category,Y\n");
        let (diagnoses, procedures, lists) = load().unwrap();
        assert_eq!((diagnoses.count(), procedures.count()), (1, 3_882));
        let embedded = claim_references("").unwrap();
        assert_eq!(lists.hash(), embedded.2.hash());
        assert_ne!(diagnoses.hash(), embedded.0.hash());

        write("icd10.csv", "code,title\nA9,x\n");
        write("length_of_stay.csv", "item,diagnosis,low,high,valid_from,valid_to,source\na,A09,3,2,,,x\n");
        let told = load().err().unwrap();
        assert_eq!(
            told.lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(": ")).collect::<Vec<_>>(),
            ["icd10.csv: line 2, column code", "length_of_stay.csv: line 2, column high"]
        );
        std::fs::remove_file(folder.path().join("icd9cm_procedures.csv")).unwrap();
        assert!(load().err().unwrap().contains("icd9cm_procedures.csv"));
    }
}
