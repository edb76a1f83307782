//! ICD-9-CM codes of procedures. Hospital systems write them with and without the dot; both are read, the dotted form is kept.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `47`, `47.0`, `47.01`, and `93.960` of the Ministry's list: two digits, and up to three more behind the dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Icd9Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no ICD-9-CM procedure: expected two digits and up to three more, such as 47.01")]
pub struct NotAnIcd9Code;

impl Icd9Code {
    /// With the dot: `47.01`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Icd9Code {
    type Err = NotAnIcd9Code;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut code = text.to_owned();
        if code.as_bytes().get(2) == Some(&b'.') {
            if code.len() == 3 {
                return Err(NotAnIcd9Code);
            }
            code.remove(2);
        }
        if !(2..=5).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnIcd9Code);
        }
        if code.len() > 2 {
            code.insert(2, '.');
        }
        Ok(Self(code))
    }
}

impl std::fmt::Display for Icd9Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Icd9Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Icd9Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Procedures that belong together: one code with all below it (`47.0`), or from one to another of the same length (`72-75`, `81.51-81.53`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icd9Block {
    first: Icd9Code,
    last: Icd9Code,
}

impl Icd9Block {
    pub fn contains(&self, code: &Icd9Code) -> bool {
        // Codes are ASCII, so any cut falls between characters.
        code.as_str().get(..self.first.as_str().len()).is_some_and(|begin| (self.first.as_str()..=self.last.as_str()).contains(&begin))
    }
}

impl std::str::FromStr for Icd9Block {
    type Err = NotAnIcd9Code;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last): (Icd9Code, Icd9Code) = (first.parse()?, last.parse()?);
        let in_order = first.as_str().len() == last.as_str().len() && first <= last;
        if in_order { Ok(Self { first, last }) } else { Err(NotAnIcd9Code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_with_and_without_the_dot() {
        for (text, code) in [
            ("47", Some("47")),
            ("470", Some("47.0")),
            ("47.0", Some("47.0")),
            ("4701", Some("47.01")),
            ("47.01", Some("47.01")),
            ("93.960", Some("93.960")),
            ("93960", Some("93.960")),
            ("00", Some("00")),
            ("4", None),
            ("47.", None),
            ("4.70", None),
            ("47.0112", None),
            ("A7.01", None),
            ("47.é", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Icd9Code>().ok().map(|code| code.0), code.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn blocks_hold_what_is_below_them() {
        for (block, code, inside) in [
            ("47.0", "47.01", true),
            ("47.0", "47.0", true),
            ("47.0", "47", false),
            ("47.0", "47.1", false),
            ("93.9", "93.960", true),
            ("93.96", "93.960", true),
            ("72-75", "74.1", true),
            ("72-75", "75.99", true),
            ("72-75", "76.0", false),
            ("81.51-81.53", "81.52", true),
            ("81.51-81.53", "81.54", false),
            ("81.51-81.53", "81.5", false),
        ] {
            assert_eq!(block.parse::<Icd9Block>().unwrap().contains(&code.parse().unwrap()), inside, "{code} in {block}");
        }
        for wrong in ["75-72", "72-75.1", "72-", "x"] {
            assert!(wrong.parse::<Icd9Block>().is_err(), "{wrong}");
        }
    }
}
