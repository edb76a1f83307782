//! The lists that come with the program, and what is wrong with others.

use super::*;
use crate::domain::eligibility::Exclusion;
use crate::domain::participants::Sex;

fn files() -> BTreeMap<&'static str, String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/reference");
    ClaimLists::FILES.iter().map(|name| (*name, std::fs::read_to_string(folder.join(name)).unwrap())).collect()
}

fn lists() -> ClaimLists {
    ClaimLists::load(&files()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The lists of the city with other lines in one of them.
fn with(name: &'static str, lines: &str) -> Result<ClaimLists, Vec<FileFault>> {
    let mut files = files();
    let head = files[name].lines().next().unwrap().to_owned();
    files.insert(name, format!("{head}\n{lines}\n"));
    ClaimLists::load(&files)
}

fn today() -> NaiveDate {
    day("2026-11-01")
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dx(text: &str) -> Icd10Code {
    text.parse().unwrap()
}

fn px(text: &str) -> Icd9Code {
    text.parse().unwrap()
}

#[test]
fn limits_of_people_and_of_numbers() {
    let lists = lists();
    let allows = |code: &str, sex: Sex, age: u8| {
        let limits: Vec<_> = lists.diagnosis_limits(&dx(code), today()).map(|line| line.people).collect();
        (limits.iter().all(|limit| limit.allows_sex(sex)), limits.iter().all(|limit| limit.allows_age(age)))
    };
    for (code, sex, age, expected) in [
        ("O80.0", Sex::F, 27, (true, true)),
        ("O80.0", Sex::M, 27, (false, true)),
        ("O80.0", Sex::F, 10, (true, true)),
        ("O80.0", Sex::F, 9, (true, false)),
        ("O80.0", Sex::F, 60, (true, true)),
        ("O80.0", Sex::F, 61, (true, false)),
        ("C61", Sex::F, 70, (false, true)),
        ("C53.9", Sex::M, 70, (false, true)),
        ("P07.1", Sex::M, 0, (true, true)),
        ("P07.1", Sex::M, 1, (true, false)),
        ("A09.9", Sex::M, 0, (true, true)),
    ] {
        assert_eq!(allows(code, sex, age), expected, "{code} {sex} {age}");
    }
    let principal = |code: &str| !lists.diagnosis_limits(&dx(code), today()).any(|line| line.not_principal);
    assert_eq!([principal("V23.4"), principal("Z95.1"), principal("J18.9")], [false, false, true]);
    let caesarean: Vec<_> = lists.procedure_limits(&px("74.1"), today()).collect();
    assert!(caesarean.iter().all(|line| !line.people.allows_sex(Sex::M) || line.people.sex.is_none()));
    assert_eq!(caesarean.iter().find_map(|line| line.max_per_stay), Some(1));
    assert!(lists.procedure_limits(&px("47.01"), today()).any(|line| line.once_in_lifetime));
    assert!(lists.procedure_limits(&px("39.95"), today()).any(|line| line.day_case));
}

#[test]
fn procedures_beside_each_other_and_what_supports_them() {
    let lists = lists();
    let beside = |paid: &str, other: &str| lists.excluded_beside(&px(paid), &px(other), today()).is_some();
    assert_eq!([beside("45.23", "45.24"), beside("45.24", "45.23"), beside("47.01", "45.23")], [true, false, false]);
    for (diagnoses, procedure, supported) in [
        (&["N18.5"][..], "39.95", true),
        (&["J18.9"], "39.95", false),
        (&["J18.9", "N18.5"], "39.95", true),
        (&[], "39.95", false),
        (&["J18.9"], "88.72", true),
    ] {
        let diagnoses: Vec<_> = diagnoses.iter().map(|code| dx(code)).collect();
        assert_eq!(lists.supports(&diagnoses, &px(procedure), today()), supported, "{diagnoses:?} {procedure}");
    }
    assert_eq!([lists.needs_authorisation(&px("81.54"), today()), lists.needs_authorisation(&px("47.01"), today())], [true, false]);
}

#[test]
fn who_else_pays_and_what_nobody_pays() {
    let lists = lists();
    assert_eq!(lists.third_party(&dx("V23.4"), today()), Some(ThirdParty::Traffic));
    assert_eq!(lists.third_party(&dx("Y96"), today()), Some(ThirdParty::Work));
    assert_eq!(lists.third_party(&dx("J18.9"), today()), None);
    assert_eq!(lists.excluded_diagnosis(&dx("Z41.3"), today()).map(|line| line.effect), Some(Exclusion::Excluded));
    assert_eq!(lists.excluded_diagnosis(&dx("J18.9"), today()), None);
    let both = with("claim_excluded_diagnoses.csv", "a,diagnosis,T74,with_papers,violence,,,x\nb,diagnosis,T74.1,excluded,,,,x").unwrap();
    let effect = |code: &str| both.excluded_diagnosis(&dx(code), today()).map(|line| line.effect);
    assert_eq!([effect("T74.0"), effect("T74.1")], [Some(Exclusion::WithPapers), Some(Exclusion::Excluded)]);
}

#[test]
fn documents_stays_and_facilities() {
    let lists = lists();
    let mandatory = |care_type, tariffs: &[&str], procedures: &[&str]| {
        let procedures: Vec<_> = procedures.iter().map(|code| px(code)).collect();
        let wanted = lists.documents(care_type, tariffs, &procedures, today());
        wanted.into_iter().filter(|(_, mandatory)| *mandatory).map(|(kind, _)| kind.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(mandatory(CareType::Inpatient, &["A-4-10-I"], &[]), ["bill", "medical_resume", "identity"]);
    assert_eq!(mandatory(CareType::Inpatient, &["O-6-10-I"], &["81.54"]), ["bill", "medical_resume", "identity", "other"]);
    assert_eq!(mandatory(CareType::Outpatient, &[], &[]), ["bill", "medical_resume", "referral"]);
    assert_eq!(mandatory(CareType::Emergency, &[], &[]), ["bill", "er_note"]);
    assert_eq!(lists.documents(CareType::Inpatient, &["o-6-10-i"], &[], today()).get(&DocumentKind::Other), Some(&false));
    let days = |code: &str| lists.length_of_stay(&dx(code), today()).map(|stay| (stay.low, stay.high));
    // The closest line: the category, its block, the chapters.
    assert_eq!([days("A41.9"), days("A09.0"), days("B50.0"), days("Z00.0")], [Some((3, 28)), Some((1, 7)), Some((1, 21)), None]);
    let may = |kind, class, care: CareType, procedure: &str| {
        let line = lists.capability(kind, class, today()).unwrap();
        (line.care_types.contains(&care), line.allows(&px(procedure)))
    };
    assert_eq!(may(FacilityKind::Puskesmas, None, CareType::Outpatient, "35.1"), (false, false));
    assert_eq!(may(FacilityKind::Hospital, Some(FacilityClass::A), CareType::Inpatient, "50.59"), (true, true));
    assert_eq!(may(FacilityKind::Hospital, Some(FacilityClass::D), CareType::Inpatient, "37.83"), (true, false));
    assert_eq!(may(FacilityKind::Hospital, None, CareType::Inpatient, "37.83"), (true, true));
    assert_eq!([lists.supports_emergency(&dx("I21.9"), today()), lists.supports_emergency(&dx("L70.0"), today())], [true, false]);
}

#[test]
fn packages_hold_what_is_inside_them() {
    let lists = lists();
    let package = |code: &str| lists.package(code, today()).unwrap();
    let surgery = package("B-1-13-I");
    assert_eq!([surgery.holds("LAB-001"), surgery.holds("A-4-10-I"), surgery.holds("B-1-13-I"), surgery.holds("LA")], [true, true, false, false]);
    assert_eq!([surgery.percent_for(0), surgery.percent_for(1), surgery.percent_for(2), surgery.percent_for(9)], [100, 50, 25, 25]);
    assert_eq!((package("A-4-10-I").percent_for(3), package("A-4-10-I").per_diem, package("ROOM-III").per_diem), (100, false, true));
    assert_eq!(["B-1-13-I", "A-4-10-I", "Q-5-44-0", "ROOM-III"].map(|code| package(code).whole_case), [true, true, true, false]);
    assert_eq!(lists.package("X", today()), None);
    let closer = with("package_rules.csv", "a,?-4-,LAB-,,,,,,x\nb,A-4-1,RAD-,,,,,,x\nc,A-,DRUG-,,,,,,x").unwrap();
    let includes = |code: &str| closer.package(code, today()).map(|rule| ["LAB-", "RAD-", "DRUG-"].map(|other| rule.holds(other)));
    assert_eq!(includes("A-4-10-I"), Some([false, true, false]));
    assert_eq!(includes("A-4-20-I"), Some([true, false, false]));
    assert_eq!(includes("A-5-20-I"), Some([false, false, true]));
}

#[test]
fn lines_hold_on_their_dates() {
    let lists = with("preauthorised_procedures.csv", "a,47.0,,2025-12-31,x\na,51.2,2026-01-01,,x\na,47.0,2027-01-01,,x").unwrap();
    for (code, date, needed) in [
        ("47.01", "2025-12-31", true),
        ("47.01", "2026-01-01", false),
        ("47.01", "2027-01-01", true),
        ("51.23", "2025-12-31", false),
        ("51.23", "2026-01-01", true),
    ] {
        assert_eq!(lists.needs_authorisation(&px(code), day(date)), needed, "{code} on {date}");
    }
}

#[test]
fn the_canonical_form_reads_back_and_forgets_line_ends() {
    let lists = lists();
    assert_eq!(ClaimLists::from_canonical(lists.canonical()).unwrap().hash(), lists.hash());
    let mut windows = files();
    windows.values_mut().for_each(|text| *text = text.replace('\n', "\r\n"));
    assert_eq!(ClaimLists::load(&windows).unwrap().hash(), lists.hash());
    assert_ne!(with("preauthorised_procedures.csv", "a,47.0,,,x").unwrap().hash(), lists.hash());
    assert!(ClaimLists::from_canonical("[]").is_err());
}

#[test]
fn faults_name_file_line_and_column() {
    for (name, line, expected) in [
        ("diagnosis_limits.csv", "a,O9A,F,,,hard,,,,x", "line 2, column diagnosis"),
        ("diagnosis_limits.csv", "a,O00,X,,,hard,,,,x", "line 2, column sex"),
        ("diagnosis_limits.csv", "a,O00,,300,,hard,,,,x", "line 2, column min_age"),
        ("diagnosis_limits.csv", "a,O00,,9,8,hard,,,,x", "line 2, column max_age: is below"),
        ("diagnosis_limits.csv", "a,O00,,,,firm,,,,x", "line 2, column strength"),
        ("diagnosis_limits.csv", "a,O00,,,,hard,yes,,,x", "line 2, column not_principal"),
        ("diagnosis_limits.csv", "a,O00,,,,hard,,,,", "line 2, column source: is empty"),
        ("diagnosis_limits.csv", ",O00,,,,hard,,,,x", "line 2, column item: is empty"),
        ("diagnosis_limits.csv", "a,O00,,,,hard,,2026-02-30,,x", "line 2, column valid_from"),
        ("diagnosis_limits.csv", "a,O00,,,,hard,,,,x\nb,O00,,,,hard,,,,y", "line 3, column item: the same"),
        ("procedure_limits.csv", "a,4x,,,,hard,,,,,,,x", "line 2, column procedure"),
        ("procedure_limits.csv", "a,47,,,,hard,-1,,,,,,x", "line 2, column max_per_day"),
        ("procedure_pairs.csv", "a,47,,,,,x", "line 2, column excludes: is empty"),
        ("procedure_needs_diagnosis.csv", "a,47,,,,x", "line 2, column diagnoses: is empty"),
        ("procedure_needs_diagnosis.csv", "a,47,K35 Kx,,,x", "line 2, column diagnoses: \"Kx\""),
        ("claim_excluded_diagnoses.csv", "a,weather,T74,excluded,,,,x", "line 2, column field"),
        ("claim_excluded_diagnoses.csv", "a,diagnosis,T74,excluded,violence,,,x", "line 2, column group"),
        ("third_party_diagnoses.csv", "a,V01,ship,,,x", "line 2, column payer"),
        ("documents_by_service.csv", "a,outpatient,lab-,,bill,true,,,x", "line 2, column tariff_code"),
        ("documents_by_service.csv", "a,outpatient,,,photo,true,,,x", "line 2, column document"),
        ("documents_by_service.csv", "a,outpatient,,,bill,,,,x", "line 2, column mandatory: is empty"),
        ("length_of_stay.csv", "a,A00,5,4,,,x", "line 2, column high: is below low"),
        ("facility_capabilities.csv", "a,clinic,A,primary,,,,x", "line 2, column class"),
        ("facility_capabilities.csv", "a,clinic,,,,,,x", "line 2, column care_types: is empty"),
        ("package_rules.csv", "a,X-,,,,101,,,x", "line 2, column procedure_percents"),
        ("package_rules.csv", "a,X-,,true,true,,,,x", "line 2, column whole_case"),
    ] {
        let faults = with(name, line).unwrap_err();
        assert!(faults[0].to_string().starts_with(&format!("{name}: {expected}")), "{name} {line}: {faults:?}");
        assert_eq!(faults.len(), 1, "{name} {line}: {faults:?}");
    }
    let mut lacking = files();
    lacking.remove("length_of_stay.csv");
    assert_eq!(ClaimLists::load(&lacking).unwrap_err()[0].to_string(), "length_of_stay.csv: file: is missing");
    // One line with two faults, and another file with a third: all are told.
    let mut files = files();
    files.insert("third_party_diagnoses.csv", "item,diagnosis,payer,valid_from,valid_to,source\n,x,traffic,,,\n".to_owned());
    files.insert("emergency_diagnoses.csv", "item,diagnoses\n".to_owned());
    assert_eq!(ClaimLists::load(&files).unwrap_err().len(), 3 + 5);
}
