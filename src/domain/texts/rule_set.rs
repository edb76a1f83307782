//! A rule set in words, made from its parameters: what stands here is what decides.

use super::{Language, Texts};
use crate::domain::eligibility::Unit;
use crate::domain::rule_sets::{DoubleFunding, GoverningDate, GovernmentFirst, PaperSets, RuleSet};

/// One sentence about a rule set, and which of its sections it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub topic: &'static str,
    pub text: String,
}

/// The keys below `rule_set` and their placeholders.
pub(super) const KEYS: [(&str, &[&str]); 42] = [
    ("and", &[]),
    ("answer_days", &["days"]),
    ("answer_same_day", &[]),
    ("claims", &["day", "months"]),
    ("claims_clocks", &["complete", "fix", "pay", "dispute"]),
    ("claims_jkn_pend", &[]),
    ("claims_jkn_reject", &[]),
    ("curable", &["rules"]),
    ("emergency", &["hours", "extension"]),
    ("emergency_exempt", &[]),
    ("emergency_not_exempt", &[]),
    ("enrollment_not_required", &[]),
    ("enrollment_required", &[]),
    ("excluded_services", &[]),
    ("facility", &["kinds"]),
    ("governing_admission", &[]),
    ("governing_discharge", &[]),
    ("government_fail_without_reason", &[]),
    ("government_not_asked", &[]),
    ("government_only", &[]),
    ("government_warn_without_reason", &[]),
    ("income_any", &[]),
    ("income_limit", &["limit", "papers"]),
    ("jkn_any", &[]),
    ("jkn_barred", &["segments"]),
    ("letters", &["days", "months", "extension", "times"]),
    ("letters_not_required", &[]),
    ("letters_required", &["care"]),
    ("newborn", &["days", "months"]),
    ("or", &[]),
    ("papers", &["papers", "age"]),
    ("papers_or_card", &["papers", "age"]),
    ("primary_care_diagnoses", &[]),
    ("referral_not_required", &[]),
    ("referral_required", &["days"]),
    ("residence", &[]),
    ("residence_months", &["months"]),
    ("snapshot", &["days"]),
    ("special_group", &["group", "papers"]),
    ("valid_between", &["from", "to"]),
    ("valid_since", &["from"]),
    ("ward", &["classes"]),
];

impl Texts {
    /// The rules of a phase in sentences, in the order of the file.
    pub fn describe(&self, language: Language, set: &RuleSet) -> Vec<Described> {
        let writer = Writer { texts: self, language };
        [writer.dates(set), writer.person(set), writer.care(set), writer.emergency(set), writer.money(set)].concat()
    }
}

struct Writer<'a> {
    texts: &'a Texts,
    language: Language,
}

impl Writer<'_> {
    fn say(&self, topic: &'static str, key: &str, filling: &[(&str, &str)]) -> Described {
        Described { topic, text: self.text(key, filling) }
    }

    fn text(&self, key: &str, filling: &[(&str, &str)]) -> String {
        self.texts.get(self.language, &format!("rule_set.{key}"), filling).unwrap_or_default()
    }

    fn list<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> String {
        let words: Vec<_> = words.into_iter().map(|word| self.texts.word(self.language, word)).collect();
        if words.is_empty() { self.texts.word(self.language, "none").to_owned() } else { words.join(", ") }
    }

    fn counted(&self, number: u32, unit: Unit) -> String {
        self.texts.counted(self.language, number.into(), Some(unit))
    }

    fn papers(&self, sets: &PaperSets) -> String {
        let (and, or) = (self.text("and", &[]), self.text("or", &[]));
        let set = |set: &std::collections::BTreeSet<_>| {
            let words: Vec<_> = set.iter().map(|paper: &crate::domain::eligibility::Paper| self.texts.word(self.language, paper.as_str())).collect();
            words.join(&and)
        };
        if sets.0.is_empty() { self.texts.word(self.language, "none").to_owned() } else { sets.0.iter().map(set).collect::<Vec<_>>().join(&or) }
    }

    fn dates(&self, set: &RuleSet) -> Vec<Described> {
        let from = self.texts.date(self.language, set.valid_from);
        let valid = match set.valid_to {
            Some(to) => self.say("validity", "valid_between", &[("from", &from), ("to", &self.texts.date(self.language, to))]),
            None => self.say("validity", "valid_since", &[("from", &from)]),
        };
        let governing = match set.governing_date {
            GoverningDate::Admission => "governing_admission",
            GoverningDate::Discharge => "governing_discharge",
        };
        let answer = match set.answer_valid_days {
            0 => self.say("validity", "answer_same_day", &[]),
            days => self.say("validity", "answer_days", &[("days", &self.counted(days, Unit::Days))]),
        };
        vec![valid, self.say("validity", governing, &[]), answer]
    }

    fn person(&self, set: &RuleSet) -> Vec<Described> {
        let residence = match set.residence.min_months {
            0 => self.say("residence", "residence", &[]),
            months => self.say("residence", "residence_months", &[("months", &self.counted(months, Unit::Months))]),
        };
        let jkn = if set.jkn.barred.is_empty() {
            self.say("jkn", "jkn_any", &[])
        } else {
            self.say("jkn", "jkn_barred", &[("segments", &self.list(set.jkn.barred.iter().map(|segment| segment.as_str())))])
        };
        let enrollment = if set.enrollment.required { "enrollment_required" } else { "enrollment_not_required" };
        let papers = if set.papers.card_suffices { "papers_or_card" } else { "papers" };
        let papers_filling = [("papers", self.papers(&set.papers.accepted)), ("age", set.papers.ktp_el_from_age.to_string())];
        let papers_filling = papers_filling.each_ref().map(|(name, value)| (*name, value.as_str()));
        let income = match set.income.monthly_limit {
            None => self.say("income", "income_any", &[]),
            Some(limit) => {
                let papers = self.papers(&set.income.papers_instead);
                self.say("income", "income_limit", &[("limit", &limit.to_string()), ("papers", &papers)])
            }
        };
        let mut said =
            vec![residence, jkn, self.say("enrollment", enrollment, &[]), self.say("papers", papers, &papers_filling), self.newborn(set), income];
        said.extend(set.special_groups.iter().map(|(group, terms)| {
            let group = self.texts.word(self.language, group.as_str());
            self.say("special_groups", "special_group", &[("group", group), ("papers", &self.papers(&terms.papers))])
        }));
        said
    }

    fn newborn(&self, set: &RuleSet) -> Described {
        let (days, months) = (self.counted(set.newborn.through_mother_days, Unit::Days), self.counted(set.newborn.nik_after_months, Unit::Months));
        self.say("newborn", "newborn", &[("days", &days), ("months", &months)])
    }

    fn care(&self, set: &RuleSet) -> Vec<Described> {
        let referral = if set.referral.required {
            self.say("referral", "referral_required", &[("days", &self.counted(set.referral.valid_days, Unit::Days))])
        } else {
            self.say("referral", "referral_not_required", &[])
        };
        let classes = self.list(set.ward.covered.iter().map(|class| class.as_str()));
        let own_kinds = self.list(set.facility.own_kinds.iter().map(|kind| kind.as_str()));
        let government = match set.facility.government_first {
            GovernmentFirst::NotAsked => "government_not_asked",
            GovernmentFirst::WarnWithoutReason => "government_warn_without_reason",
            GovernmentFirst::FailWithoutReason => "government_fail_without_reason",
            GovernmentFirst::Only => "government_only",
        };
        let exempt = if set.facility.emergency_exempt { "emergency_exempt" } else { "emergency_not_exempt" };
        let mut said = vec![
            referral,
            self.say("ward", "ward", &[("classes", &classes)]),
            self.say("facility", "facility", &[("kinds", &own_kinds)]),
            self.say("facility", government, &[]),
            self.say("facility", exempt, &[]),
        ];
        said.extend(set.services.warn_primary_care_diagnoses.then(|| self.say("services", "primary_care_diagnoses", &[])));
        said.extend(set.services.refuse_excluded.then(|| self.say("services", "excluded_services", &[])));
        said
    }

    fn emergency(&self, set: &RuleSet) -> Vec<Described> {
        let terms = &set.emergency;
        let (hours, extension) = (self.counted(terms.complete_within_hours, Unit::Hours), self.counted(terms.extension_hours, Unit::Hours));
        let names: Vec<_> = terms.curable_in_emergency.iter().map(|code| self.texts.rule_name(self.language, *code)).collect();
        let snapshot = self.counted(set.sources.snapshot_max_age_days, Unit::Days);
        let mut said = vec![self.say("emergency", "emergency", &[("hours", &hours), ("extension", &extension)])];
        said.extend((!names.is_empty()).then(|| self.say("emergency", "curable", &[("rules", &names.join(", "))])));
        said.push(self.say("sources", "snapshot", &[("days", &snapshot)]));
        said
    }

    fn money(&self, set: &RuleSet) -> Vec<Described> {
        let (letters, claims) = (&set.letters, &set.claims);
        let days = |days: u32| self.counted(days, Unit::Days);
        let months = |months: u32| self.counted(months, Unit::Months);
        let required = if letters.required_for.is_empty() {
            self.say("letters", "letters_not_required", &[])
        } else {
            self.say("letters", "letters_required", &[("care", &self.list(letters.required_for.iter().map(|care| care.as_str())))])
        };
        let validity = [
            ("days", days(letters.stay_days)),
            ("months", months(letters.outpatient_months)),
            ("extension", days(letters.extension_days)),
            ("times", letters.extensions.to_string()),
        ];
        let clocks = [
            ("complete", days(claims.complete_within_days)),
            ("fix", days(claims.fix_within_days)),
            ("pay", days(claims.pay_within_days)),
            ("dispute", days(claims.dispute_within_days)),
        ];
        let filing = [("day", claims.file_by_day.to_string()), ("months", months(claims.expires_after_months))];
        let double_funding = match claims.double_funding {
            DoubleFunding::Reject => "claims_jkn_reject",
            DoubleFunding::Pend => "claims_jkn_pend",
        };
        fn filled<'f>(filling: &'f [(&'f str, String)]) -> Vec<(&'f str, &'f str)> {
            filling.iter().map(|(name, value)| (*name, value.as_str())).collect()
        }
        vec![
            required,
            self.say("letters", "letters", &filled(&validity)),
            self.say("claims", "claims", &filled(&filing)),
            self.say("claims", "claims_clocks", &filled(&clocks)),
            self.say("claims", double_funding, &[]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::tests::rule_sets;
    use crate::domain::texts::load::tests::texts;

    #[test]
    fn each_phase_is_told_in_words() {
        let texts = texts();
        for (code, language, sentence) in [
            ("KS-2017-A", Language::En, "An income of at most Rp 3.500.000 a month, or statement of unemployment."),
            ("KS-2017-B", Language::En, "No referral is needed."),
            ("KS-2018", Language::En, "Outpatient care at a hospital needs a referral, good for 90 days; emergencies do not."),
            ("KS-2019", Language::En, "Not for active members of JKN: PBI paid by the state (PBI APBN), PBI paid by the city (PBI APBD)."),
            ("KS-2019", Language::En, "Papers: a card in force, or KTP-el or KK. Below the age of 17 without KTP-el."),
            ("LKM-2020", Language::Id, "Berlaku untuk layanan dari 1 Januari 2020 sampai 31 Maret 2022."),
            ("LKM-2022", Language::Id, "Penduduk kota menurut data kependudukan sekurang-kurangnya 6 bulan."),
            ("LKM-2022", Language::Id, "Hanya rumah sakit pemerintah."),
            ("LKM-2022", Language::Id, "Surat: KTP-el dan KK. Di bawah umur 17 tahun tanpa KTP-el."),
        ] {
            let said = texts.describe(language, rule_sets().by_code(code).unwrap());
            assert!(said.iter().any(|described| described.text == sentence), "{code}: {said:#?}");
        }
        for set in rule_sets().iter() {
            let both = [Language::Id, Language::En].map(|language| texts.describe(language, set));
            let topics = |said: &[Described]| said.iter().map(|described| described.topic).collect::<Vec<_>>();
            assert_eq!(topics(&both[0]), topics(&both[1]));
            assert!(both.iter().flatten().all(|said| !said.text.is_empty() && !said.text.contains(['{', '}', '_'])), "{both:#?}");
        }
    }
}
