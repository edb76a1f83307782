//! Bodies that the domain judges field by field: they are read even where they break their schema, so that the faults of both come together.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::arrivals::{self, Arrived};
use super::body;
use crate::domain::participants::Sex;
use crate::domain::registration::{
    ADDRESS_MAX_CHARS, EARLIEST_BIRTH_YEAR, FaultCode, Field, NAME_MAX_CHARS, RawRegistration, RegistrationFault, Relation,
};
use crate::error::{At, Code, Error, Fault};

/// A body of schema `T` with what is wrong with it so far. The bytes stay, for the fingerprint of an idempotency key.
pub struct Draft<T> {
    pub value: Value,
    pub bytes: web::Bytes,
    faults: Vec<Fault>,
    schema: PhantomData<T>,
}

impl<T> FromRequest for Draft<T>
where
    T: DeserializeOwned + Validate + ToSchema + 'static,
{
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        arrivals::arriving(request, payload, arrivals::USUAL, |Arrived { bytes, .. }| {
            let value = serde_json::from_slice(&bytes).map_err(|_| Error::refused(Code::BodyNotJson))?;
            let faults = match body::parse::<T>(&bytes) {
                Ok(_) => Vec::new(),
                Err(Error::Invalid(faults)) => faults,
                Err(other) => return Err(other),
            };
            Ok(Self { value, bytes, faults, schema: PhantomData })
        })
    }
}

impl<T> Draft<T> {
    /// Refuses the body if it has faults. What the domain says of a text is told instead of what the schema says of it; of what is missing or of
    /// another type the schema speaks; null is as good as an empty text.
    pub fn accept(&self, judged: Vec<Fault>) -> Result<(), Error> {
        let is_text =
            |at: &At| matches!(at, At::Pointer(pointer) if self.value.pointer(pointer).is_some_and(|value| value.is_string() || value.is_null()));
        let said: Vec<Fault> = judged.iter().filter(|fault| is_text(&fault.at)).cloned().collect();
        let mut faults: Vec<Fault> = self.faults.iter().filter(|fault| !said.iter().any(|other| other.at == fault.at)).cloned().collect();
        faults.extend(said);
        if faults.is_empty() {
            // The schema allows what the domain does not, and it is no text: then the domain's word is all there is.
            faults = judged;
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

/// The texts of a registration as they came.
pub fn raw(value: &Value) -> RawRegistration<'_> {
    let text = |field: Field| value.get(field.as_str()).and_then(Value::as_str);
    RawRegistration {
        nik: text(Field::Nik),
        kk_number: text(Field::KkNumber),
        relation: text(Field::Relation),
        name: text(Field::Name),
        birth_date: text(Field::BirthDate),
        sex: text(Field::Sex),
        village_code: text(Field::VillageCode),
        rt: text(Field::Rt),
        rw: text(Field::Rw),
        address: text(Field::Address),
        phone: text(Field::Phone),
        resident_since: text(Field::ResidentSince),
        mother_name: text(Field::MotherName),
    }
}

/// A fault of a registration's field, below a prefix such as `/members/2`.
pub fn told(prefix: &str, fault: RegistrationFault) -> Fault {
    let told = Fault::at(format!("{prefix}/{}", fault.field), fault.code.as_str());
    match fault.code {
        FaultCode::NameLength => told.with("limit", NAME_MAX_CHARS),
        FaultCode::AddressLength => told.with("limit", ADDRESS_MAX_CHARS),
        FaultCode::BirthDateTooEarly => told.with("limit", EARLIEST_BIRTH_YEAR),
        FaultCode::ValueNotAllowed => told.with("allowed", allowed(fault.field)),
        FaultCode::Required
        | FaultCode::NikFormat
        | FaultCode::KkFormat
        | FaultCode::NameCharacters
        | FaultCode::DateFormat
        | FaultCode::DateImpossible
        | FaultCode::DateInFuture
        | FaultCode::ResidentBeforeBirth
        | FaultCode::VillageFormat
        | FaultCode::VillageUnknown
        | FaultCode::RtRwFormat
        | FaultCode::AddressCharacters
        | FaultCode::PhoneFormat => told,
    }
}

fn allowed(field: Field) -> String {
    match field {
        Field::Relation => Relation::ALL.iter().map(|relation| relation.as_str()).collect::<Vec<_>>().join(", "),
        Field::Sex => Sex::ALL.iter().map(|sex| sex.as_str()).collect::<Vec<_>>().join(", "),
        Field::Nik
        | Field::KkNumber
        | Field::Name
        | Field::BirthDate
        | Field::VillageCode
        | Field::Rt
        | Field::Rw
        | Field::Address
        | Field::Phone
        | Field::ResidentSince
        | Field::MotherName => String::new(),
    }
}
