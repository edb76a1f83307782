//! The paths that a source names, as the compiler reads them: with `use` and its braces spread out.

use super::tokens::{Token, closing};

/// Keywords that a path with a leading `::` may follow.
const WORDS_BEFORE_A_PATH: &[&str] =
    &["use", "mut", "as", "in", "for", "dyn", "impl", "where", "return", "match", "if", "else", "while", "break", "move", "unsafe"];

/// A path as the compiler reads it: one for each name of a `use` with braces.
pub struct NamedPath<'a> {
    pub line: usize,
    pub segments: Vec<&'a str>,
    pub in_diesel_attribute: bool,
}

pub fn paths<'a>(tokens: &[Token<'a>]) -> Vec<NamedPath<'a>> {
    let mut found = Vec::new();
    let mut attribute_end = 0;
    // What a path has already covered, the names in the braces of a `use` among it.
    let mut taken = 0;
    for (at, token) in tokens.iter().enumerate() {
        if token.is("#") && tokens.get(at + 1).is_some_and(|next| next.is("[")) && tokens.get(at + 2).is_some_and(|next| next.is("diesel")) {
            attribute_end = closing(tokens, at + 1);
        }
        let goes_on = tokens.get(at + 1).is_some_and(|next| next.is("::"));
        let is_imported = at > 0 && (tokens[at - 1].is("use") || (tokens[at - 1].is("crate") && at > 1 && tokens[at - 2].is("extern")));
        if at >= taken && token.is_word && !WORDS_BEFORE_A_PATH.contains(&token.text) && !continues(&tokens[..at]) && (goes_on || is_imported) {
            taken = expand(tokens, at, &mut Vec::new(), at < attribute_end, &mut found);
        }
    }
    found
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
fn expand<'a>(tokens: &[Token<'a>], at: usize, before: &mut Vec<&'a str>, in_diesel_attribute: bool, found: &mut Vec<NamedPath<'a>>) -> usize {
    let Some(token) = tokens.get(at) else { return at };
    if token.is("{") {
        let end = closing(tokens, at);
        let mut next = at + 1;
        while next < end {
            next = expand(tokens, next, &mut before.clone(), in_diesel_attribute, found);
            // Past the comma, and past an `as name`.
            next = tokens[next..end].iter().position(|token| token.is(",")).map_or(end, |comma| next + comma + 1);
        }
        return end + 1;
    }
    let is_part = token.is_word || token.is("*");
    if is_part {
        before.push(token.text);
        if tokens.get(at + 1).is_some_and(|next| next.is("::")) {
            return expand(tokens, at + 2, before, in_diesel_attribute, found);
        }
    }
    found.push(NamedPath { line: token.line, segments: before.clone(), in_diesel_attribute });
    at + usize::from(is_part)
}
