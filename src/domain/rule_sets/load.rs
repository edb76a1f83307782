//! Reading rule sets: whatever is unknown, double, or leaves a date without rules or with two is refused, with file and key.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{GoverningDate, RuleSet};
use crate::domain::eligibility::{RuleCode, Source};
use crate::domain::files::{ContentHash, FileFault, canonical};

/// The rules that the papers of a special group may answer. No letter answers for a death or for another insurance.
const ANSWERED_BY_GROUP_PAPERS: [RuleCode; 4] =
    [RuleCode::TemporaryIdentity, RuleCode::NotResident, RuleCode::ResidencyTooShort, RuleCode::PapersMissing];

impl RuleSet {
    /// Reads one file.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<FileFault>> {
        let table: toml::Table = text.parse().map_err(|error| vec![FileFault::of_toml(file, text, &error)])?;
        let mut read: Self = toml::from_str(text).map_err(|error| vec![FileFault::of_toml(file, text, &error)])?;
        read.canonical = canonical(&table);
        read.hash = ContentHash::of(read.canonical.as_bytes());
        let mut faults = faults(file, &read);
        faults.extend(
            ["letters", "claims"].iter().filter(|section| !table.contains_key(**section)).map(|section| FileFault::new(file, *section, "is missing")),
        );
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Reads what `canonical` wrote, to decide a recorded check again.
    pub fn from_canonical(text: &str) -> Result<Self, serde_json::Error> {
        let mut read: Self = serde_json::from_str(text)?;
        read.canonical = text.to_owned();
        read.hash = ContentHash::of(text.as_bytes());
        Ok(read)
    }
}

/// What no type can refuse.
fn faults(file: &str, read: &RuleSet) -> Vec<FileFault> {
    let mut faults = Vec::new();
    let mut refuse = |wrong: bool, key: &str, message: &str| {
        if wrong {
            faults.push(FileFault::new(file, key, message));
        }
    };
    refuse(read.code.trim().is_empty(), "code", "is empty");
    refuse(read.revision == 0, "revision", "begins at 1");
    refuse(read.valid_to.is_some_and(|to| to < read.valid_from), "valid_to", "lies before valid_from");
    refuse(read.legal_basis.is_empty(), "legal_basis", "is empty: say on what these rules stand");
    let city = &read.residence.city;
    refuse(city.len() != 4 || !city.bytes().all(|byte| byte.is_ascii_digit()), "residence.city", "is no four-digit code of a city or regency");
    refuse(read.ward.covered.is_empty(), "ward.covered", "is empty: no ward would be covered");
    refuse(read.referral.valid_days == 0, "referral.valid_days", "is 0: every referral would be expired");
    let curable = &read.emergency.curable_in_emergency;
    refuse(
        curable.contains(&RuleCode::NikNotFound),
        "emergency.curable_in_emergency",
        "NIK_NOT_FOUND is never curable: a patient without a usable NIK gets a temporary identity",
    );
    refuse(read.emergency.complete_within_hours == 0, "emergency.complete_within_hours", "is 0: nothing could be completed");
    faults_of_money(read, &mut refuse);
    for source in Source::ALL {
        refuse(!read.sources.when_away.contains_key(source), "sources.when_away", &format!("does not say what holds while {source} is away"));
    }
    for (group, terms) in &read.special_groups {
        for code in terms.stands_for.iter().filter(|code| !ANSWERED_BY_GROUP_PAPERS.contains(code)) {
            refuse(true, &format!("special_groups.{group}.stands_for"), &format!("no paper answers {code}"));
        }
    }
    faults
}

fn faults_of_money(read: &RuleSet, refuse: &mut impl FnMut(bool, &str, &str)) {
    let (letters, claims) = (&read.letters, &read.claims);
    refuse(letters.stay_days == 0, "letters.stay_days", "is 0: a letter for a stay would never be good");
    refuse(letters.outpatient_months == 0, "letters.outpatient_months", "is 0: a letter for outpatients would never be good");
    refuse(!(1..=28).contains(&claims.file_by_day), "claims.file_by_day", "is no day that every month has");
    refuse(claims.expires_after_months == 0, "claims.expires_after_months", "is 0: every claim would be expired");
    refuse(claims.sample_percent > 100, "claims.sample_percent", "is more than every claim");
    refuse(letters.usual_amounts.values().any(|amount| amount.0 < 0), "letters.usual_amounts", "has an amount below 0");
    for (key, amount) in [
        ("claims.second_decision_above", claims.second_decision_above),
        ("claims.annual_ceiling", claims.annual_ceiling),
        ("claims.family_ceiling", claims.family_ceiling),
    ] {
        refuse(amount.is_some_and(|amount| amount.0 <= 0), key, "is not above 0: leave it out where there is none");
    }
}

/// All rule sets, in the order of their dates, without gap or overlap.
#[derive(Debug, Clone)]
pub struct RuleSets(Vec<RuleSet>);

impl RuleSets {
    /// Reads files given as (name, text); every fault of every file is told.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<FileFault>> {
        let (mut sets, mut faults) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match RuleSet::parse(file, text) {
                Ok(set) => sets.push((file, set)),
                Err(more) => faults.extend(more),
            }
        }
        faults.extend(doubles(&sets));
        sets.sort_by_key(|(_, set)| set.valid_from);
        // While a file cannot be read, a gap in its place says nothing.
        if faults.is_empty() {
            faults.extend(sets.windows(2).filter_map(|pair| seam(&pair[0], &pair[1])));
        }
        if sets.is_empty() && faults.is_empty() {
            faults.push(FileFault::new("rule-sets", "*.toml", "there is no rule set"));
        }
        if faults.is_empty() { Ok(Self(sets.into_iter().map(|(_, set)| set).collect())) } else { Err(faults) }
    }

    pub fn for_date(&self, date: NaiveDate) -> Option<&RuleSet> {
        self.0.iter().rev().find(|set| set.range().contains(date))
    }

    /// The rule set of a stay, and the date that it judges. A stay across a change follows the rule set of its admission, unless that one
    /// says that the discharge decides.
    pub fn for_stay(&self, admitted: NaiveDate, discharged: Option<NaiveDate>) -> Option<(&RuleSet, NaiveDate)> {
        let at_admission = self.for_date(admitted)?;
        match (at_admission.governing_date, discharged) {
            (GoverningDate::Discharge, Some(discharged)) => self.for_date(discharged).map(|set| (set, discharged)),
            (GoverningDate::Admission, _) | (GoverningDate::Discharge, None) => Some((at_admission, admitted)),
        }
    }

    pub fn by_code(&self, code: &str) -> Option<&RuleSet> {
        self.0.iter().find(|set| set.code == code)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &RuleSet> + ExactSizeIterator {
        self.0.iter()
    }

    /// The first date that any rules govern.
    pub fn first_date(&self) -> Option<NaiveDate> {
        self.0.first().map(|set| set.valid_from)
    }
}

fn doubles(sets: &[(&str, RuleSet)]) -> Vec<FileFault> {
    let mut seen = BTreeMap::new();
    sets.iter()
        .filter_map(|(file, set)| {
            seen.insert(&set.code, *file).map(|other| FileFault::new(file, "code", format!("{} is already in {other}", set.code)))
        })
        .collect()
}

/// What is wrong where one rule set ends and the next begins.
fn seam((file, set): &(&str, RuleSet), (next_file, next): &(&str, RuleSet)) -> Option<FileFault> {
    let expected = set.valid_to.and_then(|to| to.succ_opt());
    match expected {
        Some(expected) if expected < next.valid_from => {
            Some(FileFault::new(next_file, "valid_from", format!("leaves a gap: {file} ends the day before {expected}")))
        }
        Some(expected) if expected == next.valid_from => None,
        Some(_) => Some(FileFault::new(next_file, "valid_from", format!("overlaps {file}"))),
        None => Some(FileFault::new(file, "valid_to", format!("is open, but {next_file} begins on {}", next.valid_from))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> String {
        std::fs::read_to_string(format!("{}/config/rule-sets/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    const CODES: [&str; 6] = ["KS-2017-A", "KS-2017-B", "KS-2018", "KS-2019", "LKM-2020", "LKM-2022"];

    fn load(changes: &[(&str, &str, &str)]) -> Result<RuleSets, Vec<FileFault>> {
        let files: Vec<_> = CODES
            .iter()
            .map(|code| {
                let changed = changes.iter().filter(|(of, ..)| of == code).fold(file(code), |text, (_, old, new)| {
                    assert!(text.contains(old), "{code} has no {old:?}");
                    text.replacen(old, new, 1)
                });
                (*code, changed)
            })
            .collect();
        RuleSets::load(files.iter().map(|(name, text)| (*name, text.as_str())))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_date_has_its_phase() {
        let sets = load(&[]).unwrap();
        for (date, code) in [
            ("2017-01-15", None),
            ("2017-01-16", Some("KS-2017-A")),
            ("2017-06-30", Some("KS-2017-A")),
            ("2017-07-01", Some("KS-2017-B")),
            ("2018-10-31", Some("KS-2017-B")),
            ("2018-11-01", Some("KS-2018")),
            ("2019-01-31", Some("KS-2018")),
            ("2019-02-01", Some("KS-2019")),
            ("2019-12-31", Some("KS-2019")),
            ("2020-01-01", Some("LKM-2020")),
            ("2022-03-31", Some("LKM-2020")),
            ("2022-04-01", Some("LKM-2022")),
            ("2099-01-01", Some("LKM-2022")),
        ] {
            assert_eq!(sets.for_date(day(date)).map(|set| set.code.as_str()), code, "{date}");
        }
        assert_eq!(sets.first_date(), Some(day("2017-01-16")));
        assert!(sets.iter().map(|set| set.code.as_str()).eq(CODES));
        assert!(CODES.iter().all(|code| sets.by_code(code).is_some_and(|set| set.code == *code)));
    }

    #[test]
    fn faults_name_file_and_key() {
        for (changes, file, key, word) in [
            (vec![("KS-2018", "[jkn]\n", "[jkn]\nbarrred = []\n")], "KS-2018", "line", "unknown field `barrred`"),
            (vec![("KS-2018", "revision = 4", "revision = 4\nnote = 1")], "KS-2018", "line 4", "unknown field `note`"),
            (vec![("KS-2018", "revision = 4", "revision = 0")], "KS-2018", "revision", "begins at 1"),
            (vec![("KS-2018", "code = \"KS-2018\"", "code = \"KS-2019\"")], "KS-2019", "code", "already in KS-2018"),
            (vec![("KS-2018", "valid_from = \"2018-11-01\"", "valid_from = \"2018-11-02\"")], "KS-2018", "valid_from", "gap"),
            (vec![("KS-2018", "valid_from = \"2018-11-01\"", "valid_from = \"2018-10-31\"")], "KS-2018", "valid_from", "overlaps KS-2017-B"),
            (vec![("KS-2018", "valid_to = \"2019-01-31\"", "")], "KS-2018", "valid_to", "is open"),
            (vec![("KS-2018", "valid_to = \"2019-01-31\"", "valid_to = \"2018-01-31\"")], "KS-2018", "valid_to", "before valid_from"),
            (vec![("KS-2018", "valid_to = \"2019-01-31\"", "valid_to = \"2019-02-30\"")], "KS-2018", "line", ""),
            (vec![("LKM-2022", "city = \"3275\"", "city = \"32.75\"")], "LKM-2022", "residence.city", "four-digit"),
            (vec![("LKM-2022", "jkn = \"undetermined\"", "")], "LKM-2022", "sources.when_away", "jkn"),
            (vec![("LKM-2022", "stands_for = [", "stands_for = [\"DECEASED\", ")], "LKM-2022", "special_groups.pmks.stands_for", "DECEASED"),
            (
                vec![("LKM-2022", "curable_in_emergency = [", "curable_in_emergency = [\"NIK_NOT_FOUND\", ")],
                "LKM-2022",
                "emergency.curable_in_emergency",
                "never curable",
            ),
            (vec![("LKM-2022", "curable_in_emergency = [", "curable_in_emergency = [\"NO_SUCH\", ")], "LKM-2022", "line", "NO_SUCH"),
            (vec![("LKM-2022", "stay_days = 14", "stay_days = 0")], "LKM-2022", "letters.stay_days", "never be good"),
            (vec![("LKM-2022", "file_by_day = 10", "file_by_day = 30")], "LKM-2022", "claims.file_by_day", "every month"),
            (vec![("LKM-2022", "inpatient = 4000000", "inpatient = -1")], "LKM-2022", "letters.usual_amounts", "below 0"),
            (vec![("LKM-2022", "second_decision_above = 50000000", "annual_ceiling = 0")], "LKM-2022", "claims.annual_ceiling", "leave it out"),
            (vec![("LKM-2022", "[letters]", "[claims_of_old]")], "LKM-2022", "line", "claims_of_old"),
        ] {
            let faults = load(&changes).unwrap_err();
            assert!(
                faults.iter().any(|fault| fault.file == file && fault.key.starts_with(key) && fault.message.contains(word)),
                "{changes:?}: {faults:?}"
            );
        }
        assert_eq!(RuleSets::load([]).unwrap_err().len(), 1);
    }

    #[test]
    fn faults_of_several_files_come_together() {
        let faults = load(&[("KS-2018", "revision = 4", "revision = 0"), ("LKM-2020", "revision = 4", "reviision = 1")]).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.file.as_str()).collect::<Vec<_>>(), ["KS-2018", "LKM-2020"]);
    }

    #[test]
    fn the_canonical_form_reads_back_as_the_same_rules() {
        for set in load(&[]).unwrap().iter() {
            assert_eq!(&RuleSet::from_canonical(set.canonical()).unwrap(), set);
        }
        let changed = load(&[("LKM-2022", "min_months = 6", "min_months = 7")]).unwrap();
        let commented = load(&[("LKM-2022", "min_months = 6", "min_months = 6 # months")]).unwrap();
        let plain = load(&[]).unwrap();
        let hash = |sets: &RuleSets| sets.by_code("LKM-2022").unwrap().hash();
        assert_ne!(hash(&plain), hash(&changed));
        assert_eq!(hash(&plain), hash(&commented));
    }

    #[test]
    fn the_admission_decides_a_stay_across_a_change() {
        let stay = |sets: &RuleSets| sets.for_stay(day("2022-03-30"), Some(day("2022-04-03"))).map(|(set, date)| (set.code.clone(), date));
        assert_eq!(stay(&load(&[]).unwrap()), Some(("LKM-2020".to_owned(), day("2022-03-30"))));
        let by_discharge = load(&[("LKM-2020", "governing_date = \"admission\"", "governing_date = \"discharge\"")]).unwrap();
        assert_eq!(stay(&by_discharge), Some(("LKM-2022".to_owned(), day("2022-04-03"))));
        assert_eq!(by_discharge.for_stay(day("2022-03-30"), None).map(|(_, date)| date), Some(day("2022-03-30")));
    }
}
