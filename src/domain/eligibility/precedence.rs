//! From what the rules said to one decision; and the rules about the sources and the emergency, which only precedence needs.

use super::case::{Case, Reach};
use super::facts::SourceStanding;
use super::insurance::bars_someone;
use super::{Decision, Outcome, RuleCode, RuleResult, Source, Unit};
use crate::domain::rule_sets::WhenAway;

/// A fail that nothing can cure refuses. Else, if all that is left can be cured in this emergency or is provisional by its source, the answer is
/// provisional; else undetermined; and with nothing left, eligible.
pub(super) fn decision(case: &Case, rules: &[RuleResult]) -> Decision {
    let mut decision = Decision::Eligible;
    for rule in rules {
        match (rule.outcome, passes_for_now(case, rule)) {
            (Outcome::Pass | Outcome::Warn | Outcome::NotApplicable, _) => {}
            (Outcome::Fail, false) => return Decision::NotEligible,
            (Outcome::Unknown, false) => decision = Decision::Undetermined,
            (Outcome::Fail | Outcome::Unknown, true) if decision == Decision::Eligible => decision = Decision::Provisional,
            (Outcome::Fail | Outcome::Unknown, true) => {}
        }
    }
    decision
}

fn passes_for_now(case: &Case, rule: &RuleResult) -> bool {
    // What is unknown because a source is away is cured, or not, with that source.
    let code = match rule.lost {
        Some(Source::Registry) => RuleCode::RegistryDown,
        Some(Source::Population) => RuleCode::PopulationDown,
        Some(Source::Jkn) => RuleCode::JknDown,
        None => rule.code,
    };
    let curable = |code| case.emergency() && case.rules.emergency.curable_in_emergency.contains(&code);
    // What the papers of a special group would answer is cured with those papers.
    let by_group = || curable(RuleCode::SpecialGroup) && case.answered_by_lacking_papers(rule.code);
    curable(code) || by_group() || provisional_by_source(case, rule.code)
}

/// What an absence is worth by the rule set. Where it left no snapshot, the rules that needed one are unknown themselves, and that weighs more.
fn provisional_by_source(case: &Case, code: RuleCode) -> bool {
    let sources = [(RuleCode::RegistryDown, Source::Registry), (RuleCode::PopulationDown, Source::Population), (RuleCode::JknDown, Source::Jkn)];
    let source = sources.into_iter().find(|(rule, _)| *rule == code);
    source.is_some_and(|(_, source)| case.rules.when_away(source) == WhenAway::Provisional)
}

pub(super) fn registry_down(case: &Case) -> RuleResult {
    source_down(case, RuleCode::RegistryDown, case.facts.registry, case.registry)
}

pub(super) fn population_down(case: &Case) -> RuleResult {
    match &case.facts.population {
        Some(population) => source_down(case, RuleCode::PopulationDown, population.source, case.population),
        None => RuleResult::not_applicable(RuleCode::PopulationDown),
    }
}

pub(super) fn jkn_down(case: &Case) -> RuleResult {
    match case.facts.jkn {
        Some(source) if bars_someone(case) => source_down(case, RuleCode::JknDown, source, case.jkn),
        Some(_) | None => RuleResult::not_applicable(RuleCode::JknDown),
    }
}

fn source_down(case: &Case, code: RuleCode, source: SourceStanding, reach: Reach) -> RuleResult {
    if reach == Reach::Here {
        return RuleResult::pass(code);
    }
    let age = source.as_of.map(|as_of| case.facts.asked_at.since(as_of).num_days());
    RuleResult::unknown(code).value(age).limit(case.rules.sources.snapshot_max_age_days).unit(Unit::Days)
}

/// A person's word stands over the rules'. The check that was refused keeps what they said.
pub(super) fn review_granted(case: &Case) -> RuleResult {
    if case.facts.granted_on_review { RuleResult::warn(RuleCode::ReviewGranted) } else { RuleResult::not_applicable(RuleCode::ReviewGranted) }
}

/// What a granted review overrules no longer asks.
pub(super) fn set_aside(rules: &mut [RuleResult]) {
    for rule in rules {
        match rule.outcome {
            Outcome::Fail | Outcome::Unknown => rule.outcome = Outcome::NotApplicable,
            Outcome::Pass | Outcome::Warn | Outcome::NotApplicable => {}
        }
    }
}

/// Tells how long there is to bring what is missing. It adds nothing to the decision.
pub(super) fn emergency_provisional(case: &Case, so_far: &[RuleResult]) -> RuleResult {
    let code = RuleCode::EmergencyProvisional;
    match (case.emergency(), decision(case, so_far)) {
        (true, Decision::Provisional) => RuleResult::warn(code).value(case.rules.emergency.complete_within_hours).unit(Unit::Hours),
        (true, Decision::Eligible) => RuleResult::pass(code),
        (true, Decision::NotEligible | Decision::Undetermined) | (false, _) => RuleResult::not_applicable(code),
    }
}
