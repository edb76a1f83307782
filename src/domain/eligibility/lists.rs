//! The lists beside the rule sets: diagnoses that stay at the Puskesmas, and services that the scheme does not pay.
//!
//! What no field of a check can show (an own wish, a stay abroad, an experiment) is in no list: it is left to the claim.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{InjuryCause, SpecialGroup};
use crate::domain::files::{ContentHash, FileFault};
use crate::domain::icd10::{Icd10Block, Icd10Code};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// What being on the list means: not paid; paid with the papers of a special group; or only a question still to be asked.
    Exclusion { Excluded = "excluded", WithPapers = "with_papers", AskCause = "ask_cause" }
}

/// A line of the list of services that are not paid, as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExcludedLine {
    #[serde(rename = "item")]
    _item: String,
    field: String,
    #[serde(rename = "match")]
    matches: String,
    effect: Exclusion,
    group: Option<SpecialGroup>,
    source: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrimaryCareLine {
    code: String,
    #[serde(rename = "title")]
    _title: String,
    source: String,
}

/// What a line of the list says about a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded {
    pub effect: Exclusion,
    pub group: Option<SpecialGroup>,
}

impl Excluded {
    /// Where several lines speak of one service, the one that refuses comes first, whatever their order in the file.
    pub const fn rank(&self) -> u8 {
        match self.effect {
            Exclusion::Excluded => 0,
            Exclusion::WithPapers => 1,
            Exclusion::AskCause => 2,
        }
    }

    /// Papers are those of a group, and nothing else has one.
    pub fn is_whole(&self) -> bool {
        (self.effect == Exclusion::WithPapers) == self.group.is_some()
    }
}

#[derive(Debug, Clone)]
pub struct Lists {
    primary_care: Vec<Icd10Block>,
    by_cause: BTreeMap<InjuryCause, Excluded>,
    by_diagnosis: Vec<(Icd10Block, Excluded)>,
    canonical: String,
    hash: ContentHash,
}

impl Lists {
    /// Reads both files, given as (name, text).
    pub fn load(primary_care: (&str, &str), excluded: (&str, &str)) -> Result<Self, Vec<FileFault>> {
        let mut faults = Vec::new();
        let blocks = primary_care_blocks(primary_care, &mut faults);
        let mut lists = Self {
            primary_care: blocks,
            by_cause: BTreeMap::new(),
            by_diagnosis: Vec::new(),
            canonical: canonical(primary_care.1, excluded.1),
            hash: ContentHash::from_bytes([0; 32]),
        };
        lists.hash = ContentHash::of(lists.canonical.as_bytes());
        for (line, read) in lines::<ExcludedLine>(excluded) {
            if let Err(message) = read.and_then(|read| lists.take(&read)) {
                faults.push(FileFault::new(excluded.0, format!("line {line}"), message));
            }
        }
        if faults.is_empty() { Ok(lists) } else { Err(faults) }
    }

    /// Reads what `canonical` wrote, to decide a recorded check again.
    pub fn from_canonical(text: &str) -> Result<Self, Vec<FileFault>> {
        let [primary_care, excluded]: [String; 2] =
            serde_json::from_str(text).map_err(|error| vec![FileFault::new("lists", "content", error.to_string())])?;
        Self::load(("primary care diagnoses", &primary_care), ("excluded services", &excluded))
    }

    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    pub fn stays_in_primary_care(&self, diagnosis: &Icd10Code) -> bool {
        self.primary_care.iter().any(|block| block.contains(diagnosis))
    }

    pub fn excluded_cause(&self, cause: InjuryCause) -> Option<Excluded> {
        self.by_cause.get(&cause).copied()
    }

    /// What the lines about this diagnosis say.
    pub fn excluded_diagnosis(&self, diagnosis: &Icd10Code) -> Option<Excluded> {
        self.by_diagnosis.iter().filter(|(block, _)| block.contains(diagnosis)).map(|(_, excluded)| *excluded).min_by_key(Excluded::rank)
    }

    fn take(&mut self, line: &ExcludedLine) -> Result<(), String> {
        if line.source.trim().is_empty() {
            return Err("source is empty: name one, or write assumption".to_owned());
        }
        let excluded = Excluded { effect: line.effect, group: line.group };
        if !excluded.is_whole() {
            return Err("group belongs to with_papers, and to nothing else".to_owned());
        }
        match line.field.as_str() {
            "injury_cause" => {
                let cause = line.matches.parse::<InjuryCause>().map_err(|error| error.to_string())?;
                match self.by_cause.insert(cause, excluded) {
                    Some(_) => Err(format!("{cause} is already on the list")),
                    None => Ok(()),
                }
            }
            "diagnosis" => {
                let block = line.matches.parse().map_err(|_| format!("{:?} is neither an ICD-10 code nor a block such as V01-V89", line.matches))?;
                self.by_diagnosis.push((block, excluded));
                Ok(())
            }
            _ => Err("field is neither injury_cause nor diagnosis".to_owned()),
        }
    }
}

fn primary_care_blocks(file: (&str, &str), faults: &mut Vec<FileFault>) -> Vec<Icd10Block> {
    let mut blocks = Vec::new();
    for (line, read) in lines::<PrimaryCareLine>(file) {
        let block = read.and_then(|read| match read.code.parse() {
            Ok(_) if read.source.trim().is_empty() => Err("source is empty: name one, or write assumption".to_owned()),
            Ok(block) => Ok(block),
            Err(error) => Err(format!("{:?}: {error}", read.code)),
        });
        match block {
            Ok(block) => blocks.push(block),
            Err(message) => faults.push(FileFault::new(file.0, format!("line {line}"), message)),
        }
    }
    blocks
}

/// The lines of a CSV file with their numbers.
fn lines<T: for<'de> Deserialize<'de>>((_, text): (&str, &str)) -> Vec<(u64, Result<T, String>)> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut found = Vec::new();
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => return vec![(1, Err(error.to_string()))],
    };
    for record in reader.records() {
        found.push(match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                (line, record.deserialize(Some(&headers)).map_err(|error| error.to_string()))
            }
            Err(error) => (error.position().map_or(0, csv::Position::line), Err(error.to_string())),
        });
    }
    found
}

/// Both files in one text, with line ends that do not depend on who saved them.
fn canonical(primary_care: &str, excluded: &str) -> String {
    let plain = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    serde_json::Value::from(vec![plain(primary_care), plain(excluded)]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMARY: &str = include_str!("../../../config/reference/primary_care_diagnoses.csv");
    const EXCLUDED: &str = include_str!("../../../config/reference/excluded_services.csv");

    fn load(primary: &str, excluded: &str) -> Result<Lists, Vec<FileFault>> {
        Lists::load(("primary.csv", primary), ("excluded.csv", excluded))
    }

    #[test]
    fn the_lists_of_the_city_say_what_the_sources_say() {
        let lists = load(PRIMARY, EXCLUDED).unwrap();
        for (code, stays) in [("J06.9", true), ("J029", true), ("A09", true), ("K08.8", true), ("Z34.0", true), ("I21", false), ("K08.1", false)] {
            assert_eq!(lists.stays_in_primary_care(&code.parse().unwrap()), stays, "{code}");
        }
        for (cause, effect) in [
            (InjuryCause::Traffic, Some(Exclusion::Excluded)),
            (InjuryCause::Work, Some(Exclusion::Excluded)),
            (InjuryCause::SelfHarm, Some(Exclusion::Excluded)),
            (InjuryCause::Violence, Some(Exclusion::WithPapers)),
            (InjuryCause::Other, None),
        ] {
            assert_eq!(lists.excluded_cause(cause).map(|excluded| excluded.effect), effect, "{cause}");
        }
        for (code, effect) in [
            ("V23.4", Some(Exclusion::Excluded)),
            ("X34", Some(Exclusion::WithPapers)),
            ("Y00", Some(Exclusion::WithPapers)),
            ("F17.2", None),
            ("F18", Some(Exclusion::Excluded)),
            ("S72.00", Some(Exclusion::AskCause)),
            ("A09", None),
        ] {
            assert_eq!(lists.excluded_diagnosis(&code.parse().unwrap()).map(|excluded| excluded.effect), effect, "{code}");
        }
    }

    #[test]
    fn the_canonical_form_reads_back_and_forgets_line_ends() {
        let lists = load(PRIMARY, EXCLUDED).unwrap();
        assert_eq!(Lists::from_canonical(lists.canonical()).unwrap().hash(), lists.hash());
        let windows = PRIMARY.replace('\n', "\r\n");
        assert_eq!(load(&windows, EXCLUDED).unwrap().hash(), lists.hash());
        assert_ne!(load(&PRIMARY.replace("J06,", "J07,"), EXCLUDED).unwrap().hash(), lists.hash());
    }

    #[test]
    fn faults_name_file_and_line() {
        let head = "item,field,match,effect,group,source\n";
        for (excluded, word) in [
            ("x,injury_cause,falling,excluded,,P57", "InjuryCause"),
            ("x,injury_cause,traffic,excluded,,", "source is empty"),
            ("x,injury_cause,violence,with_papers,,P57", "group belongs"),
            ("x,injury_cause,traffic,excluded,violence,P57", "group belongs"),
            ("x,diagnosis,V89-V01,excluded,,P57", "ICD-10"),
            ("x,weather,rain,excluded,,P57", "field is neither"),
            ("x,diagnosis,V01,refused,,P57", "refused"),
            ("x,diagnosis", ""),
        ] {
            let faults = load(PRIMARY, &format!("{head}{excluded}\n")).unwrap_err();
            assert_eq!((faults[0].file.as_str(), faults[0].key.as_str()), ("excluded.csv", "line 2"), "{excluded}: {faults:?}");
            assert!(faults[0].message.contains(word), "{excluded}: {faults:?}");
        }
        let twice = format!("{head}x,injury_cause,work,excluded,,P57\nx,injury_cause,work,excluded,,P57\n");
        assert_eq!(load(PRIMARY, &twice).unwrap_err()[0].key, "line 3");
        assert_eq!(load("code,title,source\nJ0,x,P16\nJ02,x,\n", EXCLUDED).unwrap_err().len(), 2);
        assert_eq!(load("code,title,source,note\nJ02,x,P16,n\n", EXCLUDED).unwrap_err().len(), 1);
    }
}
