//! What counts as a difference, case by case, and what must hold whatever the two sides say.

use proptest::prelude::*;

use super::*;
use crate::domain::jkn::JknPeriod;
use crate::domain::participants::ParticipantState;

const CITY: &str = "3275";
const HERE: &str = "3275011001";
const NEAR: &str = "3275011002";
const AWAY: &str = "3173011001";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn record(change: impl FnOnce(&mut CivilRecord)) -> CivilRecord {
    let mut record = CivilRecord {
        nik: "3275015502909001".into(),
        kk_number: "3275012001159101".into(),
        name: "Siti Aminah".into(),
        birth_date: day("1990-02-15"),
        sex: Sex::F,
        village_code: HERE.parse().unwrap(),
        status: None,
        status_date: None,
        resident_since: None,
        jkn_segment: None,
        jkn_state: None,
        row_key: None,
    };
    change(&mut record);
    record
}

fn registered(state: ParticipantState) -> Registered<'static> {
    Registered {
        state,
        name: Some("Siti Aminah"),
        birth_date: Some(day("1990-02-15")),
        sex: Some(Sex::F),
        kk_number: Some("3275012001159101"),
        village_code: HERE.parse().unwrap(),
        jkn: None,
    }
}

fn told(known: &Registered<'_>, said: &[CivilRecord]) -> String {
    let told: Vec<String> = compare(known, said, CITY)
        .iter()
        .map(|found| format!("{}:{}", found.category, found.fields.iter().map(|pair| pair.field.as_str()).collect::<Vec<_>>().join("+")))
        .collect();
    told.join(" ")
}

#[test]
fn each_difference_has_its_category() {
    use CivilStatus as C;
    use ParticipantState as P;
    let one = |change: fn(&mut CivilRecord)| vec![record(change)];
    for (state, said, expected) in [
        (P::Active, one(|_| {}), ""),
        (P::Active, one(|r| r.name = "SITI  AMINAH, S.Pd.".into()), ""),
        (P::Active, one(|r| r.row_key = Some("9".into())), ""),
        (P::Active, vec![], "not_found:status"),
        (P::Suspended, vec![], ""),
        (P::MovedOut, vec![], ""),
        (P::Deceased, vec![], ""),
        (P::Active, one(|r| r.status = Some(C::NikInactive)), "not_found:status"),
        (P::NikInactive, one(|r| r.status = Some(C::NikInactive)), ""),
        (P::Active, one(|r| r.status = Some(C::MovedOut)), "moved:status"),
        (P::Active, one(|r| r.village_code = AWAY.parse().unwrap()), "moved:status+village_code"),
        (P::Active, one(|r| r.village_code = NEAR.parse().unwrap()), "moved:village_code"),
        (P::MovedOut, one(|_| {}), "moved:status"),
        (P::MovedOut, one(|r| (r.village_code, r.kk_number) = (AWAY.parse().unwrap(), "3173011001159101".into())), ""),
        (P::Active, one(|r| r.status = Some(C::Deceased)), "deceased:status"),
        (P::Deceased, one(|r| r.status = Some(C::Deceased)), ""),
        (P::Deceased, one(|_| {}), "deceased:status"),
        (P::Deceased, one(|r| r.status = Some(C::MovedOut)), ""),
        (P::Active, one(|r| r.name = "Siti Aminatun".into()), "different:name"),
        (P::Active, one(|r| (r.birth_date, r.sex) = (day("1991-02-15"), Sex::M)), "different:birth_date+sex"),
        (P::Active, one(|r| r.kk_number = "3275012001159102".into()), "different:kk_number"),
        (P::Active, one(|r| (r.jkn_segment, r.jkn_state) = (Some(JknSegment::Ppu), Some(JknState::Active))), "jkn_changed:jkn_segment+jkn_state"),
        (P::Active, one(|r| (r.jkn_segment, r.jkn_state) = (Some(JknSegment::Ppu), Some(JknState::Inactive))), ""),
        (P::Active, vec![record(|_| {}), record(|r| r.name = "Orang Lain".into())], "duplicate:name+birth_date+name+birth_date"),
        (P::Active, vec![record(|r| r.kk_number = "3275012001159102".into()), record(|_| {})], ""),
        (P::Temporary, one(|r| r.name = "Orang Lain".into()), ""),
        (P::Merged, one(|r| r.status = Some(C::Deceased)), ""),
    ] {
        assert_eq!(told(&registered(state), &said), expected, "{state} {expected}");
    }
}

#[test]
fn what_nobody_knows_is_not_compared() {
    let known = Registered { name: None, birth_date: None, sex: None, ..registered(ParticipantState::Active) };
    assert_eq!(told(&known, &[record(|r| (r.name, r.birth_date, r.sex) = ("Orang Lain".into(), day("1950-01-01"), Sex::M))]), "");
    let open = JknPeriod { valid_from: day("2020-01-01"), valid_to: None, segment: JknSegment::Ppu, state: JknState::Active };
    let member = Registered { jkn: Some(open), ..registered(ParticipantState::Active) };
    assert_eq!(told(&member, &[record(|_| {})]), "", "a file without a word about JKN says nothing about it");
}

fn civil() -> impl Strategy<Value = CivilRecord> {
    let names = proptest::sample::select(vec!["Siti Aminah", "Budi", "AMINAH, Siti", "Siti Aminatun"]);
    let villages = proptest::sample::select(vec![HERE, NEAR, AWAY]);
    let status = proptest::option::of(proptest::sample::select(CivilStatus::ALL));
    let jkn = proptest::option::of((proptest::sample::select(JknSegment::ALL), proptest::sample::select(JknState::ALL)));
    (names, 0u8..2, any::<bool>(), villages, status, jkn, 0u8..2).prop_map(|(name, year, is_male, village, status, jkn, card)| {
        record(|record| {
            record.name = name.to_owned();
            record.birth_date = day(["1990-02-15", "1991-02-15"][usize::from(year)]);
            record.sex = if is_male { Sex::M } else { Sex::F };
            record.village_code = village.parse().unwrap();
            record.status = status;
            (record.jkn_segment, record.jkn_state) = jkn.unzip();
            record.kk_number = format!("327501200115910{card}");
        })
    })
}

proptest! {
    #[test]
    fn a_comparison_is_the_same_each_time_and_tells_only_what_differs(
        said in proptest::collection::vec(civil(), 0..3),
        state in proptest::sample::select(ParticipantState::ALL),
    ) {
        let known = registered(state);
        let found = compare(&known, &said, CITY);
        prop_assert!(found == compare(&known, &said, CITY));
        let mut categories: Vec<FindingCategory> = found.iter().map(|one| one.category).collect();
        categories.sort_unstable();
        categories.dedup();
        prop_assert_eq!(categories.len(), found.len(), "one finding a category");
        for one in &found {
            prop_assert!(!one.fields.is_empty());
            if one.category != FindingCategory::Duplicate {
                prop_assert!(one.fields.iter().all(|pair| pair.registry != pair.file), "a field that agrees is told");
            }
            if matches!(one.category, FindingCategory::Deceased | FindingCategory::Duplicate) {
                prop_assert_eq!(found.len(), 1, "beside it nothing is worth a decision");
            }
        }
        if said.is_empty() {
            prop_assert_eq!(found.is_empty(), state != ParticipantState::Active);
        }
        // Being told twice by the same file changes nothing.
        let doubled: Vec<CivilRecord> = said.iter().chain(&said).cloned().collect();
        let again = compare(&known, &doubled, CITY);
        if !found.iter().any(|one| one.category == FindingCategory::Duplicate) {
            prop_assert!(again == found);
        }
    }

    #[test]
    fn a_registry_made_from_the_file_agrees_with_it(said in civil().prop_filter("living here", |record| {
        matches!(record.status, None | Some(CivilStatus::Active)) && record.village_code.is_in(CITY)
    })) {
        let jkn = said.jkn_segment.zip(said.jkn_state);
        let known = Registered {
            name: Some(&said.name),
            birth_date: Some(said.birth_date),
            sex: Some(said.sex),
            kk_number: Some(&said.kk_number),
            village_code: said.village_code,
            jkn: jkn.map(|(segment, state)| JknPeriod { valid_from: day("2020-01-01"), valid_to: None, segment, state }),
            state: ParticipantState::Active,
        };
        prop_assert!(compare(&known, std::slice::from_ref(&said), CITY).is_empty());
    }
}
