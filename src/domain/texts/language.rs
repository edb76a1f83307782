//! The languages of texts, and what a reader asked for.

use crate::domain::text_enum::text_enum;

text_enum! {
    Language { Id = "id", En = "en" }
}

impl Language {
    /// The language of an `Accept-Language` header: the wanted one of ours with the highest weight, the first of equals; Indonesian if none is.
    pub fn from_accept(header: &str) -> Self {
        let mut best = (0, Self::Id);
        for entry in header.split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let Some(language) = parts.next().and_then(named) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// `en`, `en-GB`, `id-ID`; `in` is the old code of Indonesian, and `*` leaves the choice to us.
fn named(tag: &str) -> Option<Language> {
    let primary = tag.split('-').next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "id" | "in" | "*" => Some(Language::Id),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// A weight from 0 to 1 as thousandths; one that cannot be read wants nothing.
fn thousandths(weight: &str) -> u32 {
    match weight.split_once('.').unwrap_or((weight, "")) {
        ("1", _) => 1_000,
        ("0", digits) if digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) => format!("{digits:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_chooses_among_ours() {
        for (header, language) in [
            ("", Language::Id),
            ("id", Language::Id),
            ("en", Language::En),
            ("EN-gb", Language::En),
            ("in-ID, en;q=0.5", Language::Id),
            ("en;q=0.5, id", Language::Id),
            ("id;q=0.3, en;q=0.8", Language::En),
            ("id; q=0.3 , en ; q=0.35", Language::En),
            ("en;q=0", Language::Id),
            ("fr, de;q=0.9", Language::Id),
            ("fr, en;q=0.1", Language::En),
            ("*", Language::Id),
            ("en;q=nonsense", Language::Id),
            ("en, id", Language::En),
        ] {
            assert_eq!(Language::from_accept(header), language, "{header:?}");
        }
    }
}
