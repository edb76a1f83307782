//! What several edits count in the same way.

use chrono::NaiveDate;

use super::{Case, CutLine, EditOutcome, PastClaim, PastLine};
use crate::domain::claim_lists::{PeopleLimit, Strength};
use crate::domain::claims::{ClaimState, Line};
use crate::domain::eligibility::CareType;
use crate::domain::icd9cm::{Icd9Block, Icd9Code};
use crate::domain::icd10::Icd10Code;
use crate::domain::rupiah::Rupiah;

/// Care that is given again and again by plan: dialysis, rehabilitation, chemotherapy and radiotherapy. Assumption: the ICD-10 codes of a visit for it.
const SERIES_DIAGNOSES: [&str; 3] = ["Z49", "Z50", "Z51"];
/// The same by procedure: haemodialysis, chemotherapy, radiotherapy, physical therapy. Assumption.
const SERIES_PROCEDURES: [&str; 4] = ["39.95", "99.25", "92.2", "93.1"];

fn is_series<'c>(principal: Option<&Icd10Code>, procedures: impl IntoIterator<Item = &'c Icd9Code>) -> bool {
    principal.is_some_and(|code| SERIES_DIAGNOSES.contains(&code.category()))
        || procedures.into_iter().any(|code| SERIES_PROCEDURES.iter().any(|series| code.as_str().starts_with(series)))
}

impl PastClaim {
    /// Was it decided in favour of the hospital, paid or not yet?
    pub fn is_granted(&self) -> bool {
        matches!(self.state, ClaimState::Approved | ClaimState::ApprovedPartial | ClaimState::PaymentOrdered | ClaimState::Paid)
    }

    /// Its lines of which something was or may still be paid.
    pub fn standing_lines(&self) -> impl Iterator<Item = &PastLine> {
        let decided = self.is_granted();
        self.lines.iter().filter(move |line| !decided || line.approved > Rupiah::ZERO || line.paid > Rupiah::ZERO)
    }

    pub fn is_of_series(&self) -> bool {
        is_series(self.principal.as_ref(), self.procedures.iter().map(|(code, _)| code))
    }

    /// On how many days before this date it ended; below zero where it ended after it.
    pub fn days_before(&self, date: NaiveDate) -> i64 {
        (date - self.last_day()).num_days()
    }

    /// Do both lie in one bed for more than a day of coming and leaving?
    pub fn overlaps_stay(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.admitted_on < to && from < self.last_day()
    }
}

impl Case<'_> {
    pub fn is_of_series(&self) -> bool {
        is_series(self.bill.principal(), self.bill.procedures.iter().map(|procedure| &procedure.code))
    }

    /// The procedure that a tariff code is the price of: hospitals that are paid by service write its ICD-9-CM code, with the dot, as tariff code.
    pub fn procedure_of(&self, tariff_code: &str) -> Option<Icd9Code> {
        let code = tariff_code.parse::<Icd9Code>().ok()?;
        (code.as_str() == tariff_code && tariff_code.contains('.')).then_some(code)
    }

    /// The procedures that the claim tells of, with their days: those that have lines of their own by these, and the others by the list of the bill.
    pub fn procedures_told(&self) -> Vec<(Option<i32>, Icd9Code, NaiveDate)> {
        let of_lines: Vec<_> =
            self.bill.lines.iter().filter_map(|line| Some((Some(line.line), self.procedure_of(&line.tariff_code)?, line.date))).collect();
        let has_line = |code: &Icd9Code| of_lines.iter().any(|(_, other, _)| other == code);
        let without = self.bill.procedures.iter().filter(|procedure| !has_line(&procedure.code));
        let without: Vec<_> = without.map(|procedure| (None, procedure.code.clone(), procedure.date)).collect();
        of_lines.into_iter().chain(without).collect()
    }

    /// Is this line the price of one of these procedures?
    pub fn is_of_block(&self, tariff_code: &str, block: &Icd9Block) -> bool {
        self.procedure_of(tariff_code).is_some_and(|code| block.contains(&code))
    }

    /// Is this the price of the whole stay or visit?
    pub fn is_whole_case(&self, tariff_code: &str) -> bool {
        self.lists.package(tariff_code, self.bill.admitted_on).is_some_and(|package| package.whole_case)
    }

    /// May this stay be a readmission after that one? Such are looked at and never refused by themselves.
    pub fn may_be_readmission(&self, other: &PastClaim) -> bool {
        self.is_stay() && other.care_type == CareType::Inpatient && other.admitted_on != self.bill.admitted_on
    }

    /// How many units of these procedures other claims have between two dates: those that came before this one, and those that were granted.
    pub fn units_elsewhere(&self, block: &Icd9Block, (from, to): (NaiveDate, NaiveDate)) -> i64 {
        let lines = self.others().filter(|claim| claim.earlier || claim.is_granted()).flat_map(PastClaim::standing_lines);
        lines.filter(|line| (from..=to).contains(&line.date) && self.is_of_block(&line.tariff_code, block)).map(|line| i64::from(line.quantity)).sum()
    }

    /// What is paid of a line for so many of its units; none where all of them are paid. It is a share of the whole line, so that two limits of its
    /// units do not cut twice, and of its tariff where more is asked, because the cut to the tariff of all units comes later.
    pub fn amount_for(&self, line: &Line, units: i64) -> Option<Rupiah> {
        let quantity = i64::from(line.quantity);
        if units >= quantity {
            return None;
        }
        let base = self.allowed(line).map_or(line.claimed_amount, |allowed| allowed.min(line.claimed_amount));
        Some(share(base, units.max(0), quantity))
    }

    /// Is this line inside the price of another that is paid, and does that one pay an operation with the whole stay while this one pays the stay?
    pub fn held(&self, cut: &CutLine<'_>) -> Option<Held> {
        let on = self.bill.admitted_on;
        let own = self.lists.package(&cut.line.tariff_code, on);
        let place = |of: &Line| cut.all.iter().position(|(line, _)| line.line == of.line);
        let holders = cut.all.iter().filter(|(other, left)| {
            // A case of outpatients is one visit; one of a stay is the stay.
            let together = self.is_stay() || other.date == cut.line.date;
            let holds = self.lists.package(&other.tariff_code, on).is_some_and(|package| package.holds(&cut.line.tariff_code));
            // Where two hold each other, the first of them is paid.
            let yields = own.is_none_or(|own| !own.holds(&other.tariff_code)) || place(other) < place(cut.line);
            other.line != cut.line.line && *left > Rupiah::ZERO && together && holds && yields
        });
        let surgical = |code: &str| self.lists.package(code, on).is_some_and(|package| !package.procedure_percents.is_empty());
        let is_day_or_case = own.is_some_and(|own| own.procedure_percents.is_empty());
        let kind = |(other, _): &(&Line, Rupiah)| {
            if is_day_or_case && surgical(&other.tariff_code) { Held::StayBesideOperation } else { Held::Inside }
        };
        holders.map(kind).max()
    }
}

/// How a line is inside the price of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Inside,
    StayBesideOperation,
}

impl CutLine<'_> {
    /// How many units of this line are within a limit that lines share in their canonical order, after `used`. Where a limit is `whole`, a line that
    /// goes beyond it has none.
    pub fn units_within(&self, limit: i64, used: i64, whole: bool, shares: impl Fn(&Line) -> bool) -> i64 {
        let mut left = (limit - used).max(0);
        for (line, amount) in self.all {
            if *amount == Rupiah::ZERO || !shares(line) {
                continue;
            }
            let quantity = i64::from(line.quantity);
            let taken = if quantity <= left || !whole { quantity.clamp(0, left) } else { 0 };
            if line.line == self.line.line {
                return taken;
            }
            left -= taken;
        }
        left
    }
}

/// Limits of the people whom a code can concern.
pub trait PeopleLimits: Iterator<Item = PeopleLimit> + Sized {
    /// What follows from the registered sex. A sex that is in doubt, or that of the mother of a newborn, refuses nothing.
    fn against_sex(self, case: &Case<'_>) -> Option<EditOutcome> {
        let in_doubt = case.person.nik_differs || case.person.covered_through_mother;
        self.filter(|limit| !limit.allows_sex(case.person.sex)).map(|limit| outcome_of(limit.strength, in_doubt)).max()
    }

    /// What follows from an age in full years.
    fn against_age(self, case: &Case<'_>, age: u32) -> Option<EditOutcome> {
        let in_doubt = case.person.nik_differs || case.person.covered_through_mother;
        let age = u8::try_from(age).unwrap_or(u8::MAX);
        self.filter(|limit| !limit.allows_age(age)).map(|limit| outcome_of(limit.strength, in_doubt)).max()
    }
}

impl<I: Iterator<Item = PeopleLimit>> PeopleLimits for I {}

const fn outcome_of(strength: Strength, in_doubt: bool) -> EditOutcome {
    match strength {
        Strength::Hard if !in_doubt => EditOutcome::Reject,
        Strength::Hard | Strength::Soft => EditOutcome::Pend,
    }
}

/// An amount times a fraction, rounded down. It lies between nothing and the amount where the fraction lies between 0 and 1.
pub fn share(amount: Rupiah, part: i64, whole: i64) -> Rupiah {
    let exact = i128::from(amount.0) * i128::from(part) / i128::from(whole.max(1));
    Rupiah(i64::try_from(exact).unwrap_or(amount.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{dx, px};

    #[test]
    fn planned_series_are_known_by_diagnosis_or_procedure() {
        assert!(is_series(Some(&dx("Z49.1")), []) && is_series(None, [&px("39.95")]) && is_series(Some(&dx("C50.9")), [&px("92.24")]));
        assert!(!is_series(Some(&dx("N18.5")), [&px("87.44")]) && !is_series(None, []));
    }

    #[test]
    fn shares_round_down_and_never_wrap() {
        assert_eq!(share(Rupiah(100), 1, 3), Rupiah(33));
        assert_eq!(share(Rupiah(i64::MAX), i64::MAX, i64::MAX), Rupiah(i64::MAX));
        assert_eq!(share(Rupiah(7), 0, 0), Rupiah::ZERO);
    }
}
