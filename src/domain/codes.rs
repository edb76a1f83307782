//! The lists of medical codes: which codes are valid on a date, what they mean, and which of them have longer ones below.
//!
//! Other titles and columns are a matter of the file: the Ministry's list and the ones that come with the program are read by the same loader.

use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveDate;

use super::files::{ContentHash, FileFault};
use super::icd9cm::Icd9Code;
use super::icd10::Icd10Code;
use super::reference_rows::{Columns, Validity, each_row};

/// A code of one of the lists, in its dotted form.
pub trait MedicalCode: FromStr<Err: Display> {
    fn as_str(&self) -> &str;
}

impl MedicalCode for Icd10Code {
    fn as_str(&self) -> &str {
        self.as_str()
    }
}

impl MedicalCode for Icd9Code {
    fn as_str(&self) -> &str {
        self.as_str()
    }
}

/// How a code stands on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeStanding {
    /// In the list, and nothing below it.
    Valid,
    /// A category: longer codes below it say more. Some lists leave out the category itself.
    Category,
    /// In the list, but not on this date.
    NotOnDate,
    Unknown,
}

/// A line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'l> {
    pub code: &'l str,
    pub title: &'l str,
    pub validity: Validity,
    pub has_longer: bool,
}

/// All texts lie in one, so that sixteen thousand lines are a few allocations.
struct Line {
    code: Range<u32>,
    title: Range<u32>,
    /// The title's words in plain small letters, with a space before each.
    words: Range<u32>,
    validity: Validity,
}

pub struct CodeList<C> {
    text: String,
    /// By code, then by date. What is below a code follows it.
    lines: Vec<Line>,
    hash: ContentHash,
    of: PhantomData<fn() -> C>,
}

impl<C: MedicalCode> CodeList<C> {
    /// Reads a file, given as (name, text): the columns `code`, `title` (or `long_title`) and, if there are such, `valid_from` and `valid_to`.
    pub fn load(file: (&str, &str)) -> Result<Self, Vec<FileFault>> {
        let mut faults = Vec::new();
        let mut rows: Vec<(String, String, Validity, u64)> = Vec::new();
        each_row(file, &Columns::AnyOfEach(&[&["code"], &["title", "long_title"]]), &mut faults, |row| {
            let column = if row.cell("title").is_empty() && !row.cell("long_title").is_empty() { "long_title" } else { "title" };
            let (code, title, validity) = (row.must::<C>("code"), row.must::<String>(column), row.validity());
            if let (Some(code), Some(title)) = (code, title) {
                rows.push((code.as_str().to_owned(), title, validity, row.line()));
            }
        });
        rows.sort_by(|one, other| (&one.0, one.2.from).cmp(&(&other.0, other.2.from)));
        for pair in rows.windows(2) {
            if pair[0].0 == pair[1].0 && pair[0].2.overlaps(&pair[1].2) {
                let line = pair[0].3.max(pair[1].3);
                faults.push(FileFault::new(file.0, format!("line {line}, column code"), format!("{} is already on the list", pair[0].0)));
            }
        }
        if rows.is_empty() && faults.is_empty() {
            faults.push(FileFault::new(file.0, "line 1", "the list is empty"));
        }
        if faults.is_empty() { Ok(Self::packed(rows, file.1)) } else { Err(faults) }
    }

    fn packed(rows: Vec<(String, String, Validity, u64)>, content: &str) -> Self {
        let mut text = String::new();
        let mut kept = |part: &str| {
            let begin = text.len();
            text.push_str(part);
            // No file of codes comes near four gigabytes; one that did would show empty texts.
            u32::try_from(begin).unwrap_or(u32::MAX)..u32::try_from(text.len()).unwrap_or(u32::MAX)
        };
        let lines = rows
            .iter()
            .map(|(code, title, validity, _)| Line { code: kept(code), title: kept(title), words: kept(&words(title)), validity: *validity })
            .collect();
        Self { text, lines, hash: ContentHash::of(content.as_bytes()), of: PhantomData }
    }

    /// Of the file, so that a decision can name the list it was made by.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// How many lines the list has.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    pub fn standing(&self, code: &C, on: NaiveDate) -> CodeStanding {
        let lines = &self.lines[self.first_from(code.as_str())..];
        let below = lines.iter().take_while(|line| self.part(&line.code).starts_with(code.as_str()));
        let (mut is_valid, mut is_known) = (false, false);
        for line in below {
            let is_itself = self.part(&line.code) == code.as_str();
            let holds = line.validity.contains(on);
            if holds && !is_itself {
                return CodeStanding::Category;
            }
            is_valid |= holds && is_itself;
            is_known |= is_itself;
        }
        match (is_valid, is_known) {
            (true, _) => CodeStanding::Valid,
            (false, true) => CodeStanding::NotOnDate,
            (false, false) => CodeStanding::Unknown,
        }
    }

    /// What a code means on a date.
    pub fn title(&self, code: &C, on: NaiveDate) -> Option<&str> {
        let lines = &self.lines[self.first_from(code.as_str())..];
        let mut same = lines.iter().take_while(|line| self.part(&line.code) == code.as_str());
        same.find(|line| line.validity.contains(on)).map(|line| self.part(&line.title))
    }

    /// The codes that begin like this, and those in whose titles a word begins like each word of this, by code. `after` goes on behind a code.
    pub fn find(&self, query: &str, on: NaiveDate, after: Option<&C>) -> impl Iterator<Item = Listed<'_>> {
        let prefix: String = query.trim().chars().filter(|letter| *letter != '.').flat_map(char::to_uppercase).collect();
        let wanted: Vec<String> = words(query).split_whitespace().map(|word| format!(" {word}")).collect();
        let begin = after.map_or(0, |code| self.lines.partition_point(|line| self.part(&line.code) <= code.as_str()));
        let fits = move |line: &Line| {
            let (code, title) = (self.part(&line.code), self.part(&line.words));
            let by_code = without_dot(code).take(prefix.len()).eq(prefix.bytes());
            by_code || (!wanted.is_empty() && wanted.iter().all(|word| title.contains(word.as_str())))
        };
        let lines = self.lines.iter().enumerate().skip(begin);
        lines.filter(move |(_, line)| line.validity.contains(on) && fits(line)).map(move |(at, line)| self.listed(at, line, on))
    }

    fn listed(&self, at: usize, line: &Line, on: NaiveDate) -> Listed<'_> {
        let code = self.part(&line.code);
        let below = self.lines[at + 1..].iter().take_while(|other| self.part(&other.code).starts_with(code));
        let has_longer = below.filter(|other| self.part(&other.code) != code).any(|other| other.validity.contains(on));
        Listed { code, title: self.part(&line.title), validity: line.validity, has_longer }
    }

    /// Where this code is, or where it would be.
    fn first_from(&self, code: &str) -> usize {
        self.lines.partition_point(|line| self.part(&line.code) < code)
    }

    fn part(&self, range: &Range<u32>) -> &str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or_default()
    }
}

fn without_dot(code: &str) -> impl Iterator<Item = u8> {
    code.bytes().filter(|byte| *byte != b'.')
}

/// The words of a text in plain small letters, with a space before each: who looks for Meniere finds Ménière.
fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 1);
    let mut inside = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            if !inside {
                words.push(' ');
            }
            words.push(plain(letter));
        }
        inside = letter.is_alphanumeric();
    }
    words
}

/// The letter without its accent, for those that medical names have.
const fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'š' | 'ś' => 's',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

#[cfg(test)]
mod tests;
