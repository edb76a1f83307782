//! The answer: a decision and what every rule said, without texts. Texts are rendered on reading, in the reader's language.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::{Decision, Outcome, RuleCode, Source, Unit};
use crate::domain::files::ContentHash;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub decision: Decision,
    pub rule_set: String,
    /// Every rule, in the order of `RuleCode`.
    pub rules: Vec<RuleResult>,
    pub valid_until: Option<UtcTime>,
    /// When a provisional answer lapses unless what is missing has come.
    pub complete_by: Option<UtcTime>,
}

impl Answer {
    /// The rules that a person should read: what refuses, warns or is not known.
    pub fn reasons(&self) -> impl Iterator<Item = &RuleResult> {
        self.rules.iter().filter(|rule| match rule.outcome {
            Outcome::Fail | Outcome::Warn | Outcome::Unknown => true,
            Outcome::Pass | Outcome::NotApplicable => false,
        })
    }

    /// The codes of the rules that failed, with commas between.
    pub fn failing(&self) -> String {
        let failing: Vec<&str> = self.rules.iter().filter(|rule| rule.outcome == Outcome::Fail).map(|rule| rule.code.as_str()).collect();
        failing.join(",")
    }

    pub fn rule(&self, code: RuleCode) -> Option<&RuleResult> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    /// What a check keeps of its answer: deciding the same facts again must give the same digest.
    pub fn digest(&self) -> Result<ContentHash, serde_json::Error> {
        Ok(ContentHash::of(&serde_json::to_vec(self)?))
    }
}

/// What one rule said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    pub code: RuleCode,
    pub outcome: Outcome,
    /// The field of the question or of the registry that decided.
    pub field: &'static str,
    pub value: Scalar,
    pub limit: Scalar,
    pub unit: Option<Unit>,
    /// The source whose absence left this unknown.
    #[serde(skip)]
    pub(super) lost: Option<Source>,
}

impl RuleResult {
    pub(super) fn new(code: RuleCode, outcome: Outcome) -> Self {
        Self { code, outcome, field: code.field(), value: Scalar::None, limit: Scalar::None, unit: None, lost: None }
    }

    pub(super) fn pass(code: RuleCode) -> Self {
        Self::new(code, Outcome::Pass)
    }

    pub(super) fn fail(code: RuleCode) -> Self {
        Self::new(code, Outcome::Fail)
    }

    pub(super) fn warn(code: RuleCode) -> Self {
        Self::new(code, Outcome::Warn)
    }

    pub(super) fn unknown(code: RuleCode) -> Self {
        Self::new(code, Outcome::Unknown)
    }

    pub(super) fn not_applicable(code: RuleCode) -> Self {
        Self::new(code, Outcome::NotApplicable)
    }

    pub(super) fn pass_if(code: RuleCode, passes: bool) -> Self {
        if passes { Self::pass(code) } else { Self::fail(code) }
    }

    /// Unknown because a source is away and left nothing to go by.
    pub(super) fn lost(code: RuleCode, source: Source) -> Self {
        Self { lost: Some(source), ..Self::unknown(code) }
    }

    pub(super) fn field(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    pub(super) fn value(self, value: impl Into<Scalar>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub(super) fn limit(self, limit: impl Into<Scalar>) -> Self {
        Self { limit: limit.into(), ..self }
    }

    pub(super) fn unit(self, unit: Unit) -> Self {
        Self { unit: Some(unit), ..self }
    }
}

/// A value as it stands in an answer. Words are those of our vocabularies, several of them joined by commas; never a text of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    None,
    Number(i64),
    Date(NaiveDate),
    Words(Cow<'static, str>),
    /// A diagnosis, which is no word to translate.
    Code(String),
}

impl Scalar {
    pub(super) fn list(words: impl IntoIterator<Item = &'static str>) -> Self {
        let mut words = words.into_iter();
        let Some(first) = words.next() else { return Self::None };
        Self::Words(words.fold(Cow::Borrowed(first), |list, word| Cow::Owned(format!("{list},{word}"))))
    }
}

impl From<&'static str> for Scalar {
    fn from(word: &'static str) -> Self {
        Self::Words(Cow::Borrowed(word))
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Scalar {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Rupiah> for Scalar {
    fn from(amount: Rupiah) -> Self {
        Self::Number(amount.0)
    }
}

impl From<NaiveDate> for Scalar {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl<T: Into<Self>> From<Option<T>> for Scalar {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Date(date) => date.serialize(serializer),
            Self::Words(words) => serializer.serialize_str(words),
            Self::Code(code) => serializer.serialize_str(code),
        }
    }
}
