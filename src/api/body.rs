//! Reading a JSON body: strictly, and with every fault at once.
//!
//! What the OpenAPI document forbids is refused: serde alone would take a list for an object, and dates without their zeros. Which faults there are is
//! told by the schema too, for serde stops at the first.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use jsonschema::error::ValidationErrorKind as Kind;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::arrivals::{self, Arrived, Room, USUAL};
use crate::error::{At, Code, Error, Fault};

/// The form of a text without another: no control characters, and none that turn the direction of writing around.
pub const ONE_LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]*$";
/// The same of a text that may have several lines.
pub const LINES: &str = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]*$";
/// Texts that may be so long may have several.
pub const SEVERAL_LINES: u64 = 500;

pub const BATCH: usize = 16 << 20;

/// A JSON body of type `T`, at most `LIMIT` bytes long. The bytes stay, for the fingerprint of an idempotency key.
pub struct Body<T, const LIMIT: usize = USUAL> {
    pub value: T,
    pub bytes: web::Bytes,
    /// Held for as long as the value is worked on.
    pub room: Room,
}

impl<T, const LIMIT: usize> FromRequest for Body<T, LIMIT>
where
    T: DeserializeOwned + Validate + ToSchema + 'static,
{
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        arrivals::arriving(request, payload, LIMIT, |Arrived { bytes, room }| Ok(Self { value: parse(&bytes)?, bytes, room }))
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

/// Parses and validates, or names every fault.
pub fn parse<T: DeserializeOwned + Validate + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Error> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Error::refused(Code::BodyNotJson))?;
    judged(&value, serde_json::from_slice(bytes))
}

/// A body that serde could read, beside what the schema says against it: for requests whose fields are judged further, so that all faults come together.
pub struct Read<T> {
    value: T,
    faults: Vec<Fault>,
}

impl<T: DeserializeOwned + Validate + ToSchema + 'static> Read<T> {
    pub fn of(value: &Value) -> Result<Self, Error> {
        Self::beside(value, T::deserialize(value))
    }

    /// What serde made of the bytes, which alone show a field that is given twice.
    fn beside(value: &Value, read: serde_json::Result<T>) -> Result<Self, Error> {
        match checked(read) {
            Ok(read) => Ok(Self { value: read, faults: schema_faults::<T>(value)? }),
            Err(found) => Err(all_faults::<T>(value, found)?),
        }
    }

    /// Judges the request further, and tells the faults of both.
    pub fn judged<U>(self, judge: impl FnOnce(T) -> Result<U, Error>) -> Result<U, Error> {
        let Self { value, mut faults } = self;
        match judge(value) {
            judged if faults.is_empty() => judged,
            Err(Error::Invalid(more)) => {
                let more: Vec<Fault> = more.into_iter().filter(|fault| !faults.iter().any(|known| known.at == fault.at)).collect();
                faults.extend(more);
                Err(Error::Invalid(faults))
            }
            Ok(_) | Err(_) => Err(Error::Invalid(faults)),
        }
    }
}

impl<T, const LIMIT: usize> FromRequest for Body<Read<T>, LIMIT>
where
    T: DeserializeOwned + Validate + ToSchema + 'static,
{
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        arrivals::arriving(request, payload, LIMIT, |Arrived { bytes, room }| {
            let value: Value = serde_json::from_slice(&bytes).map_err(|_| Error::refused(Code::BodyNotJson))?;
            Ok(Self { value: Read::beside(&value, serde_json::from_slice(&bytes))?, bytes, room })
        })
    }
}

fn judged<T: Validate + ToSchema + 'static>(value: &Value, read: serde_json::Result<T>) -> Result<T, Error> {
    match checked(read) {
        Ok(request) if compiled::<T>()?.is_valid(value) => Ok(request),
        Ok(_) => Err(all_faults::<T>(value, Vec::new())?),
        Err(found) => Err(all_faults::<T>(value, found)?),
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

/// So many faults are told of one request, and that there are more.
const MOST: usize = 200;

fn schema_faults<T: ToSchema + 'static>(value: &Value) -> Result<Vec<Fault>, Error> {
    let schema = compiled::<T>()?;
    let mut faults: Vec<Fault> = Vec::new();
    for error in schema.iter_errors(value) {
        collect(&error, &mut faults);
        if faults.len() > MOST {
            break;
        }
    }
    faults.dedup();
    if faults.len() > MOST {
        faults.truncate(MOST);
        faults.push(Fault::at("", "MORE_FAULTS"));
    }
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
            let more = (MOST + 1).saturating_sub(faults.len());
            faults.extend(unexpected.iter().take(more).map(|name| Fault::at(format!("{pointer}/{}", shown(name)), "UNKNOWN_FIELD")));
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
        Kind::Pattern { pattern } if [ONE_LINE, LINES].contains(&pattern.as_str()) => Fault::at(pointer, "HIDDEN_SIGNS"),
        _ => {
            let code = form_of(&pointer, field);
            Fault::at(pointer, code)
        }
    };
    faults.push(fault);
}

/// Some fields have a word of their own for a text of the wrong form.
fn form_of(pointer: &str, field: &str) -> &'static str {
    match field {
        "code" if pointer.starts_with("/diagnoses/") => "ICD10_FORMAT",
        "code" if pointer.starts_with("/procedures/") => "ICD9_FORMAT",
        "card_number" => "CARD_NUMBER_FORMAT",
        "code" | "tariff_code" => "TARIFF_CODE_FORMAT",
        "diagnosis_code" => "ICD10_FORMAT",
        "village_code" => "VILLAGE_FORMAT",
        "rt" | "rw" => "RT_RW_FORMAT",
        "username" => "USERNAME_FORMAT",
        _ => "WRONG_FORMAT",
    }
}

/// A name that was sent, as a pointer tells of it. One that may be a value in the wrong place, such as a NIK, is not repeated.
fn shown(name: &str) -> String {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 6 || name.len() > 60 { "?".to_owned() } else { name.replace('~', "~0").replace('/', "~1") }
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

/// The compiled schema of a request type, made at first use from the same document that is served; a type that the document does not show brings its own.
fn compiled<T: ToSchema + 'static>() -> Result<Arc<jsonschema::Validator>, Error> {
    static COMPILED: OnceLock<RwLock<HashMap<TypeId, Arc<jsonschema::Validator>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(RwLock::default);
    if let Some(schema) = compiled.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()) {
        return Ok(schema.clone());
    }
    let name = T::name().into_owned();
    let components = &super::openapi::document()["components"];
    let mut schema = match components["schemas"].get(&name) {
        Some(schema) => schema.clone(),
        None => serde_json::to_value(T::schema()).map_err(|_| Error::internal("a schema has no JSON form"))?,
    };
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["components"] = components.clone();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|error| Error::internal(format!("the schema {name} does not compile: {error}")))?;
    let validator = Arc::new(validator);
    compiled.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), validator.clone());
    Ok(validator)
}
