//! Telephone numbers and addresses in a form in which the same is written the same, so that those who share one are found.

/// Digits that a telephone number has at least; with fewer it is a stand-in.
const SHORTEST_PHONE: usize = 8;

/// A telephone number without its country code, spaces and signs; none where it is none.
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let local = digits.strip_prefix("0062").or_else(|| digits.strip_prefix("62")).map_or_else(|| digits.clone(), |rest| format!("0{rest}"));
    let says_something = local.len() >= SHORTEST_PHONE && local.bytes().skip(2).any(|digit| digit != local.as_bytes()[1]);
    says_something.then_some(local)
}

/// A telephone number as gateways take it: with a plus and the country code, which is Indonesia's where none was given.
pub fn international(text: &str) -> Option<String> {
    let local = phone(text)?;
    let abroad = text.trim_start().starts_with('+') && !local.starts_with('0');
    let national = local.strip_prefix('0').unwrap_or(&local);
    Some(if abroad { format!("+{national}") } else { format!("+62{national}") })
}

/// The words of an address in lower case, without punctuation and what is written or left out at will. None where no number singles out a house: a whole
/// street may share the rest.
pub fn address(text: &str) -> Option<String> {
    let folded = text.to_lowercase();
    let words: Vec<&str> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !["jl", "jln", "jalan", "no", "nomor"].contains(word))
        .collect();
    words.iter().any(|word| word.contains(|letter: char| letter.is_ascii_digit())).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_telephone_is_written_the_same() {
        for (text, expected) in [
            ("081200000007", Some("081200000007")),
            ("+62 812-0000-0007", Some("081200000007")),
            ("0062 81200000007", Some("081200000007")),
            ("6281200000007", Some("081200000007")),
            ("021 8890", None),
            ("0000000000", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(phone(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_telephone_is_called_from_anywhere() {
        for (text, expected) in [
            ("0812-0000-0007", Some("+6281200000007")),
            ("+62 812 0000 0007", Some("+6281200000007")),
            ("6281200000007", Some("+6281200000007")),
            ("81200000007", Some("+6281200000007")),
            ("021 8890 1234", Some("+622188901234")),
            ("+65 9123 4567", Some("+6591234567")),
            ("-", None),
        ] {
            assert_eq!(international(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_same_house_is_written_the_same() {
        for (text, expected) in [
            ("Jl. Kenanga 7", Some("kenanga 7")),
            ("JALAN KENANGA NO. 7", Some("kenanga 7")),
            ("Kenanga No.7", Some("kenanga 7")),
            ("Perum Mawar Blok C-12", Some("perum mawar blok c 12")),
            ("Jl. Kenanga", None),
            ("", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text:?}");
        }
    }
}
