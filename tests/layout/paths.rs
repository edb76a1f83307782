//! The paths that a source names, as the compiler reads them: with `use` and its braces spread out.

use super::tokens::{Token, closing};

/// Keywords that a path with a leading `::` may follow.
const WORDS_BEFORE_A_PATH: &[&str] =
    &["use", "mut", "as", "in", "for", "dyn", "impl", "where", "return", "match", "if", "else", "while", "break", "move", "unsafe"];

/// A path as the compiler reads it: one for each name of a `use` with braces.
pub struct NamedPath<'a> {
    pub line: usize,
    pub segments: Vec<&'a str>,
    /// Within `#[diesel(…)]`.
    pub in_diesel_attribute: bool,
    /// Within `#[cfg(test)] mod … { … }`.
    pub in_tests: bool,
}

pub fn paths<'a>(tokens: &[Token<'a>]) -> Vec<NamedPath<'a>> {
    let mut found = Vec::new();
    let (mut attribute_end, mut tests_end) = (0, 0);
    // What a path has already covered, the names in the braces of a `use` among it.
    let mut taken = 0;
    for (at, token) in tokens.iter().enumerate() {
        if begins(&tokens[at..], &["#", "[", "diesel"]) {
            attribute_end = closing(tokens, at + 1);
        }
        if begins(&tokens[at..], &["#", "[", "cfg", "(", "test", ")", "]", "mod"]) {
            tests_end = tokens[at..].iter().position(|token| token.is("{")).map_or(0, |open| closing(tokens, at + open));
        }
        let goes_on = begins(&tokens[at + 1..], &["::"]);
        let is_imported = matches!(&tokens[..at], [.., before] if before.is("use"))
            || matches!(&tokens[..at], [.., before_it, before] if before_it.is("extern") && before.is("crate"));
        if at >= taken && token.is_word && !WORDS_BEFORE_A_PATH.contains(&token.text) && !continues(&tokens[..at]) && (goes_on || is_imported) {
            let mut ends = Vec::new();
            taken = expand(tokens, at, &mut Vec::new(), &mut ends);
            let named = |(line, segments)| NamedPath { line, segments, in_diesel_attribute: at < attribute_end, in_tests: at < tests_end };
            found.extend(ends.into_iter().map(named));
        }
    }
    found
}

fn begins(tokens: &[Token], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, text)| token.is(text))
}

/// Whether what comes after these tokens is a later part of a path: after `name::` and `<T as Trait>::`, but not after a leading `::`.
fn continues(before: &[Token]) -> bool {
    match before {
        [.., arrow, end, colons] if colons.is("::") && end.is(">") => !(arrow.is("-") || arrow.is("=")),
        [.., name, colons] if colons.is("::") => name.is_word && !WORDS_BEFORE_A_PATH.contains(&name.text),
        _ => false,
    }
}

/// Follows a path from one of its parts to its ends, and returns where it stopped.
fn expand<'a>(tokens: &[Token<'a>], at: usize, before: &mut Vec<&'a str>, ends: &mut Vec<(usize, Vec<&'a str>)>) -> usize {
    let Some(token) = tokens.get(at) else { return at };
    if token.is("{") {
        let end = closing(tokens, at);
        let mut next = at + 1;
        while next < end {
            next = expand(tokens, next, &mut before.clone(), ends);
            // Past the comma, and past an `as name`.
            next = tokens[next..end].iter().position(|token| token.is(",")).map_or(end, |comma| next + comma + 1);
        }
        return end + 1;
    }
    let is_part = token.is_word || token.is("*");
    if is_part {
        before.push(token.text);
        if tokens.get(at + 1).is_some_and(|next| next.is("::")) {
            return expand(tokens, at + 2, before, ends);
        }
    }
    ends.push((token.line, before.clone()));
    at + usize::from(is_part)
}
