//! What makes a password acceptable: its length, and that nobody would guess it first. No rules about signs and capitals, which only make passwords
//! predictable.

use std::collections::HashSet;

pub const SHORTEST: usize = 8;
/// What is advised, and said when a password is too short.
pub const ADVISED: usize = 15;
pub const LONGEST: usize = 256;
/// What people hang onto a common word to make it look like a password.
const LONGEST_TAIL: usize = 4;

/// What everybody's list of guesses begins with.
#[derive(Debug, Default)]
pub struct CommonPasswords(HashSet<String>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    Common,
    IsUsername,
}

impl CommonPasswords {
    /// One a line; lines that begin with # are remarks.
    pub fn from_lines(text: &str) -> Self {
        Self(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(plain).collect())
    }

    pub fn weakness(&self, password: &str, username: &str) -> Option<Weakness> {
        let length = password.chars().count();
        if length < SHORTEST {
            return Some(Weakness::TooShort);
        }
        if length > LONGEST {
            return Some(Weakness::TooLong);
        }
        let forms = forms(password);
        let own = plain(username);
        if forms.contains(&own) {
            return Some(Weakness::IsUsername);
        }
        forms.iter().any(|form| self.0.contains(form)).then_some(Weakness::Common)
    }
}

/// The password as it stands and without a short tail such as "123!" or "2026", each in its plain form.
fn forms(password: &str) -> [String; 2] {
    let stem = password.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let tail = password.chars().count() - stem.chars().count();
    [plain(password), plain(if tail <= LONGEST_TAIL { stem } else { password })]
}

/// Lower case, and the signs that stand for letters as letters: `P@ssw0rd` is `password`.
fn plain(text: &str) -> String {
    let letters = text.chars().flat_map(char::to_lowercase);
    let has_letters = text.chars().any(char::is_alphabetic);
    letters
        .map(|letter| match letter {
            '@' | '4' if has_letters => 'a',
            '0' if has_letters => 'o',
            '1' | '!' if has_letters => 'i',
            '3' if has_letters => 'e',
            '$' | '5' if has_letters => 's',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_known_by_their_kind() {
        let common = CommonPasswords::from_lines("# remark\npassword\nrahasia\n12345678\nqwerty123\n");
        let long = "ab".repeat(128);
        for (password, weakness) in [
            ("", Some(Weakness::TooShort)),
            ("1234567", Some(Weakness::TooShort)),
            ("pässwör", Some(Weakness::TooShort)),
            ("password", Some(Weakness::Common)),
            ("PassWord", Some(Weakness::Common)),
            ("P@ssw0rd", Some(Weakness::Common)),
            ("rahasia2026", Some(Weakness::Common)),
            ("Rahasia-1!", Some(Weakness::Common)),
            ("12345678", Some(Weakness::Common)),
            ("Qwerty123", Some(Weakness::Common)),
            ("siti.aminah", Some(Weakness::IsUsername)),
            ("Siti.Aminah123", Some(Weakness::IsUsername)),
            ("rahasia 83 kuda", None),
            ("rahasia86420", None),
            ("kuda-lumping-berlari", None),
            ("ππππππππ", None),
            (long.as_str(), None),
            (&format!("{long}c"), Some(Weakness::TooLong)),
        ] {
            assert_eq!(common.weakness(password, "siti.aminah"), weakness, "{password}");
        }
    }
}
