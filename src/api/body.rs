//! Reading a JSON body: within its size and time, strictly, and with every fault at once.
//!
//! The fast way is serde and validator. Only when one of them refuses is the body read again as a plain value and held against our own OpenAPI
//! schema, which names all that is wrong.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use jsonschema::error::ValidationErrorKind as Kind;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::State;
use super::problem::Problem;
use crate::error::{At, Code, Error, Fault};

pub const USUAL: usize = 1 << 20;
pub const BATCH: usize = 16 << 20;

/// A JSON body of type `T`, at most `LIMIT` bytes long. The bytes stay, for the fingerprint of an idempotency key.
pub struct Body<T, const LIMIT: usize = USUAL> {
    pub value: T,
    pub bytes: web::Bytes,
}

impl<T, const LIMIT: usize> FromRequest for Body<T, LIMIT>
where
    T: DeserializeOwned + Validate + ToSchema + 'static,
{
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let bytes = read(&request, &mut payload, LIMIT).await.map_err(Problem)?;
            let value = parse(&bytes).map_err(Problem)?;
            Ok(Self { value, bytes })
        })
    }
}

/// Tells a field that is null from one that is not there: for corrections, where the first empties and the second leaves.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// For a field of a correction that cannot be emptied: null is no value of it.
pub fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads the raw body of a JSON request.
pub(super) async fn read(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<web::Bytes, Error> {
    let is_json = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        return Err(Error::refused(Code::MediaTypeNotSupported));
    }
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Error::refused(Code::BodyTooLarge));
    }
    let patience = request.app_data::<web::Data<State>>().map_or(10_000, |state| state.0.settings.server.body_timeout_ms);
    // actix times only the head: a body that stalls would hold its connection for ever.
    let body = tokio::time::timeout(
        Duration::from_millis(patience),
        web::Payload::from_request(request, payload).await.map_err(unreadable)?.to_bytes_limited(limit),
    )
    .await
    .map_err(|_| Error::refused(Code::BodyTooSlow))?;
    body.map_err(|_| Error::refused(Code::BodyTooLarge))?.map_err(unreadable)
}

fn unreadable(_: actix_web::Error) -> Error {
    Error::refused(Code::BodyUnreadable)
}

/// Parses and validates, or names every fault.
pub fn parse<T: DeserializeOwned + Validate + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Error> {
    match checked(serde_json::from_slice::<T>(bytes)) {
        Ok(value) => Ok(value),
        Err(found) => {
            let value: Value = serde_json::from_slice(bytes).map_err(|_| Error::refused(Code::BodyNotJson))?;
            Err(all_faults::<T>(&value, found)?)
        }
    }
}

/// The same for one part of a body, such as an item of a batch.
pub fn parse_value<T: DeserializeOwned + Validate + ToSchema + 'static>(value: Value) -> Result<T, Error> {
    match checked(T::deserialize(&value)) {
        Ok(parsed) => Ok(parsed),
        Err(found) => Err(all_faults::<T>(&value, found)?),
    }
}

fn checked<T: Validate>(read: serde_json::Result<T>) -> Result<T, Vec<Fault>> {
    match read {
        Ok(value) => match value.validate() {
            Ok(()) => Ok(value),
            Err(errors) => Err(validator_faults(&errors)),
        },
        // serde stops at the first fault and quotes what was sent; the schema finds all and quotes nothing.
        Err(_) => Err(Vec::new()),
    }
}

fn all_faults<T: ToSchema + 'static>(value: &Value, faults: Vec<Fault>) -> Result<Error, Error> {
    let mut all = schema_faults::<T>(value)?;
    for fault in faults {
        if !all.iter().any(|known| known.at == fault.at) {
            all.push(fault);
        }
    }
    if all.is_empty() {
        // serde refuses something that the schema allows, such as a name given twice.
        all.push(Fault::at("", "BODY_NOT_READABLE"));
    }
    Ok(Error::Invalid(all))
}

fn schema_faults<T: ToSchema + 'static>(value: &Value) -> Result<Vec<Fault>, Error> {
    let schema = compiled::<T>()?;
    let mut faults: Vec<Fault> = Vec::new();
    for error in schema.iter_errors(value) {
        collect(&error, &mut faults);
    }
    faults.dedup();
    // Of a value that is of another type, nothing else is worth telling.
    let mistyped: Vec<At> = faults.iter().filter(|fault| fault.code == "WRONG_TYPE").map(|fault| fault.at.clone()).collect();
    faults.retain(|fault| fault.code == "WRONG_TYPE" || !mistyped.contains(&fault.at));
    Ok(faults)
}

/// One schema fault in our words. Values that were sent are never quoted.
fn collect(error: &jsonschema::ValidationError<'_>, faults: &mut Vec<Fault>) {
    let pointer = error.instance_path().as_str().to_owned();
    let field = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    let number = match field {
        "nik" | "mother_nik" | "conflicting_nik" => Some("NIK_FORMAT"),
        "kk_number" | "new_kk_number" => Some("KK_FORMAT"),
        _ => None,
    };
    let fault = match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            faults.extend(unexpected.iter().map(|name| Fault::at(format!("{pointer}/{}", escape(name)), "UNKNOWN_FIELD")));
            return;
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Fault::at(format!("{pointer}/{name}"), "FIELD_MISSING")
        }
        // Behind "or null" stands the schema that was meant: its faults are the ones to tell.
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let meant = context
                .iter()
                .filter(|branch| !branch.iter().any(|error| matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == pointer))
                .min_by_key(|branch| branch.len());
            match meant.or_else(|| context.iter().max_by_key(|branch| branch.len())) {
                Some(branch) if !branch.is_empty() => {
                    branch.iter().for_each(|error| collect(error, faults));
                    return;
                }
                _ => Fault::at(pointer, "WRONG_TYPE"),
            }
        }
        _ if number.is_some() => Fault::at(pointer, number.unwrap_or_default()),
        Kind::Type { .. } => Fault::at(pointer, "WRONG_TYPE"),
        Kind::Enum { options } => {
            let allowed =
                options.as_array().map(|options| options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")).unwrap_or_default();
            Fault::at(pointer, "UNKNOWN_VALUE").with("allowed", allowed)
        }
        Kind::MinLength { limit } => Fault::at(pointer, "TOO_SHORT").with("limit", limit),
        Kind::MaxLength { limit } => Fault::at(pointer, "TOO_LONG").with("limit", limit),
        Kind::MinItems { limit } => Fault::at(pointer, "TOO_FEW").with("limit", limit),
        Kind::MaxItems { limit } => Fault::at(pointer, "TOO_MANY").with("limit", limit),
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => Fault::at(pointer, "TOO_SMALL").with("limit", limit),
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => Fault::at(pointer, "TOO_LARGE").with("limit", limit),
        Kind::Format { format } if format == "date" => Fault::at(pointer, "NOT_A_DATE"),
        Kind::Format { format } if format == "date-time" => Fault::at(pointer, "NOT_AN_INSTANT"),
        _ => Fault::at(pointer, "WRONG_FORMAT"),
    };
    faults.push(fault);
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What validator found, by field. Its own text quotes the value, so only the code and the limits are taken.
fn validator_faults(errors: &ValidationErrors) -> Vec<Fault> {
    fn walk(errors: &ValidationErrors, prefix: &str, faults: &mut Vec<Fault>) {
        for (field, kind) in errors.errors() {
            let pointer = format!("{prefix}/{field}");
            match kind {
                ValidationErrorsKind::Field(list) => faults.extend(list.iter().map(|error| Fault::at(pointer.clone(), code_of(&error.code)))),
                ValidationErrorsKind::Struct(inner) => walk(inner, &pointer, faults),
                ValidationErrorsKind::List(inner) => inner.iter().for_each(|(index, errors)| walk(errors, &format!("{pointer}/{index}"), faults)),
            }
        }
    }
    fn code_of(code: &str) -> String {
        match code {
            "length" => "WRONG_LENGTH".to_owned(),
            "range" => "OUT_OF_RANGE".to_owned(),
            "regex" => "WRONG_FORMAT".to_owned(),
            own => own.to_owned(),
        }
    }
    let mut faults = Vec::new();
    walk(errors, "", &mut faults);
    faults
}

/// The compiled schema of a request type, made at first use from the same document that is served.
fn compiled<T: ToSchema + 'static>() -> Result<Arc<jsonschema::Validator>, Error> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<jsonschema::Validator>>>> = OnceLock::new();
    let name = T::name().into_owned();
    let compiled = COMPILED.get_or_init(Mutex::default);
    if let Some(schema) = compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
        return Ok(schema.clone());
    }
    let mut schema = serde_json::json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": format!("#/components/schemas/{name}") });
    schema["components"] = super::openapi::document()["components"].clone();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|error| Error::internal(format!("the schema {name} does not compile: {error}")))?;
    let validator = Arc::new(validator);
    compiled.lock().unwrap_or_else(PoisonError::into_inner).insert(name, validator.clone());
    Ok(validator)
}
