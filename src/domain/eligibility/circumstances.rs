//! What the facility says of the patient's circumstances: belonging to a special group, and the income that the first phase asked for.

use super::case::{Case, Known};
use super::{Paper, RuleCode, RuleResult, Scalar, Unit};

pub(super) fn special_group(case: &Case) -> RuleResult {
    let code = RuleCode::SpecialGroup;
    if matches!(case.person, Known::Nobody) {
        return RuleResult::not_applicable(code);
    }
    let lacking: Vec<Paper> = match case.papers() {
        None => Vec::new(),
        Some(shown) => case.groups().flat_map(|(_, group)| group.papers.lacking(shown, &[])).collect(),
    };
    if !lacking.is_empty() {
        return RuleResult::fail(code).value(Scalar::list(lacking.into_iter().map(Paper::as_str)));
    }
    match case.facts.told.special_group {
        // The ordinary rules hold for a group that these rules do not know.
        Some(told) if !case.rules.special_groups.contains_key(&told) => RuleResult::warn(code).value(told.as_str()),
        Some(_) | None => match Scalar::list(case.groups().map(|(group, _)| group.as_str())) {
            Scalar::None => RuleResult::not_applicable(code),
            groups => RuleResult::pass(code).value(groups),
        },
    }
}

pub(super) fn income_above_limit(case: &Case) -> RuleResult {
    let code = RuleCode::IncomeAboveLimit;
    let income = &case.rules.income;
    let Some(limit) = income.monthly_limit else { return RuleResult::not_applicable(code) };
    if matches!(case.person, Known::Nobody) {
        return RuleResult::not_applicable(code);
    }
    let result = match case.facts.told.monthly_income {
        told if income.papers_instead.shown_in(case.papers()) => RuleResult::pass(code).value(told),
        None => RuleResult::unknown(code),
        Some(told) => RuleResult::pass_if(code, told <= limit).value(told),
    };
    result.limit(limit).unit(Unit::Rupiah)
}
