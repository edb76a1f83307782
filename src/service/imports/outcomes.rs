//! What becomes of a row that is right in itself: it enters or changes someone, changes nothing, or cannot be taken.

use std::borrow::Cow;

use crate::domain::id::Id;
use crate::domain::imports::Column;
use crate::domain::text_enum::text_enum;
use crate::error::{At, Error, Fault, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    Created(Id),
    Changed(Id),
    Unchanged(Id),
    Refused(Vec<Refused>),
}

/// Which column is in the way, and why; no column where it is the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub column: Option<Column>,
    pub code: Cow<'static, str>,
}

text_enum! {
    /// Why a row that is right in itself cannot be taken.
    RefusalCode {
        NikRepeated = "NIK_REPEATED", NikSuperseded = "NIK_SUPERSEDED", ResidentSinceDiffers = "RESIDENT_SINCE_DIFFERS",
        CardAlreadyRegistered = "CARD_ALREADY_REGISTERED", JknPeriodOverlaps = "JKN_PERIOD_OVERLAPS", NikNotFound = "NIK_NOT_FOUND",
    }
}

impl RowOutcome {
    pub fn refused(column: Column, code: RefusalCode) -> Self {
        Self::Refused(vec![Refused { column: Some(column), code: code.as_str().into() }])
    }

    /// Who was entered or changed.
    pub fn touched(&self) -> Option<Id> {
        match self {
            Self::Created(id) | Self::Changed(id) => Some(*id),
            Self::Unchanged(_) | Self::Refused(_) => None,
        }
    }

    /// What a single form would be refused for, told of its row. What is nobody's mistake stays an error.
    pub fn of_refusal(error: Error) -> Result<Self> {
        match error {
            Error::Invalid(faults) => Ok(Self::Refused(faults.into_iter().map(Refused::from).collect())),
            // A code without words for a row is not told of one.
            Error::Refused(refusal) => match refusal.code.as_str().parse::<RefusalCode>() {
                Ok(code) => Ok(Self::Refused(vec![Refused { column: None, code: code.as_str().into() }])),
                Err(_) => Err(Error::Refused(refusal)),
            },
            error => Err(error),
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let column = match &fault.at {
            At::Pointer(pointer) => column_at(pointer),
            At::Parameter(_) | At::Header(_) => None,
        };
        Self { column, code: fault.code }
    }
}

/// The column that holds what a body has at this pointer.
fn column_at(pointer: &str) -> Option<Column> {
    pointer.trim_start_matches('/').replace("filed_by/", "filer_").parse().ok()
}
