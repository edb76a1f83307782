//! What the code on a card holds: the card's number and the key that signed it, with the signature. It tells nothing of the person.
//!
//! `KSC1.<key id>.<card number>.<signature>`: capitals, digits, hyphens and dots alone, which a QR code packs tightly and which a scanner that types
//! types right on any keyboard. The signature is Ed25519 over `SIGNED_AS`, a NUL and what stands before the last dot; in base 32 (RFC 4648, no padding).

use super::cards::card_number;

const FORM: &str = "KSC1";
/// Begins what is signed, so that nothing else that such a key might sign can pass for a card.
const SIGNED_AS: &str = "ksnik card";
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SIGNATURE_BYTES: usize = 64;
/// The form, a key id, the longest card number and a signature, with their dots.
pub const TOKEN_MAX_CHARS: usize = 4 + 1 + 10 + 1 + super::cards::CARD_NUMBER_MAX_CHARS + 1 + 103;

/// A token that is not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned(String);

/// A token as it was read. What it says counts only once its signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardToken {
    pub key_id: i32,
    pub card_number: String,
    pub signature: [u8; SIGNATURE_BYTES],
    unsigned: Unsigned,
}

impl Unsigned {
    pub fn new(key_id: i32, card_number: &str) -> Self {
        Self(format!("{FORM}.{key_id}.{card_number}"))
    }

    /// The bytes to sign.
    pub fn message(&self) -> Vec<u8> {
        [SIGNED_AS.as_bytes(), &[0], self.0.as_bytes()].concat()
    }

    pub fn with(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.0, base32(signature))
    }
}

/// Does it claim to be a token? Card numbers hold no dot.
pub fn looks_like_token(text: &str) -> bool {
    text.contains('.')
}

impl CardToken {
    /// None where it is no token at all. Case and the white space around it do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let (unsigned, signature) = text.rsplit_once('.')?;
        let (key_id, number) = unsigned.strip_prefix(FORM)?.strip_prefix('.')?.split_once('.')?;
        let written = Unsigned::new(key_id.parse().ok()?, &card_number(number)?);
        // A key id is written in one way only.
        (written.0 == unsigned).then_some(())?;
        let signature = from_base32(signature)?.try_into().ok()?;
        Some(Self { key_id: key_id.parse().ok()?, card_number: number.to_owned(), signature, unsigned: written })
    }

    /// What its signature must be over.
    pub fn message(&self) -> Vec<u8> {
        self.unsigned.message()
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// None for a foreign character, and for bits at the end that say nothing and are not zero: each signature has one text.
fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        (held, bits) = (held << 5 | u32::try_from(value).ok()?, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
        }
        held &= (1 << bits) - 1;
    }
    (bits < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_is_read_as_it_was_written(key_id in 1..i32::MAX, serial in 1_i64..10_000_000, signature in prop::array::uniform32(any::<u8>())) {
            let number = super::super::cards::own_card_number("3275", 2026, serial);
            let signature = [signature, signature].concat();
            let unsigned = Unsigned::new(key_id, &number);
            let text = unsigned.with(&signature);
            prop_assert!(text.len() <= TOKEN_MAX_CHARS);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'));
            for typed in [text.clone(), text.to_lowercase(), format!(" {text}\n")] {
                let token = CardToken::parse(&typed).expect("a token");
                prop_assert_eq!(token.key_id, key_id);
                prop_assert_eq!(&token.card_number, &number);
                prop_assert_eq!(&token.signature[..], &signature[..]);
                prop_assert_eq!(token.message(), unsigned.message());
            }
        }

        #[test]
        fn any_text_is_judged(text in ".{0,200}") {
            if let Some(token) = CardToken::parse(&text) {
                prop_assert_eq!(token.unsigned.with(&token.signature), text.trim().to_ascii_uppercase());
            }
        }
    }

    #[test]
    fn what_is_no_token_is_told() {
        let right = Unsigned::new(5, "KS-1").with(&[7; 64]);
        assert!(CardToken::parse(&right).is_some());
        for wrong in [
            "",
            "KS-3275-2026-000001",
            &right.replace("KSC1", "KSC2"),
            &right.replace(".5.", ".05."),
            &right.replace(".5.", ".+5."),
            &right.replace(".5.", "."),
            &right.replace("KS-1", "KS 1"),
            &right.replace("KS-1", "K.S-1"),
            &right[..right.len() - 1],
            &format!("{right}A"),
            &format!("{}B", &right[..right.len() - 1]),
            &format!("{}1", &right[..right.len() - 1]),
        ] {
            assert_eq!(CardToken::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn base_32_is_that_of_the_standard() {
        for (plain, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).as_deref(), Some(plain.as_bytes()));
        }
    }
}
