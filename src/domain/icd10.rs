//! ICD-10 codes of diagnoses. BPJS writes them without the dot; both are read, the dotted form is kept.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `A09`, `J02.9`, `S72.80`: a letter, two digits, and up to two more behind the dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Icd10Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no ICD-10 code: expected a letter, two digits and up to two more, such as A09 or J02.9")]
pub struct NotAnIcd10Code;

impl Icd10Code {
    /// With the dot: `J02.9`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three-character category: `J02`.
    pub fn category(&self) -> &str {
        &self.0[..3]
    }
}

impl std::str::FromStr for Icd10Code {
    type Err = NotAnIcd10Code;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut code = text.to_ascii_uppercase();
        if code.as_bytes().get(3) == Some(&b'.') {
            if code.len() == 4 {
                return Err(NotAnIcd10Code);
            }
            code.remove(3);
        }
        let [letter, digits @ ..] = code.as_bytes() else { return Err(NotAnIcd10Code) };
        if !letter.is_ascii_uppercase() || !(2..=4).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(NotAnIcd10Code);
        }
        if code.len() > 3 {
            code.insert(3, '.');
        }
        Ok(Self(code))
    }
}

impl std::fmt::Display for Icd10Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Icd10Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Icd10Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Codes that belong together: one code with all below it (`J02`, `Z41.1`), or a block of categories (`V01-V89`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icd10Block {
    first: Icd10Code,
    last: Option<Icd10Code>,
}

impl Icd10Block {
    pub fn contains(&self, code: &Icd10Code) -> bool {
        match &self.last {
            Some(last) => (self.first.category()..=last.category()).contains(&code.category()),
            None => code.as_str().starts_with(self.first.as_str()),
        }
    }

    /// How much it holds, to find the closest of several blocks: a longer code is narrower than a shorter one, and both than a range.
    pub fn breadth(&self) -> usize {
        let place = |code: &Icd10Code| code.as_str().bytes().take(3).fold(0, |place, byte| place * 10 + usize::from(byte));
        match &self.last {
            Some(last) => 10 + place(last).saturating_sub(place(&self.first)),
            None => 10_usize.saturating_sub(self.first.as_str().len()),
        }
    }
}

impl std::str::FromStr for Icd10Block {
    type Err = NotAnIcd10Code;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('-') {
            None => Ok(Self { first: text.parse()?, last: None }),
            Some((first, last)) => {
                let (first, last): (Icd10Code, Icd10Code) = (first.parse()?, last.parse()?);
                let whole = first.as_str().len() == 3 && last.as_str().len() == 3 && first <= last;
                if whole { Ok(Self { first, last: Some(last) }) } else { Err(NotAnIcd10Code) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_with_and_without_the_dot() {
        for (text, code) in [
            ("A09", Some("A09")),
            ("j029", Some("J02.9")),
            ("J02.9", Some("J02.9")),
            ("S7280", Some("S72.80")),
            ("S72.80", Some("S72.80")),
            ("A0", None),
            ("A09.", None),
            ("A09.123", None),
            ("0A9", None),
            ("A.09", None),
            ("A0é", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Icd10Code>().ok().map(|code| code.0), code.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn blocks_hold_what_is_below_them() {
        for (block, code, inside) in [
            ("J02", "J02", true),
            ("J02", "J02.9", true),
            ("J02.9", "J02", false),
            ("J02", "J03", false),
            ("V01-V89", "V89.9", true),
            ("V01-V89", "V90", false),
            ("X85-Y09", "Y00", true),
            ("X85-Y09", "Y10", false),
        ] {
            assert_eq!(block.parse::<Icd10Block>().unwrap().contains(&code.parse().unwrap()), inside, "{code} in {block}");
        }
        let breadth = |block: &str| block.parse::<Icd10Block>().unwrap().breadth();
        let narrower_first = ["S72.80", "S72.8", "S72", "S72-S73", "S70-S79", "S70-T98"];
        assert!(narrower_first.windows(2).all(|pair| breadth(pair[0]) < breadth(pair[1])));
        for wrong in ["V89-V01", "V01.1-V89", "V01-", "X"] {
            assert!(wrong.parse::<Icd10Block>().is_err(), "{wrong}");
        }
    }
}
