//! What a made-up city must be: the same for a seed, unique in its numbers, and like a city.

use std::collections::HashSet;

use super::numbers::ORIGINS;
use super::*;
use crate::domain::facilities::{FacilityClass, FacilityKind};
use crate::domain::jkn::JknState;
use crate::domain::participants::{ParticipantState, Standing};
use crate::domain::registration::{RawRegistration, Relation};

const VILLAGES: &str = include_str!("../../../config/reference/villages.csv");
const REGIONS: &str = include_str!("../../../config/reference/regions.csv");

fn regions() -> Regions {
    let codes = VILLAGES.lines().chain(REGIONS.lines()).filter_map(|line| line.split(',').next());
    Regions::from_codes(codes, [])
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn city(seed: u64) -> City {
    City::new(seed, today(), "3275", &regions())
}

fn people(seed: u64, count: usize) -> Vec<Person> {
    city(seed).households(count).flat_map(|household| household.members).collect()
}

fn share<'a, T: 'a>(of: impl IntoIterator<Item = &'a T>, is: impl Fn(&T) -> bool) -> f64 {
    let (mut all, mut hits) = (0, 0);
    for one in of {
        all += 1;
        hits += u32::from(is(one));
    }
    f64::from(hits) / f64::from(all)
}

#[test]
fn numbers_are_unique_over_a_large_city_and_reserved() {
    let (mut niks, mut kks, mut cards, mut count) = (HashSet::new(), HashSet::new(), HashSet::new(), 0);
    for household in city(1).households(200_000) {
        assert!(kks.insert(household.kk_number), "KK numbers repeat");
        assert!(household.kk_number.digits()[12..] >= *"9000");
        for person in household.members {
            count += 1;
            assert!(niks.insert(person.registration.nik), "NIKs repeat");
            assert!((9_000..=9_999).contains(&person.registration.nik.serial()));
            if let Some(number) = person.card.and_then(|card| card.number) {
                assert!(cards.insert(number), "card numbers repeat");
            }
        }
    }
    assert_eq!(count, 200_000);
    assert!(cards.len() > 40_000);
}

#[test]
fn everyone_would_be_accepted_and_agrees_with_the_nik_but_where_intended() {
    let regions = regions();
    for person in people(2, 30_000) {
        let Registration { nik, kk_number, relation, name, birth_date, sex, village_code, rt, rw, address, phone, resident_since, mother_name } =
            &person.registration;
        let (birth_date, resident_since) = (birth_date.to_string(), resident_since.to_string());
        let raw = RawRegistration {
            nik: Some(nik.digits()),
            kk_number: Some(kk_number.digits()),
            relation: Some(relation.as_str()),
            name: Some(name),
            birth_date: Some(&birth_date),
            sex: Some(sex.as_str()),
            village_code: Some(village_code.as_str()),
            rt: Some(rt),
            rw: Some(rw),
            address: Some(address),
            phone: phone.as_deref(),
            resident_since: Some(&resident_since),
            mother_name: mother_name.as_deref(),
        };
        assert_eq!(Registration::from_raw(&raw, today(), &regions).as_ref(), Ok(&person.registration));
        assert_eq!(nik.agrees_with(person.registration.birth_date), !person.birth_date_corrected);
        assert_eq!(nik.sex_hint(), Some(person.registration.sex));
    }
}

#[test]
fn the_seed_decides_everything() {
    assert_eq!(people(7, 3_000), people(7, 3_000));
    let (mut small, mut large) = (people(7, 3_000), people(7, 9_000));
    assert_eq!((small.len(), large.len()), (3_000, 9_000));
    large.truncate(3_000);
    assert_eq!(small, large, "a larger city begins with the smaller one");
    let named = heroes(today()).iter().map(|hero| hero.household.members.len()).sum::<usize>();
    assert_eq!(small[..named], people(8, 3_000)[..named], "the named persons are the same everywhere");
    assert_ne!(small.split_off(named), people(8, 3_000).split_off(named));
}

#[test]
fn households_are_like_a_citys() {
    let households: Vec<Household> = city(3).households(40_000).collect();
    let mean = 40_000.0 / households.len() as f64;
    assert!((3.5..3.9).contains(&mean), "{mean}");
    for household in &households {
        assert!(household.members.len() <= 12);
        assert_eq!(household.members.iter().filter(|member| member.registration.relation == Relation::Head).count(), 1);
        assert_eq!(household.members[0].registration.relation, Relation::Head);
        for member in &household.members {
            assert_eq!(member.registration.kk_number, household.kk_number);
            assert_eq!(member.registration.village_code, household.members[0].registration.village_code);
        }
    }
    let villages: HashSet<VillageCode> = households.iter().map(|household| household.members[0].registration.village_code).collect();
    assert_eq!(villages.len(), VILLAGES.lines().count() - 1, "every village is lived in");
}

#[test]
fn people_are_like_a_citys() {
    use crate::domain::participants::Sex;
    let people = people(4, 40_000);
    let age = |person: &Person| (today() - person.registration.birth_date).num_days() / 365;
    let active = |person: &Person| person.jkn.iter().any(|period| period.state == JknState::Active && period.holds_on(today()));
    let state = |person: &Person| Standing::on(today(), false, &person.events).state();
    let recent = today() - chrono::Duration::days(180);
    for (what, found, from, to) in [
        ("women", share(&people, |person| person.registration.sex == Sex::F), 0.47, 0.53),
        ("children under 15", share(&people, |person| age(person) < 15), 0.20, 0.32),
        ("over 60", share(&people, |person| age(person) >= 60), 0.05, 0.13),
        ("no JKN", share(&people, |person| person.jkn.is_empty()), 0.42, 0.49),
        ("active JKN", share(&people, active), 0.40, 0.54),
        ("NIK of the city", share(&people, |person| person.registration.nik.region().starts_with("3275")), 0.55, 0.80),
        ("recent residents", share(&people, |person| person.registration.resident_since > recent), 0.05, 0.11),
        ("cards", share(&people, |person| person.card.is_some()), 0.25, 0.5),
        ("deceased", share(&people, |person| state(person) == ParticipantState::Deceased), 0.003, 0.015),
        ("moved out", share(&people, |person| state(person) == ParticipantState::MovedOut), 0.008, 0.02),
        ("suspended", share(&people, |person| state(person) == ParticipantState::Suspended), 0.0005, 0.006),
        ("NIK inactive", share(&people, |person| state(person) == ParticipantState::NikInactive), 0.001, 0.008),
        ("corrected birth dates", share(&people, |person| person.birth_date_corrected), 0.003, 0.008),
    ] {
        assert!((from..to).contains(&found), "{what}: {found}");
    }
}

#[test]
fn histories_are_in_order_and_within_life() {
    for person in people(5, 30_000) {
        let born = person.registration.birth_date;
        assert!(born <= person.registration.resident_since && person.registration.resident_since <= today());
        assert!(person.jkn.iter().all(|period| born <= period.valid_from && period.valid_to.is_none_or(|to| period.valid_from <= to)));
        assert!(person.jkn.windows(2).all(|pair| pair[0].valid_to.is_some_and(|to| to < pair[1].valid_from)), "periods overlap");
        assert!(person.events.iter().all(|event| person.registration.resident_since <= event.date && event.date <= today()));
        assert!(person.resident_until.is_none_or(|until| person.registration.resident_since <= until));
        if let Some(Card { number, standing }) = person.card {
            assert_eq!(number.is_some(), standing.issued_on.is_some());
            assert!(standing.issued_on.is_none_or(|issued| person.registration.resident_since <= issued));
            assert!(standing.ended_on.is_none_or(|ended| standing.issued_on.is_some_and(|issued| issued < ended)));
        }
    }
}

#[test]
fn the_named_persons_are_what_they_are_said_to_be() {
    let heroes = heroes(today());
    assert!(heroes.len() >= 12);
    let siti = &heroes[0].person().registration;
    assert_eq!((siti.nik.digits(), siti.kk_number.digits(), siti.name.as_str()), ("3275014501909001", "3275012001159007", "Siti Aminah"));
    let (mut niks, mut kks) = (HashSet::new(), HashSet::new());
    let regions = regions();
    for hero in &heroes {
        assert!(kks.insert(hero.household.kk_number));
        for person in &hero.household.members {
            assert!(niks.insert(person.registration.nik));
            assert!(person.registration.nik.serial() < 9_100, "left free for them");
            let warnings: Vec<&str> = person.registration.warnings(&regions).iter().map(|oddity| oddity.as_str()).collect();
            let expected: &[&str] = if person.birth_date_corrected { &["NIK_BIRTH_DATE_DIFFERS"] } else { &[] };
            assert_eq!(warnings, expected, "{}", hero.situation);
            assert!(regions.contains(person.registration.village_code.as_str()));
        }
    }
}

#[test]
fn origins_are_districts_but_for_the_last() {
    let regions = regions();
    let (last, known) = ORIGINS.split_last().unwrap();
    assert!(known.iter().flat_map(|(_, codes)| *codes).all(|code| regions.contains(code)));
    assert!(!last.1.iter().any(|code| regions.contains(code)));
}

#[test]
fn facilities_show_every_sort() {
    let plans = facilities("3275", &regions());
    let count = |kind| plans.iter().filter(|plan| plan.kind == kind).count();
    assert_eq!((count(FacilityKind::Puskesmas), count(FacilityKind::Clinic), count(FacilityKind::Hospital)), (12, 10, 14));
    for class in FacilityClass::ALL {
        assert!(plans.iter().any(|plan| plan.class == Some(*class)));
    }
    assert!(plans.iter().all(|plan| plan.inside_city == plan.village_code.is_some()));
    assert!(plans.iter().any(|plan| plan.contracts.is_empty()));
    assert!(plans.iter().all(|plan| plan.contracts.windows(2).all(|pair| !pair[0].overlaps(&pair[1]))));
    let after = NaiveDate::from_ymd_opt(2022, 4, 1).unwrap();
    let contracted = |plan: &&FacilityPlan| plan.contracts.iter().any(|contract| contract.contains(after));
    assert!(plans.iter().filter(|plan| plan.kind == FacilityKind::Hospital).filter(contracted).all(|plan| plan.government));
    let codes: HashSet<&str> = plans.iter().map(|plan| plan.code.as_str()).collect();
    assert_eq!(codes.len(), plans.len());
}
