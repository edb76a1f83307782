//! What participants are told of care that was guaranteed or paid in their name, and the code with which each answers without signing in.

use chrono::Duration;

use super::text_enum::text_enum;

text_enum! {
    /// What a participant is told of.
    MessageKind { LetterIssued = "letter_issued", ClaimPaid = "claim_paid" }
}

text_enum! {
    MessageState {
        /// It goes out, or is tried again.
        Queued = "queued",
        Sent = "sent",
        /// It was tried as often as it is.
        Failed = "failed",
        /// Nobody knows a telephone of this person.
        NoContact = "no_contact",
    }
}

text_enum! {
    /// By what messages go out.
    MessageDriver { Log = "log", Webhook = "webhook" }
}

text_enum! {
    /// Was this care the participant's?
    Answer { Me = "me", NotMe = "not_me" }
}

/// Digits and capitals without those that are read or heard as another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five bits each, so that a guess meets one of a million codes once in a million times.
const CODE_CHARS: usize = 8;

/// A code of forty random bits.
pub fn code(random: [u8; 5]) -> String {
    let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..CODE_CHARS).rev().map(|at| char::from(ALPHABET[(bits >> (5 * at) & 31) as usize])).collect()
}

/// As it is shown: in two halves.
pub fn shown(code: &str) -> String {
    match code.split_at_checked(CODE_CHARS / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// As somebody typed it: case, spaces and hyphens do not count, and what looks alike is the same. None where it is no code.
pub fn typed(text: &str) -> Option<String> {
    let meant = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let code: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).map(meant).collect();
    let is_code = code.len() == CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    is_code.then_some(code)
}

/// How long a message waits after so many attempts: twice as long each time.
pub fn pause(attempts: i32, first: Duration, longest: Duration) -> Duration {
    let doubled = u32::try_from(attempts.max(1) - 1).ok().and_then(|times| 1_i32.checked_shl(times)).filter(|factor| *factor > 0);
    doubled.and_then(|factor| first.checked_mul(factor)).map_or(longest, |pause| pause.min(longest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for (typed_in, read) in [
            ("0123-4567", Some("01234567")),
            ("o i l 3 4 5 6 7", Some("01134567")),
            ("abcd-efgh", Some("ABCDEFGH")),
            ("ABCD-EFGU", None),
            ("ABCDEFG", None),
            ("ABCDEFGHJ", None),
            ("3275015502909001", None),
            ("ÄBCDEFG", None),
            ("", None),
        ] {
            assert_eq!(typed(typed_in).as_deref(), read, "{typed_in:?}");
        }
    }

    #[test]
    fn the_pauses_double_up_to_the_longest() {
        let (first, longest) = (Duration::seconds(60), Duration::hours(6));
        for (attempts, minutes) in [(0, 1), (1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (32, 360), (33, 360), (i32::MAX, 360)] {
            assert_eq!(pause(attempts, first, longest), Duration::minutes(minutes), "{attempts}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_recognised_as_it_is_shown(random: [u8; 5], other: [u8; 5]) {
            let made = code(random);
            prop_assert_eq!(typed(&shown(&made)), Some(made.clone()));
            prop_assert_eq!(made == code(other), random == other);
        }

        #[test]
        fn nothing_that_is_typed_breaks_it(text: String) {
            let read = typed(&text);
            prop_assert!(read.is_none_or(|code| typed(&code) == Some(code)));
        }
    }
}
