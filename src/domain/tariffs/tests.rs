//! Which price is the closest, by cases and by chance.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::facilities::FacilityKind;

fn item(number: u8, key: Key, amount: i64) -> Item {
    Item { id: Id::from_bytes([number; 16]), key, description: "Contoh".into(), amount: Rupiah(amount) }
}

fn key(ward: Option<WardClass>, class: Option<FacilityClass>, ownership: Option<Ownership>, region: Option<&str>) -> Key {
    Key {
        code: "A-4-14-I".parse().unwrap(),
        care_type: CareType::Inpatient,
        ward_class: ward,
        facility_class: class,
        ownership,
        region: region.map(str::to_owned),
    }
}

fn case() -> Fit {
    Fit {
        care_type: Some(CareType::Inpatient),
        ward_class: Some(WardClass::III),
        facility_class: Some(FacilityClass::B),
        ownership: Some(Ownership::Private),
        region: Some("3275".into()),
    }
}

#[test]
fn the_item_that_names_most_wins_and_ties_go_by_the_order_of_fields() {
    use FacilityClass::{A, B};
    use Ownership::{Government, Private};
    use WardClass::{I, III};
    let (any, ward, class) = (key(None, None, None, None), key(Some(III), None, None, None), key(None, Some(B), None, None));
    let (owner, region) = (key(None, None, Some(Private), None), key(None, None, None, Some("3275")));
    let owner_region = key(None, None, Some(Private), Some("3275"));
    let (ward_region, class_owner) = (key(Some(III), None, None, Some("3275")), key(None, Some(B), Some(Private), None));
    for (keys, expected) in [
        (vec![&any], Some(&any)),
        (vec![&any, &region], Some(&region)),
        (vec![&ward, &class, &owner, &region, &any], Some(&ward)),
        (vec![&class, &owner, &region], Some(&class)),
        (vec![&owner, &region], Some(&owner)),
        (vec![&ward, &owner_region], Some(&owner_region)),
        (vec![&ward_region, &class_owner], Some(&ward_region)),
        (vec![&key(Some(I), None, None, None)], None),
        (vec![&key(None, Some(A), None, None), &any], Some(&any)),
        (vec![&key(None, None, Some(Government), None)], None),
        (vec![&key(None, None, None, Some("3216"))], None),
        (vec![&Key { care_type: CareType::Outpatient, ..any.clone() }], None),
        (vec![], None),
    ] {
        let items: Vec<Item> = keys.into_iter().cloned().zip(1..).map(|(key, number)| item(number, key, 1)).collect();
        assert_eq!(closest(&items, &case()).map(|item| &item.key), expected, "{items:?}");
    }
}

#[test]
fn what_a_case_does_not_say_is_fitted_only_by_what_does_not_ask() {
    let items = [item(1, key(Some(WardClass::III), None, None, None), 1), item(2, key(None, None, None, None), 2)];
    let unsaid = Fit { ward_class: None, ..case() };
    assert_eq!(closest(&items, &unsaid).map(|item| item.amount), Some(Rupiah(2)));
    assert_eq!(closest(&items[..1], &unsaid), None);
    let no_care_type = Fit { care_type: None, ..case() };
    assert_eq!(closest(&items, &no_care_type).map(|item| item.amount), Some(Rupiah(1)));
    let both = [items[0].clone(), item(3, Key { care_type: CareType::Emergency, ..key(None, None, None, None) }, 3)];
    assert_eq!(care_types(&both, &no_care_type), [CareType::Inpatient, CareType::Emergency]);
    assert_eq!(care_types(&both, &case()), [CareType::Inpatient]);
}

#[test]
fn a_code_has_one_spelling() {
    for (text, code) in [
        ("a-4-14-i", Some("A-4-14-I")),
        ("RJ.01/2_B", Some("RJ.01/2_B")),
        ("1", Some("1")),
        ("", None),
        ("-1", None),
        ("A 1", None),
        ("A\u{a0}1", None),
        ("É1", None),
        ("=A1", None),
        (&"A".repeat(30), Some(&*"A".repeat(30))),
        (&"A".repeat(31), None),
    ] {
        assert_eq!(text.parse::<TariffCode>().ok().as_ref().map(TariffCode::as_str), code, "{text:?}");
    }
}

#[test]
fn a_part_of_a_rupiah_is_not_paid() {
    for (amount, percent, paid) in
        [(2_000_000, 100, 2_000_000), (2_000_000, 75, 1_500_000), (999, 75, 749), (1, 1, 0), (HIGHEST.0, 200, 2 * HIGHEST.0)]
    {
        assert_eq!(payable(Rupiah(amount), percent), Rupiah(paid));
    }
}

#[test]
fn the_last_published_schedule_holds_from_its_first_day_and_as_long_as_it_says() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let schedule = |id: u8, from: &str, to: Option<&str>, published_at: i32| Published {
        id: Id::from_bytes([id; 16]),
        range: DateRange { from: day(from), to: to.map(day) },
        published_at,
    };
    let all = [
        schedule(1, "2020-01-01", None, 10),
        schedule(2, "2026-01-01", Some("2026-06-30"), 30),
        schedule(3, "2026-03-01", None, 20),
        schedule(4, "2026-03-01", None, 20),
    ];
    for (date, expected) in [
        ("2019-12-31", None),
        ("2025-12-31", Some(1)),
        ("2026-01-01", Some(2)),
        ("2026-03-01", Some(2)),
        ("2026-06-30", Some(2)),
        ("2026-07-01", Some(4)),
    ] {
        assert_eq!(in_force(&all, day(date)).map(|schedule| schedule.id), expected.map(|id| Id::from_bytes([id; 16])), "{date}");
    }
}

#[test]
fn a_facility_tells_its_class_its_owner_and_where_it_lies() {
    let facility = |village: Option<&str>, inside_city, government| Facility {
        id: Id::from_bytes([1; 16]),
        version: 1,
        code: None,
        name: "RS Teratai".into(),
        kind: FacilityKind::Hospital,
        class: Some(FacilityClass::C),
        government,
        inside_city,
        village_code: village.map(str::to_owned),
        beds: None,
        address: None,
        contracts: Vec::new(),
    };
    for (facility, ownership, region) in [
        (facility(Some("3174011009"), false, true), Ownership::Government, Some("3174")),
        (facility(None, true, false), Ownership::Private, Some("3275")),
        (facility(None, false, false), Ownership::Private, None),
    ] {
        let fit = Fit::at(&facility, "3275", None, None);
        assert_eq!((fit.ownership, fit.region.as_deref(), fit.facility_class), (Some(ownership), region, Some(FacilityClass::C)));
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    let ward = prop::option::of(prop::sample::select(WardClass::ALL));
    let class = prop::option::of(prop::sample::select(FacilityClass::ALL));
    let ownership = prop::option::of(prop::sample::select(Ownership::ALL));
    let region = prop::option::of(prop::sample::select(&["3275", "3216"][..]));
    (prop::sample::select(CareType::ALL), ward, class, ownership, region)
        .prop_map(|(care_type, ward, class, ownership, region)| Key { care_type, ..key(ward, class, ownership, region) })
}

fn any_case() -> impl Strategy<Value = Fit> {
    (any_key(), any::<bool>()).prop_map(|(key, says_care_type)| {
        let Key { care_type, ward_class, facility_class, ownership, region, code: _ } = key;
        Fit { care_type: says_care_type.then_some(care_type), ward_class, facility_class, ownership, region }
    })
}

/// Items of one schedule: each key once, each item with an amount of its own.
fn any_items() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::btree_set(any_key(), 0..60)
        .prop_map(|keys| keys.into_iter().zip(1..).map(|(key, number): (Key, u8)| item(number, key, number.into())).collect())
}

proptest! {
    #[test]
    fn the_order_of_items_changes_nothing((items, shuffled) in any_items().prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())), case in any_case()) {
        prop_assert_eq!(closest(&items, &case), closest(&shuffled, &case));
        prop_assert_eq!(content_hash(&items), content_hash(&shuffled));
    }

    #[test]
    fn a_less_specific_item_never_changes_the_answer(items in any_items(), case in any_case(), drops in any::<[bool; 4]>()) {
        let Some(before) = closest(&items, &case).cloned() else { return Ok(()) };
        let [ward, class, owner, region] = drops;
        let mut wider = before.key.clone();
        if ward { wider.ward_class = None }
        if class { wider.facility_class = None }
        if owner { wider.ownership = None }
        if region { wider.region = None }
        let mut more: BTreeMap<Key, Item> = items.into_iter().map(|item| (item.key.clone(), item)).collect();
        more.entry(wider.clone()).or_insert_with(|| item(255, wider, 999));
        prop_assert_eq!(closest(more.values(), &case), Some(&before));
    }

    #[test]
    fn the_closest_fits_and_no_other_item_is_as_close(items in any_items(), case in any_case()) {
        match closest(&items, &case) {
            None => prop_assert!(items.iter().all(|item| !item.key.fits(&case))),
            Some(found) => {
                prop_assert!(found.key.fits(&case));
                let rivals = items.iter().filter(|item| item.key.fits(&case) && item.key.care_type == found.key.care_type && item.id != found.id);
                for rival in rivals {
                    prop_assert!(rival.key.closeness() < found.key.closeness());
                }
            }
        }
    }

    #[test]
    fn the_hash_tells_every_change(items in any_items(), more in 1_i64..1_000) {
        prop_assume!(!items.is_empty());
        let mut changed = items.clone();
        changed[0].amount = Rupiah(changed[0].amount.0 + more);
        prop_assert_ne!(content_hash(&items), content_hash(&changed));
    }
}
