//! Whatever the facts are: the same facts decide the same, their order is nothing, and no bad news ever turns a refusal into a yes.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::icd10::Icd10Code;
use crate::domain::nik::NikOddity;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;

fn service_date() -> impl Strategy<Value = NaiveDate> {
    (0i64..3_700).prop_map(|days| day("2017-01-16") + chrono::Duration::days(days))
}

/// A date around the date of service, where things begin and end.
fn near(date: NaiveDate) -> impl Strategy<Value = NaiveDate> + Clone {
    (-400i64..30).prop_map(move |days| date + chrono::Duration::days(days))
}

fn maybe<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

fn some_of<T: std::fmt::Debug + Ord>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = BTreeSet<T>> {
    proptest::collection::vec(strategy, 0..3).prop_map(|items| items.into_iter().collect())
}

fn periods(date: NaiveDate) -> impl Strategy<Value = DateRange> {
    (near(date), maybe(0i64..800)).prop_map(|(from, length)| DateRange { from, to: length.map(|days| from + chrono::Duration::days(days)) })
}

fn enrollments(date: NaiveDate) -> impl Strategy<Value = EnrollmentStanding> {
    (select(EnrollmentState::ALL), select(CardState::ALL), maybe(near(date)), maybe(near(date)))
        .prop_map(|(state, card_state, issued_on, ended_on)| EnrollmentStanding { state, card_state, issued_on, ended_on })
}

fn people(date: NaiveDate) -> impl Strategy<Value = PersonFacts> {
    let events = (near(date), select(StatusEventKind::ALL), any::<bool>()).prop_map(|(date, kind, revoked)| StatusEvent { date, kind, revoked });
    let jkn = (periods(date), select(JknSegment::ALL), select(JknState::ALL)).prop_map(|(range, segment, state)| JknPeriod {
        valid_from: range.from,
        valid_to: range.to,
        segment,
        state,
    });
    let homes = (periods(date), select(&["3275011001", "3275021002", "3171011001"][..])).prop_map(|(range, village)| ResidencyPeriod {
        from: range.from,
        until: range.to,
        village_code: village.parse().unwrap(),
    });
    // Half of the people live here for long and nothing has happened to them, so that yes is as frequent as no.
    let residency = prop_oneof![Just(resident("2010-01-01")), some_of(homes)];
    let events = prop_oneof![Just(BTreeSet::new()), some_of(events)];
    let jkn = prop_oneof![Just(BTreeSet::new()), some_of(jkn)];
    (prop::bool::weighted(0.1), maybe(0u16..100), events, residency, jkn, some_of(enrollments(date)), newborns(date)).prop_map(
        |(temporary, age_years, events, residency, jkn, enrollments, newborn)| PersonFacts {
            temporary,
            age_years,
            events,
            residency,
            jkn,
            enrollments,
            newborn,
        },
    )
}

/// Some are the children of mothers, of any age between the day before birth and half a year.
fn newborns(date: NaiveDate) -> impl Strategy<Value = Option<NewbornFacts>> {
    let events = prop_oneof![
        Just(BTreeSet::new()),
        some_of((near(date), select(StatusEventKind::ALL)).prop_map(|(date, kind)| StatusEvent { date, kind, revoked: false }))
    ];
    let newborn = (-1i64..200, any::<bool>(), events).prop_map(move |(days, registered, events)| NewbornFacts {
        born: date - chrono::Duration::days(days),
        registered,
        mother: MotherFacts { events, residency: resident("2010-01-01"), jkn: BTreeSet::new() },
    });
    prop::option::weighted(0.1, newborn)
}

fn facilities(date: NaiveDate) -> impl Strategy<Value = FacilityFacts> {
    let contracts = prop_oneof![Just([range("2017-01-01", None)].into()), some_of(periods(date))];
    (select(FacilityKind::ALL), maybe(select(FacilityClass::ALL)), any::<bool>(), any::<bool>(), contracts)
        .prop_map(|(kind, class, government, inside_city, contracts)| FacilityFacts { kind, class, government, inside_city, contracts })
}

fn diagnoses() -> impl Strategy<Value = Icd10Code> {
    select(&["I21.9", "A09", "J02.9", "V23.4", "X34", "Y00", "S72.0", "Z34.0"][..]).prop_map(|code| code.parse().unwrap())
}

fn referrals(date: NaiveDate) -> impl Strategy<Value = ReferralFacts> {
    let fit = prop_oneof![Just(ReferralFit::Fits), select(ReferralFit::ALL)];
    (select(ReferralSource::ALL), fit, maybe(near(date)), maybe(near(date)), maybe(diagnoses())).prop_map(
        |(source, fit, issued_on, valid_until, diagnosis)| ReferralFacts { source, fit, from_facility_code: None, issued_on, valid_until, diagnosis },
    )
}

fn told() -> impl Strategy<Value = ToldFacts> {
    let papers = proptest::collection::btree_set(select(Paper::ALL), 0..6);
    let income = (3_000_000i64..4_000_000).prop_map(Rupiah);
    (maybe(income), maybe(select(SpecialGroup::ALL)), maybe(select(PlacementReason::ALL)), maybe(select(InjuryCause::ALL)), maybe(papers)).prop_map(
        |(monthly_income, special_group, placement_reason, injury_cause, papers)| ToldFacts {
            monthly_income,
            special_group,
            placement_reason,
            injury_cause,
            papers,
        },
    )
}

fn source(asked_at: UtcTime) -> impl Strategy<Value = SourceStanding> {
    (maybe(0i64..60), prop::bool::weighted(0.2))
        .prop_map(move |(days, away)| SourceStanding { as_of: days.map(|days| asked_at.minus(chrono::Duration::days(days))), away })
}

fn population(asked_at: UtcTime) -> impl Strategy<Value = PopulationFacts> {
    (source(asked_at), maybe(select(Verdict::ALL)), some_of(select(Compared::ALL))).prop_map(|(source, verdict, differing)| PopulationFacts {
        source,
        verdict,
        differing,
    })
}

pub(in crate::domain) fn facts() -> impl Strategy<Value = Facts> {
    service_date().prop_flat_map(|date| {
        let asked_at: UtcTime = format!("{date}T02:00:00Z").parse().unwrap();
        let question = (select(CareType::ALL), maybe(select(WardClass::ALL)), maybe(diagnoses()), select(IdentifiedBy::ALL), any::<bool>());
        let identity = (select(IdentityMatch::ALL), select(IdentityMatch::ALL)).prop_map(|(name, birth_date)| IdentityFacts { name, birth_date });
        let known = (prop::option::weighted(0.9, people(date)), maybe(enrollments(date)), some_of(select(NikOddity::ALL)), identity);
        let around = (facilities(date), maybe(referrals(date)), told(), source(asked_at), maybe(population(asked_at)), maybe(source(asked_at)));
        (question, known, around).prop_map(
            move |(
                (care_type, ward_class, diagnosis, identified_by, retrospective),
                (person, card, nik_oddities, identity),
                (facility, referral, told, registry, population, jkn),
            )| Facts {
                v: FACTS_VERSION,
                asked_at,
                utc_offset_seconds: 7 * 3600,
                service_date: date,
                retrospective,
                care_type,
                ward_class,
                diagnosis,
                identified_by,
                nik_oddities,
                card,
                person,
                identity,
                facility,
                referral,
                told,
                registry,
                population,
                jkn,
                granted_on_review: false,
            },
        )
    })
}

/// News that speaks against the patient.
const BAD_NEWS: &[fn(&mut Facts)] = &[
    // While the registry is away, not to be in its snapshot is no news at all.
    |f| f.person = f.person.take().filter(|_| f.registry.away),
    |f| f.card = f.card.filter(|_| f.registry.away),
    |f| {
        let event = StatusEvent { date: f.service_date - chrono::Duration::days(1), kind: StatusEventKind::Deceased, revoked: false };
        if let Some(person) = &mut f.person {
            person.events.insert(event);
        }
    },
    |f| {
        let events = [StatusEventKind::MovedOut, StatusEventKind::Suspended, StatusEventKind::NikInactive, StatusEventKind::Merged];
        if let Some(person) = &mut f.person {
            person.events.extend(events.map(|kind| StatusEvent { date: f.service_date, kind, revoked: false }));
        }
    },
    |f| {
        let period = JknPeriod { valid_from: f.service_date, valid_to: None, segment: JknSegment::PbiApbn, state: JknState::Active };
        if let Some(person) = &mut f.person {
            person.jkn.insert(period);
        }
    },
    // Of a patient without identity, no residence is not bad news but none.
    |f| {
        if let Some(person) = f.person.as_mut().filter(|person| !person.temporary) {
            person.residency.clear();
        }
    },
    |f| f.identity.name = IdentityMatch::Differs,
    |f| f.identity.birth_date = IdentityMatch::Differs,
    |f| f.ward_class = Some(WardClass::Vip),
    |f| f.facility.contracts = BTreeSet::new(),
    |f| f.facility.government = false,
    |f| f.told.injury_cause = Some(InjuryCause::Traffic),
    |f| f.told.placement_reason = None,
    |f| f.told.monthly_income = Some(Rupiah(i64::MAX)),
    // The diagnosis is still known when the referral that told it is gone.
    |f| {
        let told = f.referral.take().and_then(|referral| referral.diagnosis);
        f.diagnosis = f.diagnosis.take().or(told);
    },
    |f| f.nik_oddities.extend(NikOddity::ALL),
];

/// The more a decision grants, the higher it stands.
fn grants(decision: Decision) -> u8 {
    match decision {
        Decision::NotEligible => 0,
        Decision::Undetermined => 1,
        Decision::Provisional => 2,
        Decision::Eligible => 3,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_replay_is_identical(facts in facts()) {
        let first = answer(&facts);
        let kept = serde_json::to_string(&facts).unwrap();
        let read: Facts = serde_json::from_str(&kept).unwrap();
        prop_assert_eq!(&read, &facts);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), kept);
        let set = rule_sets().for_date(facts.service_date).unwrap();
        let kept_rules = crate::domain::rule_sets::RuleSet::from_canonical(set.canonical()).unwrap();
        let kept_lists = Lists::from_canonical(lists().canonical()).unwrap();
        let again = decide(&kept_rules, &kept_lists, &read);
        prop_assert_eq!(again.digest().unwrap(), first.digest().unwrap());
        prop_assert_eq!(again, first);
    }

    #[test]
    fn every_rule_speaks_once_and_says_what_it_can(facts in facts()) {
        let answer = answer(&facts);
        prop_assert!(answer.rules.iter().map(|rule| rule.code).eq(RuleCode::ALL.iter().copied()));
        for rule in &answer.rules {
            prop_assert!(rule.code.outcomes().contains(&rule.outcome), "{:?}", rule);
        }
    }

    #[test]
    fn a_yes_holds_no_fail_and_nothing_unknown(facts in facts()) {
        let answer = answer(&facts);
        let open = !codes_with(&answer, Outcome::Unknown).is_empty();
        let failed = !codes_with(&answer, Outcome::Fail).is_empty();
        match answer.decision {
            Decision::Eligible => prop_assert!(!open && !failed),
            Decision::NotEligible => prop_assert!(failed),
            Decision::Undetermined => prop_assert!(open),
            Decision::Provisional => prop_assert!(open || failed),
        }
        prop_assert_eq!(answer.complete_by.is_some(), answer.decision == Decision::Provisional);
    }

    #[test]
    fn bad_news_never_helps(facts in facts(), news in select(BAD_NEWS)) {
        let before = answer(&facts).decision;
        let mut worse = facts;
        news(&mut worse);
        let after = answer(&worse);
        prop_assert!(grants(after.decision) <= grants(before), "{} became {}: {:?}", before, after.decision, after.reasons().collect::<Vec<_>>());
    }

    #[test]
    fn a_granted_review_says_yes_and_says_why(mut facts in facts()) {
        facts.granted_on_review = true;
        let answer = answer(&facts);
        prop_assert_eq!(answer.decision, Decision::Eligible);
        prop_assert!(codes_with(&answer, Outcome::Fail).is_empty() && codes_with(&answer, Outcome::Unknown).is_empty());
        prop_assert_eq!(answer.rule(RuleCode::ReviewGranted).unwrap().outcome, Outcome::Warn);
    }

    #[test]
    fn order_is_nothing(facts in facts(), seed in any::<u64>()) {
        let mut json: serde_json::Value = serde_json::to_value(&facts).unwrap();
        shuffle(&mut json, &mut { seed });
        prop_assert_eq!(answer(&serde_json::from_value(json).unwrap()), answer(&facts));
    }
}

/// Turns every array of a document round by its own number of places.
fn shuffle(value: &mut serde_json::Value, seed: &mut u64) {
    match value {
        serde_json::Value::Array(items) => {
            *seed = seed.rotate_left(7).wrapping_add(1);
            items.reverse();
            let by = usize::try_from(*seed % 7).unwrap() % items.len().max(1);
            items.rotate_left(by);
            items.iter_mut().for_each(|item| shuffle(item, seed));
        }
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| shuffle(field, seed)),
        _ => {}
    }
}

#[test]
fn kept_facts_are_read_with_fields_of_later_versions() {
    let facts = plain_facts("2026-11-21");
    let mut kept = serde_json::to_value(&facts).unwrap();
    kept["a_later_field"] = serde_json::json!([1]);
    assert_eq!(serde_json::from_value::<Facts>(kept).unwrap(), facts);
}
