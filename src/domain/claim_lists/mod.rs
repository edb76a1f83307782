//! The lists that claims are held against. Each is a CSV file with dated lines, and each line names its source: a city replaces what it knows better.
//!
//! What they say is data; what follows from it (a refusal, a look by a person, a cut) is decided where claims are adjudicated.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::documents::DocumentKind;
use super::eligibility::{CareType, Excluded};
use super::facilities::{FacilityClass, FacilityKind};
use super::files::{ContentHash, FileFault};
use super::icd9cm::Icd9Code;
use super::icd10::Icd10Code;

mod lines;
mod table;
#[cfg(test)]
mod tests;

pub use lines::{
    DiagnosisLimit, DocumentNeed, EmergencyDiagnosis, ExcludedDiagnosis, FacilityCapability, LengthOfStay, PackageRule, PeopleLimit, Preauthorised,
    ProcedureLimit, ProcedureNeed, ProcedurePair, Strength, ThirdParty, ThirdPartyDiagnosis,
};
use table::{Line, Table};

#[derive(Debug)]
pub struct ClaimLists {
    diagnosis_limits: Table<DiagnosisLimit>,
    procedure_limits: Table<ProcedureLimit>,
    procedure_pairs: Table<ProcedurePair>,
    procedure_needs: Table<ProcedureNeed>,
    preauthorised: Table<Preauthorised>,
    excluded: Table<ExcludedDiagnosis>,
    third_party: Table<ThirdPartyDiagnosis>,
    documents: Table<DocumentNeed>,
    lengths_of_stay: Table<LengthOfStay>,
    capabilities: Table<FacilityCapability>,
    emergencies: Table<EmergencyDiagnosis>,
    packages: Table<PackageRule>,
    canonical: String,
    hash: ContentHash,
}

impl ClaimLists {
    /// The names of their files.
    pub const FILES: [&str; 12] = [
        DiagnosisLimit::FILE,
        ProcedureLimit::FILE,
        ProcedurePair::FILE,
        ProcedureNeed::FILE,
        Preauthorised::FILE,
        ExcludedDiagnosis::FILE,
        ThirdPartyDiagnosis::FILE,
        DocumentNeed::FILE,
        LengthOfStay::FILE,
        FacilityCapability::FILE,
        EmergencyDiagnosis::FILE,
        PackageRule::FILE,
    ];

    /// Reads the texts of all files by their names, or tells all that is wrong with them.
    pub fn load(files: &BTreeMap<&str, String>) -> Result<Self, Vec<FileFault>> {
        let mut faults = Vec::new();
        let canonical = canonical(files);
        let lists = Self {
            diagnosis_limits: Table::read(files, &mut faults),
            procedure_limits: Table::read(files, &mut faults),
            procedure_pairs: Table::read(files, &mut faults),
            procedure_needs: Table::read(files, &mut faults),
            preauthorised: Table::read(files, &mut faults),
            excluded: Table::read(files, &mut faults),
            third_party: Table::read(files, &mut faults),
            documents: Table::read(files, &mut faults),
            lengths_of_stay: Table::read(files, &mut faults),
            capabilities: Table::read(files, &mut faults),
            emergencies: Table::read(files, &mut faults),
            packages: Table::read(files, &mut faults),
            hash: ContentHash::of(canonical.as_bytes()),
            canonical,
        };
        if faults.is_empty() { Ok(lists) } else { Err(faults) }
    }

    /// Reads what `canonical` wrote, to adjudicate a recorded claim again.
    pub fn from_canonical(text: &str) -> Result<Self, Vec<FileFault>> {
        let files = serde_json::from_str(text).map_err(|error| vec![FileFault::new("claim lists", "content", error.to_string())])?;
        Self::load(&files)
    }

    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Whom this diagnosis can concern, and whether it can be the principal one.
    pub fn diagnosis_limits<'l>(&'l self, code: &Icd10Code, on: NaiveDate) -> impl Iterator<Item = &'l DiagnosisLimit> {
        self.diagnosis_limits.on(on).filter(move |line| line.diagnosis.contains(code))
    }

    /// Whom this procedure can concern, and how often.
    pub fn procedure_limits<'l>(&'l self, code: &Icd9Code, on: NaiveDate) -> impl Iterator<Item = &'l ProcedureLimit> {
        self.procedure_limits.on(on).filter(move |line| line.procedure.contains(code))
    }

    /// Why the second procedure is not paid beside the first on the same day, if it is not.
    pub fn excluded_beside(&self, paid: &Icd9Code, beside: &Icd9Code, on: NaiveDate) -> Option<&ProcedurePair> {
        self.procedure_pairs.on(on).find(|pair| pair.procedure.contains(paid) && pair.excludes.contains(beside))
    }

    /// Does one of these diagnoses support the procedure? One of which no list says what it needs is supported by any.
    pub fn supports(&self, diagnoses: &[Icd10Code], procedure: &Icd9Code, on: NaiveDate) -> bool {
        let mut needs = self.procedure_needs.on(on).filter(|need| need.procedure.contains(procedure)).peekable();
        needs.peek().is_none() || needs.any(|need| need.diagnoses.iter().any(|block| diagnoses.iter().any(|code| block.contains(code))))
    }

    pub fn needs_authorisation(&self, procedure: &Icd9Code, on: NaiveDate) -> bool {
        self.preauthorised.on(on).any(|line| line.procedure.contains(procedure))
    }

    /// What the lines about this diagnosis say. Where several fit, one that refuses comes first, as in the list of the checks.
    pub fn excluded_diagnosis(&self, code: &Icd10Code, on: NaiveDate) -> Option<Excluded> {
        self.excluded.on(on).filter(|line| line.diagnosis.contains(code)).map(|line| line.excluded).min_by_key(Excluded::rank)
    }

    /// Who is to pay for this diagnosis before the city does.
    pub fn third_party(&self, code: &Icd10Code, on: NaiveDate) -> Option<ThirdParty> {
        self.third_party.on(on).filter(|line| line.diagnosis.contains(code)).min_by_key(|line| line.diagnosis.breadth()).map(|line| line.payer)
    }

    /// The documents that such care has, and which of them are mandatory. What one line demands, no other takes back.
    pub fn documents(&self, care_type: CareType, tariffs: &[&str], procedures: &[Icd9Code], on: NaiveDate) -> BTreeMap<DocumentKind, bool> {
        let mut wanted = BTreeMap::new();
        for need in self.documents.on(on).filter(|need| need.concerns(care_type, tariffs, procedures)) {
            *wanted.entry(need.document).or_default() |= need.mandatory;
        }
        wanted
    }

    /// How long a stay for this diagnosis usually is: the closest line.
    pub fn length_of_stay(&self, code: &Icd10Code, on: NaiveDate) -> Option<&LengthOfStay> {
        self.lengths_of_stay.on(on).filter(|line| line.diagnosis.contains(code)).min_by_key(|line| line.diagnosis.breadth())
    }

    /// What such a facility may do: the line of its class before the line of its kind.
    pub fn capability(&self, kind: FacilityKind, class: Option<FacilityClass>, on: NaiveDate) -> Option<&FacilityCapability> {
        let fits = |line: &&FacilityCapability| line.kind == kind && (line.class.is_none() || line.class == class);
        self.capabilities.on(on).filter(fits).max_by_key(|line| line.class.is_some())
    }

    pub fn supports_emergency(&self, code: &Icd10Code, on: NaiveDate) -> bool {
        self.emergencies.on(on).any(|line| line.diagnosis.contains(code))
    }

    /// What the price of this tariff code holds: the line with the longest prefix.
    pub fn package(&self, tariff_code: &str, on: NaiveDate) -> Option<&PackageRule> {
        self.packages.on(on).filter(|line| line.tariff_code.fits(tariff_code)).max_by_key(|line| line.tariff_code.length())
    }
}

/// All files in one text, with line ends that do not depend on who saved them.
fn canonical(files: &BTreeMap<&str, String>) -> String {
    let plain = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), plain(text).into()));
    serde_json::Value::Object(texts.collect()).to_string()
}
