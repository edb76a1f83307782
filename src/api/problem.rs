//! Problem documents (RFC 9457): the one place that turns what went wrong into a status code and a text. actix's own errors pass here too.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::Id;
use crate::domain::texts::{Language, Texts};
use crate::error::{At, Code, Error, Fault, StorageFault};

/// An error on its way out. The edge renders it, because only there are the language and the request's id known.
#[derive(Debug)]
pub struct Problem(pub Error);

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(code(&self.0))
    }

    /// Only the status: the edge writes the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// A problem document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// A reference that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The id of the request, as in `X-Request-Id`.
    pub instance: String,
    /// Stable; all are listed at `GET /api/v1/problem-codes`.
    pub code: String,
    /// Every fault of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FaultDocument>,
    /// The record in the way, where the code promises one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing: Option<Value>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FaultDocument {
    /// JSON pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    pub code: String,
    pub message: String,
    pub remedy: String,
}

/// The stable code of an error. One kind of fault lends the whole request its code.
pub fn code(error: &Error) -> Code {
    match error {
        Error::Invalid(_) => Code::InvalidRequest,
        Error::Refused(refusal) => refusal.code,
        Error::Busy(_) | Error::Storage(StorageFault::Gone(_) | StorageFault::Conflict(_)) => Code::Busy,
        Error::InDoubt => Code::InDoubt,
        Error::Storage(StorageFault::Missing | StorageFault::Refused(_)) | Error::Unusable(_) | Error::Internal(_) => Code::Internal,
    }
}

/// What each code means in HTTP, chosen by who must act on it.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::BodyNotJson | Code::BodyUnreadable | Code::IdempotencyKeyMissing => StatusCode::BAD_REQUEST,
        Code::SignInRequired | Code::SignInFailed => StatusCode::UNAUTHORIZED,
        Code::NotAllowed | Code::PasswordChangeRequired => StatusCode::FORBIDDEN,
        Code::NotFound | Code::TariffNotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
        Code::NikAlreadyRegistered
        | Code::NewbornAlreadyRegistered
        | Code::BirthOrderConflict
        | Code::KkAlreadyRegistered
        | Code::CardAlreadyRegistered
        | Code::UsernameTaken
        | Code::FacilityCodeTaken
        | Code::ContractOverlaps
        | Code::JknPeriodOverlaps
        | Code::ScheduleIsPublished
        | Code::ScheduleIsEmpty
        | Code::ScheduleNameInUse
        | Code::PublishesOwnSchedule
        | Code::StateConflict
        | Code::CardInPrint
        | Code::ParticipantWithoutNik
        | Code::PopulationOfficeNotAsked
        | Code::EnrollmentExists
        | Code::ReviewAlreadyOpen
        | Code::CheckNotProvisional
        | Code::CheckCompleted
        | Code::CheckLapsed
        | Code::CheckVoid
        | Code::AlreadyExtended
        | Code::PaperAlreadyBrought
        | Code::ReviewNeedsPerson
        | Code::CheckNotEligible
        | Code::CheckTooOld
        | Code::LetterNeedsPerson
        | Code::LetterNotCovered
        | Code::LetterExists
        | Code::LetterState
        | Code::LetterAdmitted
        | Code::LetterNotAdmitted
        | Code::LetterDischarged
        | Code::LetterExtendedEnough
        | Code::ClaimNumberInUse
        | Code::AlreadyBilled
        | Code::ClaimState
        | Code::NotPaidByClaim
        | Code::TakenByAnother
        | Code::DisputedAlready
        | Code::DisputeTooLate
        | Code::DisputeHasItsOwnDecision
        | Code::ConfirmationAnswered
        | Code::EditNotBackTested
        | Code::PaymentState
        | Code::NothingToPay
        | Code::ProposedByAnother
        | Code::TreasuryOrderInUse
        | Code::NothingOwed
        | Code::DebtChanged
        | Code::RecoveryState
        | Code::SecretsExhausted
        | Code::LastAdmin
        | Code::BudgetExists
        | Code::CeilingBelowZero
        | Code::DecidesOwnRequest
        | Code::SecondDecisionByAnother
        | Code::IdempotencyInProgress => StatusCode::CONFLICT,
        Code::IfMatchStale => StatusCode::PRECONDITION_FAILED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::MediaTypeNotSupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::InvalidRequest | Code::FacilityRequired | Code::IdempotencyKeyReused | Code::PersonNotSingledOut => StatusCode::UNPROCESSABLE_ENTITY,
        Code::IfMatchMissing => StatusCode::PRECONDITION_REQUIRED,
        Code::SignInLocked | Code::TrackingLocked | Code::ConfirmationLocked | Code::TooManyUnknown => StatusCode::TOO_MANY_REQUESTS,
        Code::Busy | Code::InDoubt | Code::PopulationOfficeAway => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem document of an error, and the seconds after which trying again makes sense.
pub fn document(error: &Error, texts: &Texts, language: Language, request_id: Id) -> (ProblemDocument, Option<u32>) {
    let own = code(error);
    let faults: &[Fault] = match error {
        Error::Invalid(faults) => faults,
        Error::Refused(_) | Error::Busy(_) | Error::InDoubt | Error::Storage(_) | Error::Unusable(_) | Error::Internal(_) => &[],
    };
    let (retry_after, existing) = match error {
        Error::Refused(refusal) => (refusal.retry_after, refusal.more.clone()),
        Error::Busy(_) | Error::InDoubt | Error::Storage(StorageFault::Gone(_) | StorageFault::Conflict(_)) => (Some(1), None),
        Error::Invalid(_) | Error::Storage(StorageFault::Missing | StorageFault::Refused(_)) | Error::Unusable(_) | Error::Internal(_) => {
            (None, None)
        }
    };
    // A client that branches on `code` should not have to look into the list when all faults are of one kind.
    let shared = faults.first().map(|first| first.code.clone()).filter(|first| faults.iter().all(|fault| fault.code == *first));
    let status = status(own).as_u16();
    let seconds = retry_after.unwrap_or(1).to_string();
    let text = |part: &str| texts.get(language, &format!("problems.{own}.{part}"), &[("seconds", &seconds)]).unwrap_or_default();
    let document = ProblemDocument {
        kind: format!("/problems/{}", own.as_str().to_lowercase().replace('_', "-")),
        title: text("title"),
        status,
        detail: text("detail"),
        instance: request_id.to_string(),
        code: shared.map_or_else(|| own.as_str().to_owned(), |code| code.into_owned()),
        errors: faults.iter().map(|fault| fault_document(fault, texts, language)).collect(),
        existing,
    };
    (document, retry_after)
}

/// What is wrong with a field and what helps, in words.
pub fn fault_texts(texts: &Texts, language: Language, code: &str, args: &[(&'static str, String)]) -> (String, String) {
    let filling: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let text = |part: &str| texts.get(language, &format!("faults.{code}.{part}"), &filling).unwrap_or_default();
    (text("message"), text("remedy"))
}

fn fault_document(fault: &Fault, texts: &Texts, language: Language) -> FaultDocument {
    let (message, remedy) = fault_texts(texts, language, &fault.code, &fault.args);
    let (mut pointer, mut parameter, mut header) = (None, None, None);
    match &fault.at {
        At::Pointer(text) => pointer = Some(text.clone()),
        At::Parameter(name) => parameter = Some(name.clone()),
        At::Header(name) => header = Some((*name).to_owned()),
    }
    FaultDocument { pointer, parameter, header, code: fault.code.to_string(), message, remedy }
}

/// The answer itself.
pub fn response(error: &Error, texts: &Texts, language: Language, request_id: Id) -> HttpResponse {
    let (document, retry_after) = document(error, texts, language, request_id);
    let mut response = HttpResponse::build(StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    response.content_type("application/problem+json");
    if let Some(seconds) = retry_after {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if document.status == 401 {
        response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    response.json(document)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn texts() -> Texts {
        Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap()
    }

    #[test]
    fn every_code_has_its_texts_and_every_text_its_code() {
        let needed: Vec<String> = Code::ALL.iter().flat_map(|code| [format!("{code}.title"), format!("{code}.detail")]).collect();
        let needed: Vec<&str> = needed.iter().map(String::as_str).collect();
        assert_eq!(texts().check("problems", &needed), vec![]);
    }

    /// Codes of faults stand where they are found; this reads them there.
    #[test]
    fn every_fault_in_the_sources_has_its_texts() {
        let mut codes = BTreeSet::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    for call in
                        text.split("Fault::").skip(1).filter(|call| ["at(", "parameter(", "header("].iter().any(|name| call.starts_with(name)))
                    {
                        let call = call.split(';').next().unwrap_or_default();
                        let words = call.split('"').skip(1).step_by(2);
                        codes.extend(
                            words
                                .filter(|word| {
                                    word.len() > 3
                                        && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_' || letter.is_ascii_digit())
                                        && word.starts_with(|letter: char| letter.is_ascii_uppercase())
                                })
                                .map(str::to_owned),
                        );
                    }
                }
            }
        }
        codes.extend(crate::domain::registration::FaultCode::ALL.iter().map(|code| code.as_str().to_owned()));
        assert!(codes.len() > 30, "the sources were not understood: {codes:?}");
        let texts = texts();
        let without: Vec<&String> = codes
            .iter()
            .filter(|code| [Language::Id, Language::En].iter().any(|language| texts.get(*language, &format!("faults.{code}.message"), &[]).is_none()))
            .collect();
        assert_eq!(without, Vec::<&String>::new());
    }
}
