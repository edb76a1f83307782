//! What happened in Bekasi, as cases.

use super::*;
use crate::domain::nik::NikOddity;

fn fails(answer: &Answer) -> Vec<RuleCode> {
    codes_with(answer, Outcome::Fail)
}

#[test]
fn one_person_on_four_dates_meets_four_rule_sets() {
    let codes = ["2017-08-10", "2018-12-10", "2019-03-10", "2020-02-10"].map(|date| answer_to(date, |_| {}).rule_set);
    assert_eq!(codes, ["KS-2017-B", "KS-2018", "KS-2019", "LKM-2020"]);
}

#[test]
fn a_newcomer_of_ten_days_is_refused_since_2020() {
    let arrived = |facts: &mut Facts| {
        facts.care_type = CareType::Inpatient;
        let ten_days_ago = facts.service_date - chrono::Duration::days(10);
        person(facts).residency = resident(&ten_days_ago.to_string());
    };
    assert_eq!(fails(&answer_to("2020-02-10", arrived)), [RuleCode::ResidencyTooShort]);
    assert_eq!(answer_to("2019-03-10", arrived).decision, Decision::Eligible);
}

// The facts hold no NIK at all: residence cannot come from its first digits, and an old district code only warns.
#[test]
fn a_nik_from_elsewhere_and_a_corrected_birth_date_only_warn() {
    for oddity in [NikOddity::RegionSuperseded, NikOddity::RegionUnknown, NikOddity::BirthDateDiffers, NikOddity::SexDiffers] {
        let answer = answer_to("2026-11-21", |facts| facts.nik_oddities = [oddity].into());
        assert_eq!((answer.decision, codes_with(&answer, Outcome::Warn)), (Decision::Eligible, vec![RuleCode::NikFormat]), "{oddity}");
    }
}

#[test]
fn only_contributions_paid_by_the_state_barred_in_2019_and_every_membership_in_2020() {
    for (date, segment, decision) in [
        ("2018-12-10", JknSegment::PbiApbn, Decision::Eligible),
        ("2019-03-10", JknSegment::PbiApbn, Decision::NotEligible),
        ("2019-03-10", JknSegment::Pbpu, Decision::Eligible),
        ("2020-02-10", JknSegment::PbiApbn, Decision::NotEligible),
        ("2020-02-10", JknSegment::Pbpu, Decision::NotEligible),
    ] {
        let answer = answer_to(date, |facts| person(facts).jkn = [jkn(segment, JknState::Active, "2015-01-01", None)].into());
        assert_eq!(answer.decision, decision, "{segment} on {date}");
    }
}

#[test]
fn a_membership_switched_off_in_bulk_counts_until_that_day() {
    let switched_off = |facts: &mut Facts| {
        person(facts).jkn = [
            jkn(JknSegment::PbiApbn, JknState::Active, "2015-01-01", Some("2026-01-31")),
            jkn(JknSegment::PbiApbn, JknState::Inactive, "2026-02-01", None),
        ]
        .into();
    };
    assert_eq!(fails(&answer_to("2026-01-31", switched_off)), [RuleCode::JknActive]);
    assert_eq!(answer_to("2026-02-01", switched_off).decision, Decision::Eligible);
}

#[test]
fn a_card_that_is_not_in_the_database_is_refused_in_every_phase() {
    for set in rule_sets().iter() {
        let answer = answer_to(&set.valid_from.to_string(), |facts| {
            (facts.identified_by, facts.card, facts.person) = (IdentifiedBy::Card, None, None);
        });
        assert_eq!((answer.decision, fails(&answer)), (Decision::NotEligible, vec![RuleCode::NotEnrolled]), "{}", set.code);
        // What does not hang on the person is judged all the same.
        assert_eq!(answer.rule(RuleCode::FacilityNotContracted).unwrap().outcome, Outcome::Pass);
        assert_eq!(answer.rule(RuleCode::ClassNotCovered).unwrap().outcome, Outcome::Pass);
    }
}

#[test]
fn a_forgotten_card_does_no_harm_to_who_is_found_by_kk() {
    for date in ["2017-08-10", "2018-12-10", "2019-03-10", "2026-11-21"] {
        let answer = answer_to(date, |facts| {
            facts.identified_by = IdentifiedBy::Kk;
            facts.identity.birth_date = IdentityMatch::Same;
            facts.told.papers = Some([Paper::KtpEl, Paper::Kk].into());
        });
        assert_eq!(answer.decision, Decision::Eligible, "{date}");
    }
}

#[test]
fn a_claimed_identity_is_compared_before_it_becomes_a_fact() {
    use IdentityMatch::*;
    let (born, other) = (Some(day("1990-01-05")), Some(day("1990-01-06")));
    for (claimed, registered, name, birth_date) in [
        ((None, None), (Some("Siti Aminah"), born), NotGiven, NotGiven),
        ((Some("Ny. AMINAH Siti"), born), (Some("Siti Aminah"), born), Same, Same),
        ((Some("Siti Aisyah"), other), (Some("Siti Aminah"), born), Differs, Differs),
        ((Some("Siti Aisyah"), other), (None, None), NotGiven, NotGiven),
    ] {
        assert_eq!(IdentityFacts::compare(claimed, registered), IdentityFacts { name, birth_date }, "{claimed:?}");
    }
}

#[test]
fn a_homeless_emergency_has_72_hours_for_the_letter() {
    let homeless = |facts: &mut Facts| {
        (facts.care_type, facts.referral, facts.identified_by) = (CareType::Emergency, None, IdentifiedBy::Participant);
        facts.person = Some(PersonFacts { temporary: true, ..PersonFacts::default() });
        facts.told.special_group = Some(SpecialGroup::Pmks);
        facts.told.papers = Some(BTreeSet::new());
    };
    let answer = answer_to("2026-11-21", homeless);
    assert_eq!(answer.decision, Decision::Provisional);
    assert_eq!(answer.complete_by.unwrap().to_string(), "2026-11-24T02:00:00.000000Z");
    let set = rule_sets().by_code("LKM-2022").unwrap();
    assert_eq!(set.extended_complete_by(plain_facts("2026-11-21").asked_at).to_string(), "2026-11-26T02:00:00.000000Z");

    let with_letter = answer_to("2026-11-21", |facts| {
        homeless(facts);
        facts.told.papers = Some([Paper::DinsosLetter].into());
    });
    assert_eq!((with_letter.decision, with_letter.complete_by), (Decision::Eligible, None));
}

#[test]
fn a_private_hospital_without_referral_serves_the_emergency_only() {
    let private_without_referral = |facts: &mut Facts| (facts.referral, facts.facility.government) = (None, false);
    assert_eq!(fails(&answer_to("2018-12-10", private_without_referral)), [RuleCode::NoReferral]);
    let emergency = answer_to("2018-12-10", |facts| {
        private_without_referral(facts);
        facts.care_type = CareType::Emergency;
    });
    assert_eq!(emergency.decision, Decision::Eligible);
}

#[test]
fn class_three_and_no_other() {
    for (class, decision) in [
        (WardClass::I, Decision::NotEligible),
        (WardClass::II, Decision::NotEligible),
        (WardClass::III, Decision::Eligible),
        (WardClass::Vip, Decision::NotEligible),
    ] {
        for date in ["2017-08-10", "2018-12-10", "2019-03-10", "2020-02-10", "2026-11-21"] {
            let answer = answer_to(date, |facts| (facts.ward_class, facts.care_type) = (Some(class), CareType::Inpatient));
            assert_eq!(answer.decision, decision, "{class} on {date}");
        }
    }
}

#[test]
fn the_day_of_admission_decides_where_a_contract_ends_during_the_stay() {
    let (set, governing) = rule_sets().for_stay(day("2022-03-30"), Some(day("2022-04-03"))).unwrap();
    let stay = |date: NaiveDate| {
        let mut facts = plain_facts(&date.to_string());
        (facts.care_type, facts.facility.government) = (CareType::Inpatient, false);
        facts.facility.contracts = [range("2020-01-01", Some("2022-03-31"))].into();
        facts.told.placement_reason = Some(PlacementReason::GovernmentFull);
        facts
    };
    assert_eq!(decide(set, lists(), &stay(governing)).decision, Decision::Eligible);
    assert_eq!(fails(&answer(&stay(day("2022-04-01")))), [RuleCode::FacilityNotContracted, RuleCode::FacilityNotGovernment]);
}

#[test]
fn all_reasons_are_told_at_once() {
    let answer = answer_to("2026-11-21", |facts| {
        person(facts).jkn = [jkn(JknSegment::Ppu, JknState::Active, "2020-01-01", None)].into();
        person(facts).residency = resident("2026-11-01");
        (facts.ward_class, facts.referral, facts.facility.government) = (Some(WardClass::I), None, false);
        facts.identity.name = IdentityMatch::Differs;
    });
    assert_eq!(answer.decision, Decision::NotEligible);
    use RuleCode::*;
    assert_eq!(fails(&answer), [ResidencyTooShort, JknActive, NoReferral, ClassNotCovered, FacilityNotGovernment]);
    assert_eq!(
        answer.reasons().map(|rule| rule.code).collect::<Vec<_>>(),
        [IdentityDiffers, ResidencyTooShort, JknActive, NoReferral, ClassNotCovered, FacilityNotGovernment]
    );
}
