//! What the lines of each list say.

use std::str::FromStr;

use super::table::Line;
use crate::domain::documents::DocumentKind;
use crate::domain::eligibility::{CareType, Excluded, Exclusion};
use crate::domain::facilities::{FacilityClass, FacilityKind};
use crate::domain::icd9cm::{Icd9Block, Icd9Code};
use crate::domain::icd10::Icd10Block;
use crate::domain::participants::Sex;
use crate::domain::reference_rows::Row;
use crate::domain::text_enum::text_enum;

text_enum! {
    /// How sure a limit is: a hard one cannot be otherwise, a soft one is a reason to look.
    Strength { Hard = "hard", Soft = "soft" }
}

text_enum! {
    /// Who pays before the city: the statutory traffic insurer, or the insurer of employment.
    ThirdParty { Traffic = "traffic", Work = "work" }
}

/// Whom a diagnosis or a procedure can concern. Ages are completed years, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeopleLimit {
    pub sex: Option<Sex>,
    pub min_age: Option<u8>,
    pub max_age: Option<u8>,
    pub strength: Strength,
}

impl PeopleLimit {
    pub fn allows_sex(&self, sex: Sex) -> bool {
        self.sex.is_none_or(|only| only == sex)
    }

    pub fn allows_age(&self, years: u8) -> bool {
        self.min_age.is_none_or(|least| least <= years) && self.max_age.is_none_or(|most| years <= most)
    }

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (sex, min_age, max_age, strength) = (row.may("sex"), row.may("min_age"), row.may("max_age"), row.must("strength"));
        if min_age.zip(max_age).is_some_and(|(least, most)| most < least) {
            row.refuse("max_age", "is below min_age");
        }
        Some(Self { sex, min_age, max_age, strength: strength? })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosisLimit {
    pub diagnosis: Icd10Block,
    pub people: PeopleLimit,
    /// It is coded beside another one and cannot be what the stay was for.
    pub not_principal: bool,
}

impl Line for DiagnosisLimit {
    const FILE: &'static str = "diagnosis_limits.csv";
    const COLUMNS: &'static [&'static str] = &["diagnosis", "sex", "min_age", "max_age", "strength", "not_principal"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (diagnosis, people, not_principal) = (row.must("diagnosis"), PeopleLimit::read(row), row.flag("not_principal"));
        Some(Self { diagnosis: diagnosis?, people: people?, not_principal })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureLimit {
    pub procedure: Icd9Block,
    pub people: PeopleLimit,
    pub max_per_day: Option<u16>,
    pub max_per_stay: Option<u16>,
    pub once_in_lifetime: bool,
    /// It is usually done without a night in hospital.
    pub day_case: bool,
}

impl Line for ProcedureLimit {
    const FILE: &'static str = "procedure_limits.csv";
    const COLUMNS: &'static [&'static str] =
        &["procedure", "sex", "min_age", "max_age", "strength", "max_per_day", "max_per_stay", "once_in_lifetime", "day_case"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (procedure, people) = (row.must("procedure"), PeopleLimit::read(row));
        let (max_per_day, max_per_stay) = (row.may("max_per_day"), row.may("max_per_stay"));
        let (once_in_lifetime, day_case) = (row.flag("once_in_lifetime"), row.flag("day_case"));
        Some(Self { procedure: procedure?, people: people?, max_per_day, max_per_stay, once_in_lifetime, day_case })
    }
}

/// Two procedures of one day of which only the first is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedurePair {
    pub procedure: Icd9Block,
    pub excludes: Icd9Block,
    /// Both are paid when the papers show that the second was at another site of the body.
    pub separate_site: bool,
}

impl Line for ProcedurePair {
    const FILE: &'static str = "procedure_pairs.csv";
    const COLUMNS: &'static [&'static str] = &["procedure", "excludes", "separate_site"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (procedure, excludes, separate_site) = (row.must("procedure"), row.must("excludes"), row.flag("separate_site"));
        Some(Self { procedure: procedure?, excludes: excludes?, separate_site })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureNeed {
    pub procedure: Icd9Block,
    /// Any of them is enough.
    pub diagnoses: Vec<Icd10Block>,
}

impl Line for ProcedureNeed {
    const FILE: &'static str = "procedure_needs_diagnosis.csv";
    const COLUMNS: &'static [&'static str] = &["procedure", "diagnoses"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (procedure, diagnoses) = (row.must("procedure"), row.many("diagnoses"));
        if row.cell("diagnoses").is_empty() {
            row.refuse("diagnoses", "is empty");
        }
        Some(Self { procedure: procedure?, diagnoses })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preauthorised {
    pub procedure: Icd9Block,
}

impl Line for Preauthorised {
    const FILE: &'static str = "preauthorised_procedures.csv";
    const COLUMNS: &'static [&'static str] = &["procedure"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        Some(Self { procedure: row.must("procedure")? })
    }
}

/// What claims refuse beyond the list of the checks. The file has the columns of that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedDiagnosis {
    pub diagnosis: Icd10Block,
    pub excluded: Excluded,
}

impl Line for ExcludedDiagnosis {
    const FILE: &'static str = "claim_excluded_diagnoses.csv";
    const COLUMNS: &'static [&'static str] = &["field", "match", "effect", "group"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        if row.cell("field") != "diagnosis" {
            row.refuse("field", "is not diagnosis: a claim has no other field for this list");
        }
        let (diagnosis, effect, group) = (row.must("match"), row.must::<Exclusion>("effect"), row.may("group"));
        let excluded = Excluded { effect: effect?, group };
        if !excluded.is_whole() {
            row.refuse("group", "belongs to with_papers, and to nothing else");
        }
        Some(Self { diagnosis: diagnosis?, excluded })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThirdPartyDiagnosis {
    pub diagnosis: Icd10Block,
    pub payer: ThirdParty,
}

impl Line for ThirdPartyDiagnosis {
    const FILE: &'static str = "third_party_diagnoses.csv";
    const COLUMNS: &'static [&'static str] = &["diagnosis", "payer"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (diagnosis, payer) = (row.must("diagnosis"), row.must("payer"));
        Some(Self { diagnosis: diagnosis?, payer: payer? })
    }
}

/// The beginning of tariff codes; a question mark stands for any one character, as the letter of an INA-CBG group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePrefix(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no beginning of a tariff code: expected capitals, digits, dashes, dots and question marks")]
pub struct NotACodePrefix;

impl CodePrefix {
    pub fn fits(&self, code: &str) -> bool {
        let mut letters = code.bytes();
        self.0.bytes().all(|wanted| letters.next().is_some_and(|letter| wanted == b'?' || wanted == letter.to_ascii_uppercase()))
    }

    pub fn length(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for CodePrefix {
    type Err = NotACodePrefix;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_one = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-.?".contains(&byte));
        if is_one && !text.is_empty() { Ok(Self(text.to_owned())) } else { Err(NotACodePrefix) }
    }
}

/// A document that belongs to some kind of care; narrowed to tariffs or procedures where they are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentNeed {
    pub care_type: CareType,
    pub tariff_code: Option<CodePrefix>,
    pub procedure: Option<Icd9Block>,
    pub document: DocumentKind,
    pub mandatory: bool,
}

impl DocumentNeed {
    pub fn concerns(&self, care_type: CareType, tariffs: &[&str], procedures: &[Icd9Code]) -> bool {
        self.care_type == care_type
            && self.tariff_code.as_ref().is_none_or(|prefix| tariffs.iter().any(|code| prefix.fits(code)))
            && self.procedure.as_ref().is_none_or(|block| procedures.iter().any(|code| block.contains(code)))
    }
}

impl Line for DocumentNeed {
    const FILE: &'static str = "documents_by_service.csv";
    const COLUMNS: &'static [&'static str] = &["care_type", "tariff_code", "procedure", "document", "mandatory"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (care_type, tariff_code, procedure) = (row.must("care_type"), row.may("tariff_code"), row.may("procedure"));
        let (document, mandatory) = (row.must("document"), row.must("mandatory"));
        Some(Self { care_type: care_type?, tariff_code, procedure, document: document?, mandatory: mandatory? })
    }
}

/// The days that a stay usually has; both ends are usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LengthOfStay {
    pub diagnosis: Icd10Block,
    pub low: u16,
    pub high: u16,
}

impl Line for LengthOfStay {
    const FILE: &'static str = "length_of_stay.csv";
    const COLUMNS: &'static [&'static str] = &["diagnosis", "low", "high"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (diagnosis, low, high) = (row.must("diagnosis"), row.must("low"), row.must("high"));
        if low.zip(high).is_some_and(|(low, high)| high < low) {
            row.refuse("high", "is below low");
        }
        Some(Self { diagnosis: diagnosis?, low: low?, high: high? })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityCapability {
    pub kind: FacilityKind,
    /// None: every class of which no line of its own speaks.
    pub class: Option<FacilityClass>,
    pub care_types: Vec<CareType>,
    pub procedures_not_allowed: Vec<Icd9Block>,
}

impl FacilityCapability {
    pub fn allows(&self, procedure: &Icd9Code) -> bool {
        !self.procedures_not_allowed.iter().any(|block| block.contains(procedure))
    }
}

impl Line for FacilityCapability {
    const FILE: &'static str = "facility_capabilities.csv";
    const COLUMNS: &'static [&'static str] = &["kind", "class", "care_types", "procedures_not_allowed"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (kind, class) = (row.must("kind"), row.may("class"));
        let (care_types, procedures_not_allowed) = (row.many("care_types"), row.many("procedures_not_allowed"));
        if class.is_some() && kind.is_some_and(|kind| kind != FacilityKind::Hospital) {
            row.refuse("class", "belongs to hospitals only");
        }
        if row.cell("care_types").is_empty() {
            row.refuse("care_types", "is empty");
        }
        Some(Self { kind: kind?, class, care_types, procedures_not_allowed })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyDiagnosis {
    pub diagnosis: Icd10Block,
}

impl Line for EmergencyDiagnosis {
    const FILE: &'static str = "emergency_diagnoses.csv";
    const COLUMNS: &'static [&'static str] = &["diagnosis"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        Some(Self { diagnosis: row.must("diagnosis")? })
    }
}

/// What the price of a tariff code holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRule {
    pub tariff_code: CodePrefix,
    /// Not paid beside it in the same stay.
    pub includes: Vec<CodePrefix>,
    /// It is a price for one day of a stay.
    pub per_diem: bool,
    /// It is the price of a whole stay, or of a whole visit: there is one of it, however many services it took.
    pub whole_case: bool,
    /// Per cent for the first, second and every further procedure in one session; empty: all in full.
    pub procedure_percents: Vec<u8>,
}

impl PackageRule {
    pub fn holds(&self, code: &str) -> bool {
        self.includes.iter().any(|prefix| prefix.fits(code))
    }

    /// Per cent of the price for the procedure at this place, counted from 0: beyond the last that is named, as for the last.
    pub fn percent_for(&self, place: usize) -> u8 {
        self.procedure_percents.get(place).or(self.procedure_percents.last()).copied().unwrap_or(100)
    }
}

impl Line for PackageRule {
    const FILE: &'static str = "package_rules.csv";
    const COLUMNS: &'static [&'static str] = &["tariff_code", "includes", "per_diem", "whole_case", "procedure_percents"];

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (tariff_code, includes) = (row.must("tariff_code"), row.many("includes"));
        let (per_diem, whole_case) = (row.flag("per_diem"), row.flag("whole_case"));
        if per_diem && whole_case {
            row.refuse("whole_case", "a price for one day is not that of the whole case");
        }
        let procedure_percents: Vec<u8> = row.many("procedure_percents");
        if procedure_percents.iter().any(|percent| *percent > 100) {
            row.refuse("procedure_percents", "a percentage is at most 100");
        }
        Some(Self { tariff_code: tariff_code?, includes, per_diem, whole_case, procedure_percents })
    }
}
