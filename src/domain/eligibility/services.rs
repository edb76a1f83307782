//! What the care is for: diagnoses that the Puskesmas treats itself, and services that the scheme does not pay.

use super::case::Case;
use super::{Exclusion, RuleCode, RuleResult, Scalar};

pub(super) fn primary_care_diagnosis(case: &Case) -> RuleResult {
    let code = RuleCode::PrimaryCareDiagnosis;
    match case.diagnosis() {
        Some(diagnosis) if case.rules.services.warn_primary_care_diagnoses && case.hospital_outpatient() => {
            let stays = case.lists.stays_in_primary_care(diagnosis);
            let result = if stays { RuleResult::warn(code) } else { RuleResult::pass(code) };
            result.value(Scalar::Code(diagnosis.as_str().to_owned()))
        }
        Some(_) | None => RuleResult::not_applicable(code),
    }
}

/// What is paid with papers passes here: SPECIAL_GROUP asks for them.
pub(super) fn service_excluded(case: &Case) -> RuleResult {
    let code = RuleCode::ServiceExcluded;
    let (cause, diagnosis) = (case.facts.told.injury_cause, case.diagnosis());
    if !case.rules.services.refuse_excluded || (cause.is_none() && diagnosis.is_none()) {
        return RuleResult::not_applicable(code);
    }
    let by_cause = cause.and_then(|cause| Some((cause, case.lists.excluded_cause(cause)?.effect)));
    if let Some((cause, Exclusion::Excluded)) = by_cause {
        return RuleResult::fail(code).field("facts.injury_cause").value(cause.as_str());
    }
    let by_diagnosis = diagnosis.and_then(|diagnosis| Some((diagnosis, case.lists.excluded_diagnosis(diagnosis)?.effect)));
    match by_diagnosis {
        Some((diagnosis, Exclusion::Excluded)) => RuleResult::fail(code).value(Scalar::Code(diagnosis.as_str().to_owned())),
        Some((diagnosis, Exclusion::AskCause)) if cause.is_none() => {
            RuleResult::warn(code).field("facts.injury_cause").value(Scalar::Code(diagnosis.as_str().to_owned()))
        }
        Some((_, Exclusion::AskCause | Exclusion::WithPapers)) | None => RuleResult::pass(code),
    }
}
