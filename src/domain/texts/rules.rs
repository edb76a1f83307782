//! The texts of a check: what a rule said, and what to do about it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::template::Template;
use super::{Language, Texts};
use crate::domain::eligibility::{Outcome, RuleCode, RuleResult, Scalar, Unit};
use crate::domain::nik::NikOddity;
use crate::domain::rupiah::Rupiah;

/// Message and remedy of each rule and outcome, in the order of both vocabularies.
#[derive(Debug, Clone)]
pub(super) struct RuleTexts(Vec<Option<(Template, Option<Template>)>>);

impl RuleTexts {
    pub fn of(texts: &BTreeMap<String, Template>) -> Self {
        let text = |code, outcome, part| texts.get(&format!("rules.{code}.{outcome}.{part}")).cloned();
        let both = |code: RuleCode, outcome: Outcome| Some((text(code, outcome, "message")?, text(code, outcome, "remedy")));
        Self(RuleCode::ALL.iter().flat_map(|code| Outcome::ALL.iter().map(move |outcome| both(*code, *outcome))).collect())
    }

    fn get(&self, code: RuleCode, outcome: Outcome) -> Option<&(Template, Option<Template>)> {
        self.0.get(code as usize * Outcome::ALL.len() + outcome as usize)?.as_ref()
    }
}

impl Texts {
    /// What a rule said, in a sentence.
    pub fn message<'t>(&'t self, language: Language, rule: &'t RuleResult) -> Cow<'t, str> {
        match self.table(language).rules.get(rule.code, rule.outcome) {
            Some((message, _)) => self.fill(language, message, rule),
            // The loader demands a text for whatever a rule can say; one kept before the rule existed has none.
            None => Cow::Borrowed(rule.code.as_str()),
        }
    }

    /// What to do about it, if there is something to do.
    pub fn remedy<'t>(&'t self, language: Language, rule: &'t RuleResult) -> Option<Cow<'t, str>> {
        let (_, remedy) = self.table(language).rules.get(rule.code, rule.outcome)?;
        remedy.as_ref().map(|remedy| self.fill(language, remedy, rule))
    }

    /// The name of a rule, for headings.
    pub fn rule_name(&self, language: Language, code: RuleCode) -> String {
        self.get(language, &format!("rules.{code}.name"), &[]).unwrap_or_default()
    }

    /// What is odd about a NIK, and what to do about it.
    pub fn oddity(&self, language: Language, oddity: NikOddity) -> (String, String) {
        let text = |part| self.get(language, &format!("nik_oddities.{oddity}.{part}"), &[]).unwrap_or_default();
        (text("message"), text("remedy"))
    }

    fn fill<'t>(&'t self, language: Language, template: &'t Template, rule: &'t RuleResult) -> Cow<'t, str> {
        template.fill(|name| match name {
            "value" => Some(self.scalar(language, &rule.value, rule.unit)),
            "limit" => Some(self.scalar(language, &rule.limit, rule.unit)),
            _ => None,
        })
    }

    fn scalar<'t>(&'t self, language: Language, scalar: &'t Scalar, unit: Option<Unit>) -> Cow<'t, str> {
        match scalar {
            Scalar::None => self.word(language, "not_known").into(),
            Scalar::Number(number) => self.counted(language, *number, unit).into(),
            Scalar::Date(date) => self.date(language, *date).into(),
            Scalar::Words(words) => words
                .split(',')
                .map(|word| self.spoken(language, word))
                .reduce(|list, word| Cow::Owned(format!("{list}, {word}")))
                .unwrap_or_default(),
            Scalar::Code(code) => code.as_str().into(),
        }
    }

    /// A word of a value; the codes of odd NIKs are told by what is odd.
    fn spoken<'t>(&'t self, language: Language, word: &'t str) -> Cow<'t, str> {
        match word.parse::<NikOddity>() {
            Ok(oddity) => self.oddity(language, oddity).0.into(),
            Err(_) => self.word(language, word).into(),
        }
    }

    /// A number with what it counts: `6 months`, `Rp 3.500.000`.
    pub(super) fn counted(&self, language: Language, number: i64, unit: Option<Unit>) -> String {
        let one = number.unsigned_abs() == 1;
        let word = match unit {
            None => return number.to_string(),
            Some(Unit::Rupiah) => return Rupiah(number).to_string(),
            Some(Unit::Months) => {
                if one {
                    "words.month"
                } else {
                    "words.months"
                }
            }
            Some(Unit::Days) => {
                if one {
                    "words.day"
                } else {
                    "words.days"
                }
            }
            Some(Unit::Hours) => {
                if one {
                    "words.hour"
                } else {
                    "words.hours"
                }
            }
        };
        let count = number.to_string();
        self.get(language, word, &[("count", &count)]).unwrap_or(count)
    }

    /// A date as people write it: `21 November 2026`.
    pub fn date(&self, language: Language, date: NaiveDate) -> String {
        match self.get(language, &format!("months.{:02}", date.month()), &[]) {
            Some(month) => format!("{} {month} {}", date.day(), date.year()),
            None => date.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::eligibility::tests as check;
    use crate::domain::eligibility::{Facts, IdentityMatch, Paper, WardClass};
    use crate::domain::texts::load::tests::texts;

    #[test]
    fn rules_speak_plainly_in_both_languages() {
        type Case = (fn(&mut Facts), RuleCode, &'static str, &'static str);
        let cases: [Case; 6] = [
            (
                |f| check::person(f).residency = check::resident("2026-05-22"),
                RuleCode::ResidencyTooShort,
                "Baru tinggal di kota selama 5 bulan; yang diminta 6 bulan.",
                "Has lived in the city for 5 months only; asked for: 6 months.",
            ),
            (
                |f| check::person(f).residency = check::resident("2026-10-20"),
                RuleCode::ResidencyTooShort,
                "Baru tinggal di kota selama 1 bulan; yang diminta 6 bulan.",
                "Has lived in the city for 1 month only; asked for: 6 months.",
            ),
            (
                |f| f.ward_class = Some(WardClass::I),
                RuleCode::ClassNotCovered,
                "Kelas rawat yang diminta tidak dijamin: kelas I. Yang dijamin: kelas III.",
                "The ward class asked for is not covered: class I. Covered: class III.",
            ),
            (
                |f| f.facility.contracts = [check::range("2020-01-01", Some("2022-03-31"))].into(),
                RuleCode::FacilityNotContracted,
                "Fasilitas tidak bekerja sama dengan kota pada 21 November 2026 (kerja sama terakhir sampai: 31 Maret 2022).",
                "The facility has no contract with the city on 21 November 2026 (last contract until: 31 March 2022).",
            ),
            (|f| f.told.papers = Some([Paper::KtpEl].into()), RuleCode::PapersMissing, "Surat yang kurang: KK.", "Missing papers: KK."),
            (
                |f| (f.identity.name, f.identity.birth_date) = (IdentityMatch::Differs, IdentityMatch::Differs),
                RuleCode::IdentityDiffers,
                "Belum pasti orang yang sama. Tidak cocok dengan data kependudukan: nama, tanggal lahir.",
                "It may not be the same person. Does not agree with the registry: name, birth date.",
            ),
        ];
        let texts = texts();
        for (change, code, id, en) in cases {
            let answer = check::answer_to("2026-11-21", change);
            let rule = answer.rule(code).unwrap();
            assert_eq!((&*texts.message(Language::Id, rule), &*texts.message(Language::En, rule)), (id, en));
            assert!(texts.remedy(Language::Id, rule).is_some_and(|remedy| !remedy.is_empty()), "{code}");
        }
    }

    #[test]
    fn odd_niks_are_told_by_what_is_odd() {
        let texts = texts();
        let answer = check::answer_to("2026-11-21", |facts| facts.nik_oddities = [NikOddity::SexDiffers].into());
        let message = texts.message(Language::En, answer.rule(RuleCode::NikFormat).unwrap());
        assert_eq!(message, "Something about the NIK is worth a look: the sex inside the NIK differs from the registered one.");
        assert_eq!(texts.rule_name(Language::Id, RuleCode::NoReferral), "Rujukan");
    }

    proptest! {
        #[test]
        fn whatever_a_check_says_has_words(facts in check::properties::facts()) {
            let texts = texts_once();
            for rule in &check::answer(&facts).rules {
                for language in Language::ALL {
                    let message = texts.message(*language, rule);
                    prop_assert!(!message.is_empty() && !message.contains(['{', '}', '_']), "{:?}: {}", rule, message);
                    let remedy = texts.remedy(*language, rule);
                    prop_assert_eq!(remedy.is_some(), crate::domain::texts::keys::has_remedy(rule.outcome));
                }
                for scalar in [&rule.value, &rule.limit] {
                    let Scalar::Words(words) = scalar else { continue };
                    for word in words.split(',').filter(|word| word.parse::<NikOddity>().is_err()) {
                        prop_assert!(texts.get(Language::Id, &format!("words.{word}"), &[]).is_some(), "{}", word);
                    }
                }
            }
        }
    }

    fn texts_once() -> &'static Texts {
        static TEXTS: std::sync::LazyLock<Texts> = std::sync::LazyLock::new(texts);
        &TEXTS
    }
}
