//! What keeps a stolen database, backup or log from disclosing anyone: the root key, the keys it wraps, sealed cells and blind indexes.

pub mod blind;
pub mod cells;
pub mod keyring;
pub mod root;
pub mod spool;

/// A secret could not be made, read or opened. It says which kind and never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrivacyFault {
    #[error("the root key is not usable: {0}")]
    Root(String),
    #[error("key {0} is not known here")]
    UnknownKey(i32),
    #[error("a sealed cell does not open with its key: it was altered, or moved to another row")]
    Sealed,
    #[error("a sealed cell has form {0}, which this program does not know: it was written by a later one")]
    Form(u8),
    #[error("there is no active key for {0}")]
    NoActiveKey(&'static str),
    #[error("the cryptographic library refused: {0}")]
    Library(&'static str),
}

impl From<PrivacyFault> for crate::error::Error {
    fn from(fault: PrivacyFault) -> Self {
        Self::internal(fault.to_string())
    }
}
