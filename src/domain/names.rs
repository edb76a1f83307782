//! Names of people: folded, so that a name on a card can be compared with a registered one, and found by its words.

/// Forms of address and titles that registers and hospitals add or leave out.
const ADDRESS: [&str; 24] = [
    "alm", "almh", "an", "apt", "bapak", "bayi", "bpk", "by", "dr", "dra", "drg", "drs", "h", "haji", "hajjah", "hj", "ibu", "ir", "ny", "nyonya",
    "prof", "sdr", "tn", "tuan",
];

/// Degrees. Some are names too (Amd, Sos), so they fall away only where they are written as degrees: with dots, or after a comma.
const DEGREES: [&str; 26] = [
    "amd", "amdkeb", "amdkep", "ma", "mh", "mkes", "mkm", "mm", "mpd", "mpdi", "msi", "ners", "ns", "phd", "sag", "se", "sh", "shi", "sip", "skep",
    "skm", "skom", "spd", "spdi", "ssos", "st",
];

/// The words of a name in lower case and alphabetical order, without punctuation, forms of address and degrees.
pub fn words(name: &str) -> Vec<String> {
    let folded = name.to_lowercase();
    let mut words = plain_words(&folded, true);
    if words.is_empty() {
        // "Haji" can be all the name that someone has.
        words = plain_words(&folded, false);
    }
    words.sort_unstable();
    words
}

/// Are these the same name, whatever its case, punctuation, spaces, titles and the order of its words?
pub fn same(one: &str, other: &str) -> bool {
    words(one) == words(other)
}

fn plain_words(folded: &str, without_titles: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (part, text) in folded.split(',').enumerate() {
        for chunk in text.split_whitespace() {
            // Apostrophes belong to the word (Nur'aini); dots may be a degree's (S.Pd.) or stand for a space (M.Yusuf).
            let whole: String = chunk.chars().filter(|letter| letter.is_alphanumeric()).collect();
            let as_degree = part > 0 || chunk.contains('.');
            if without_titles && (is_address(&whole) || (as_degree && DEGREES.binary_search(&whole.as_str()).is_ok())) {
                continue;
            }
            found.extend(
                chunk
                    .split(['.', '-', '/', '_', '(', ')'])
                    .map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>())
                    .filter(|word| !word.is_empty())
                    .filter(|word| !without_titles || !is_address(word)),
            );
        }
    }
    found
}

fn is_address(word: &str) -> bool {
    ADDRESS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lists_are_in_order() {
        assert!(ADDRESS.is_sorted() && DEGREES.is_sorted(), "binary search needs it");
    }

    #[test]
    fn names_that_are_the_same_and_names_that_are_not() {
        for (one, other, equal) in [
            ("Siti Aminah", "SITI AMINAH", true),
            ("Siti Aminah", "  siti   aminah ", true),
            ("Siti Aminah", "Aminah, Siti", true),
            ("Siti Aminah", "Ny. Siti Aminah", true),
            ("Siti Aminah", "SITI AMINAH, NY", true),
            ("Siti Aminah", "Hj. Siti Aminah, S.Pd., M.Pd.", true),
            ("Siti Aminah", "Hj Siti Aminah SPd", false),
            ("Siti Aminah", "By. Ny. Siti Aminah", true),
            ("Siti Aminah", "Bayi Ny.Siti Aminah", true),
            ("Nur'aini", "NURAINI", true),
            ("Nur’aini", "Nuraini", true),
            ("M.Yusuf", "M Yusuf", true),
            ("Abdul-Rahman", "Abdul Rahman", true),
            ("Dr. H. Ahmad", "Ahmad", true),
            ("Haji", "Haji", true),
            ("Haji", "Ahmad", false),
            ("St Aminah", "Aminah", false),
            ("Siti Aminah", "Siti Aminah Aminah", false),
            ("Siti Aminah", "Siti Aminan", false),
            ("Siti", "Siti Aminah", false),
        ] {
            assert_eq!(same(one, other), equal, "{one:?} and {other:?}");
            assert_eq!(same(other, one), equal, "{other:?} and {one:?}");
        }
    }

    proptest! {
        #[test]
        fn order_case_and_spaces_never_matter(mut words in proptest::collection::vec("[a-zé]{3,8}", 1..5), turn in 0usize..4) {
            let name = words.join(" ");
            let by = turn % words.len();
            words.rotate_left(by);
            let turned = words.join("  ").to_uppercase();
            prop_assert!(same(&name, &turned));
            let longer = format!("{name} zzzzzzzzz");
            prop_assert!(!same(&name, &longer));
        }
    }
}
