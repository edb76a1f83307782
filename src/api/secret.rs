//! A password or a token in a request: read once, printed never.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use validator::ValidateLength;

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub SecretString);

/// validator keeps a copy of what it refuses: of a secret it gets stars.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl ValidateLength<u64> for Secret {
    fn length(&self) -> Option<u64> {
        u64::try_from(self.0.expose_secret().chars().count()).ok()
    }
}
