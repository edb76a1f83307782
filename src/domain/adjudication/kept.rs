//! What a claim was judged on, as it is kept with it: so that anyone may judge it again later and see that the same comes out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::case::{Case, CheckFacts, CoverageFacts, FacilityStatistics, LetterFacts, PastClaim, PersonFacts, Priced, Used};
use super::{Adjudication, adjudicate, edits};
use crate::domain::claim_lists::ClaimLists;
use crate::domain::claims::{Attached, Bill};
use crate::domain::codes::CodeList;
use crate::domain::facilities::Facility;
use crate::domain::files::ContentHash;
use crate::domain::icd9cm::Icd9Code;
use crate::domain::icd10::Icd10Code;
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::TooLarge;

/// Everything of a case that lies neither in the bill nor in the files of the city.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptCase {
    received_on: NaiveDate,
    person: PersonFacts,
    coverage: CoverageFacts,
    letter: Option<LetterFacts>,
    check: CheckFacts,
    prices: BTreeMap<String, Priced>,
    documents: Vec<Attached>,
    history: Vec<PastClaim>,
    rejected: Vec<PastClaim>,
    used: Used,
    statistics: Option<FacilityStatistics>,
    sampled: bool,
    denied_by_participant: bool,
    account_changed_on: Option<NaiveDate>,
    submitted_by_registrar: bool,
    /// The edits that only told what they would do.
    shadow: BTreeSet<String>,
}

/// The files by which a kept case is judged again.
pub struct Files<'a> {
    pub rules: &'a RuleSet,
    pub lists: &'a ClaimLists,
    pub diagnosis_codes: &'a CodeList<Icd10Code>,
    pub procedure_codes: &'a CodeList<Icd9Code>,
}

impl KeptCase {
    pub fn of(case: Case<'_>, shadow: &BTreeSet<String>) -> Self {
        Self {
            received_on: case.received_on,
            person: case.person,
            coverage: case.coverage,
            letter: case.letter,
            check: case.check,
            prices: case.prices,
            documents: case.documents,
            history: case.history,
            rejected: case.rejected,
            used: case.used,
            statistics: case.statistics,
            sampled: case.sampled,
            denied_by_participant: case.denied_by_participant,
            account_changed_on: case.account_changed_on,
            submitted_by_registrar: case.submitted_by_registrar,
            shadow: shadow.clone(),
        }
    }

    /// Judges it again, by all edits of this program.
    pub fn judge(&self, bill: &Bill, facility: &Facility, files: &Files<'_>) -> Result<Adjudication, TooLarge> {
        let kept = self.clone();
        let case = Case {
            received_on: kept.received_on,
            bill,
            facility,
            rules: files.rules,
            lists: files.lists,
            diagnosis_codes: files.diagnosis_codes,
            procedure_codes: files.procedure_codes,
            person: kept.person,
            coverage: kept.coverage,
            letter: kept.letter,
            check: kept.check,
            prices: kept.prices,
            documents: kept.documents,
            history: kept.history,
            rejected: kept.rejected,
            used: kept.used,
            statistics: kept.statistics,
            sampled: kept.sampled,
            denied_by_participant: kept.denied_by_participant,
            account_changed_on: kept.account_changed_on,
            submitted_by_registrar: kept.submitted_by_registrar,
        };
        adjudicate(&case, edits::ALL, &|code| kept.shadow.contains(code))
    }
}

/// Of all that an adjudication says, in one form.
pub fn fingerprint(adjudication: &Adjudication) -> ContentHash {
    // Enums, texts and whole numbers, which have a JSON form.
    ContentHash::of(&serde_json::to_vec(adjudication).unwrap_or_default())
}

/// Of the edits by which this program judges: with another one, another outcome is no wonder.
pub fn edits_fingerprint() -> ContentHash {
    let known: Vec<(&str, u16)> = edits::ALL.iter().map(|edit| (edit.code, edit.version)).collect();
    ContentHash::of(&serde_json::to_vec(&known).unwrap_or_default())
}
