//! A Rust source as words and marks.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub line: usize,
    pub text: &'a str,
    pub is_word: bool,
}

impl Token<'_> {
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }
}

/// Words and marks, without comments, literals and lifetimes. `::` is one mark.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < source.len() {
        let rest = &source[at..];
        let (length, token) = next_token(rest);
        if let Some(is_word) = token {
            let text = rest[..length].trim_start_matches("r#");
            tokens.push(Token { line, text, is_word });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

/// The length of what comes next, and whether it is a word; `None` for what is skipped.
fn next_token(rest: &str) -> (usize, Option<bool>) {
    let first = rest.chars().next().expect("not at the end");
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), None);
    }
    if let Some(length) = string(rest) {
        return (length, None);
    }
    if first == '\'' {
        return (character_or_lifetime(rest), None);
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    if is_name(first) {
        let raw = if rest.starts_with("r#") { 2 } else { 0 };
        let length = raw + rest[raw..].find(|c| !is_name(c)).unwrap_or(rest.len() - raw);
        return (length, (!first.is_numeric()).then_some(true));
    }
    if rest.starts_with("::") {
        return (2, Some(false));
    }
    (first.len_utf8(), (!first.is_whitespace()).then_some(false))
}

/// They nest.
fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while let Some(found) = rest[at..].find(['/', '*']) {
        at += found;
        let pair = rest.get(at..at + 2);
        depth += match pair {
            Some("/*") => 1,
            Some("*/") => -1,
            _ => 0,
        };
        at += if matches!(pair, Some("/*" | "*/")) { 2 } else { 1 };
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a string of any kind: "", b"", c"", r"", r#""#, br#""# and so on.
fn string(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let after = &rest[prefix.len()..];
    let hashes = if prefix.ends_with('r') { after.len() - after.trim_start_matches('#').len() } else { 0 };
    let inside = after[hashes..].strip_prefix('"')?;
    let opened = rest.len() - inside.len();
    if prefix.ends_with('r') {
        let end = format!("\"{}", &after[..hashes]);
        return Some(inside.find(&end).map_or(rest.len(), |found| opened + found + end.len()));
    }
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            '"' if !escaped => return Some(opened + at + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Some(rest.len())
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            let after = escaped + 1;
            rest[after..].find('\'').map_or(rest.len(), |end| after + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1 + rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len() - 1),
    }
}

/// The place of the bracket that closes the one at `open`.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

#[test]
fn a_literal_ends_where_the_compiler_ends_it() {
    for literal in [
        "'\"'",
        "'\\''",
        "'\\\\'",
        "'é'",
        "b'\"'",
        "\"\\\\\"",
        "\"a\\\"b\"",
        "r\"\\\"",
        "r#\"\"a\"#",
        "br##\"\"#\"##",
        "c\"\"",
        "'a",
        "1_000u64",
        "/*/**/*/",
        "\"\n\"",
    ] {
        let source = format!("{literal} crate::api");
        let words: Vec<&str> = tokens(&source).iter().map(|token| token.text).filter(|text| *text != "b").collect();
        assert_eq!(words, ["crate", "::", "api"], "{literal}");
    }
    let raw = tokens("r#mod::r#type");
    assert_eq!(raw.iter().map(|token| token.text).collect::<Vec<_>>(), ["mod", "::", "type"]);
}
