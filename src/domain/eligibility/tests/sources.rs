//! Sources that are away: a snapshot that is new enough carries an answer as far as the rule set says; nothing passes or fails in silence.

use super::*;

const DATE: &str = "2026-11-21";

fn away(days_old: Option<i64>) -> SourceStanding {
    let asked: crate::domain::time::UtcTime = format!("{DATE}T02:00:00Z").parse().unwrap();
    SourceStanding { as_of: days_old.map(|days| asked.minus(chrono::Duration::days(days))), away: true }
}

fn decided(registry: Option<SourceStanding>, jkn: Option<SourceStanding>, change: fn(&mut Facts)) -> Answer {
    answer_to(DATE, |facts| {
        facts.registry = registry.unwrap_or(facts.registry);
        facts.jkn = jkn;
        change(facts);
    })
}

#[test]
fn what_an_answer_is_worth_while_a_source_is_away() {
    fn nothing(_: &mut Facts) {}
    fn emergency(facts: &mut Facts) {
        facts.care_type = CareType::Emergency;
    }
    fn class_one(facts: &mut Facts) {
        facts.ward_class = Some(WardClass::I);
    }
    fn nobody(facts: &mut Facts) {
        facts.person = None;
    }
    fn unknown_card(facts: &mut Facts) {
        (facts.person, facts.identified_by) = (None, IdentifiedBy::Card);
    }
    fn member(facts: &mut Facts) {
        person(facts).jkn = [jkn(JknSegment::Ppu, JknState::Active, "2020-01-01", None)].into();
    }
    use Decision::*;
    type Case = (Option<SourceStanding>, Option<SourceStanding>, fn(&mut Facts), Decision);
    let cases: [Case; 19] = [
        (Some(away(Some(0))), None, nothing, Provisional),
        (Some(away(Some(30))), None, nothing, Provisional),
        (Some(away(Some(31))), None, nothing, Undetermined),
        (Some(away(None)), None, nothing, Undetermined),
        (Some(away(Some(31))), None, emergency, Provisional),
        (Some(away(None)), None, emergency, Provisional),
        // A refusal that does not hang on the source stands.
        (Some(away(None)), None, class_one, NotEligible),
        (Some(away(Some(1))), None, class_one, NotEligible),
        // One that the snapshot shows stands as well.
        (Some(away(Some(1))), None, member, NotEligible),
        (Some(away(None)), None, member, Undetermined),
        // Who is not in the snapshot may have come since.
        (Some(away(Some(1))), None, nobody, Undetermined),
        (Some(away(Some(1))), None, unknown_card, Undetermined),
        (None, Some(away(Some(1))), nothing, Undetermined),
        (None, Some(away(None)), nothing, Undetermined),
        (None, Some(away(None)), emergency, Provisional),
        (None, Some(away(Some(1))), member, NotEligible),
        (None, Some(away(None)), member, Undetermined),
        (Some(away(Some(1))), Some(away(Some(1))), nothing, Undetermined),
        (None, Some(SourceStanding { away: false, ..away(Some(1)) }), nothing, Eligible),
    ];
    for (at, (registry, jkn, change, decision)) in cases.into_iter().enumerate() {
        let answer = decided(registry, jkn, change);
        assert_eq!(answer.decision, decision, "case {at}: {:?}", answer.reasons().collect::<Vec<_>>());
        assert_eq!(answer.complete_by.is_some(), decision == Provisional, "case {at}");
    }
}

#[test]
fn the_rule_set_says_what_an_absence_is_worth() {
    let careful = rule_sets().by_code("LKM-2022").unwrap().canonical().replace(r#""registry":"provisional""#, r#""registry":"undetermined""#);
    let careful = crate::domain::rule_sets::RuleSet::from_canonical(&careful).unwrap();
    let mut facts = plain_facts(DATE);
    facts.registry = away(Some(1));
    assert_eq!(answer(&facts).decision, Decision::Provisional);
    assert_eq!(decide(&careful, lists(), &facts).decision, Decision::Undetermined);
}

#[test]
fn without_the_registry_no_rule_about_the_person_passes() {
    let answer = decided(Some(away(None)), None, |_| {});
    for rule in &answer.rules {
        let about_the_person = matches!(rule.field, "state" | "resident_since" | "jkn" | "identity_match");
        assert!(!about_the_person || rule.outcome == Outcome::Unknown, "{rule:?}");
    }
    assert_eq!(answer.rule(RuleCode::NikNotFound).unwrap().outcome, Outcome::Unknown);
}
