//! A clean claim that no edit finds anything about, for the tests of the edits to spoil; and what holds for every case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use proptest::prelude::*;

use super::edits::ALL;
use super::*;
use crate::domain::claim_lists::ClaimLists;
use crate::domain::claims::{Attached, Bill, Diagnosis, DiagnosisKind, Line, Procedure};
use crate::domain::codes::CodeList;
use crate::domain::documents::DocumentKind;
use crate::domain::eligibility::tests::rule_sets;
use crate::domain::eligibility::{CareType, Decision, Outcome, RuleCode, WardClass};
use crate::domain::facilities::{Contract, Facility, FacilityClass, FacilityKind};
use crate::domain::icd9cm::Icd9Code;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::{DischargeStatus, LetterState};
use crate::domain::participants::Sex;
use crate::domain::rule_sets::RuleSet;
use crate::domain::texts::{Language, Texts};

pub struct Lists {
    pub claim_lists: ClaimLists,
    pub diagnoses: CodeList<Icd10Code>,
    pub procedures: CodeList<Icd9Code>,
}

/// The lists that the binary carries, read once.
pub fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let read = |name: &str| std::fs::read_to_string(format!("{}/config/reference/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let files = ClaimLists::FILES.iter().map(|name| (*name, read(name))).collect();
        Lists {
            claim_lists: ClaimLists::load(&files).unwrap(),
            diagnoses: CodeList::load(("icd10.csv", &read("icd10.csv"))).unwrap(),
            procedures: CodeList::load(("icd9cm_procedures.csv", &read("icd9cm_procedures.csv"))).unwrap(),
        }
    })
}

/// The texts of both languages, read once.
pub fn texts() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let files = (include_str!("../../../config/texts/id.toml"), include_str!("../../../config/texts/en.toml"));
        Texts::load(("id.toml", files.0), ("en.toml", files.1)).unwrap()
    })
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn dx(text: &str) -> Icd10Code {
    text.parse().unwrap()
}

pub fn px(text: &str) -> Icd9Code {
    text.parse().unwrap()
}

pub fn id(number: u8) -> Id {
    Id::from_bytes([number; 16])
}

pub fn line(line: i32, tariff_code: &str, date: &str, claimed: i64) -> Line {
    Line { line, tariff_code: tariff_code.to_owned(), date: day(date), quantity: 1, claimed_amount: Rupiah(claimed), hospital_cost: None }
}

/// The same claim as one that was paid before.
pub fn as_past(fixture: &Fixture) -> PastClaim {
    let bill = &fixture.bill;
    let lines = bill.lines.iter().map(|line| PastLine {
        tariff_code: line.tariff_code.clone(),
        date: line.date,
        quantity: line.quantity,
        claimed: line.claimed_amount,
        approved: line.claimed_amount,
        paid: line.claimed_amount,
    });
    PastClaim {
        facility_id: fixture.facility.id,
        care_type: bill.care_type,
        admitted_on: bill.admitted_on,
        discharged_on: bill.discharged_on,
        discharge_status: bill.discharge_status,
        principal: bill.principal().cloned(),
        procedures: bill.procedures.iter().map(|procedure| (procedure.code.clone(), procedure.date)).collect(),
        claimed: bill.total_claimed,
        approved: bill.total_claimed,
        lines: lines.collect(),
        ..Fixture::past(1)
    }
}

/// Owns what a case borrows.
pub struct Fixture {
    pub received_on: NaiveDate,
    pub bill: Bill,
    pub facility: Facility,
    pub rules: RuleSet,
    pub person: PersonFacts,
    pub coverage: CoverageFacts,
    pub letter: Option<LetterFacts>,
    pub check: CheckFacts,
    pub prices: BTreeMap<String, Priced>,
    pub documents: Vec<Attached>,
    pub history: Vec<PastClaim>,
    pub rejected: Vec<PastClaim>,
    pub used: Used,
    pub statistics: Option<FacilityStatistics>,
    pub sampled: bool,
    pub denied_by_participant: bool,
    pub account_changed_on: Option<NaiveDate>,
    pub submitted_by_registrar: bool,
}

impl Fixture {
    /// A woman of 36, three nights in the municipal hospital for pneumonia, under a letter, billed in time with all papers.
    pub fn clean() -> Self {
        let documents = [DocumentKind::Bill, DocumentKind::MedicalResume, DocumentKind::Letter, DocumentKind::Identity, DocumentKind::Referral];
        let bill = Bill {
            facility_claim_number: "RSX-2026-118".to_owned(),
            care_type: CareType::Inpatient,
            admitted_on: day("2026-11-01"),
            discharged_on: Some(day("2026-11-04")),
            discharge_status: Some(DischargeStatus::Home),
            ward_class: Some(WardClass::III),
            ward_class_used: Some(WardClass::III),
            ward_class_reason: None,
            medical_record_number: Some("MR-0042".to_owned()),
            practitioner_license: Some("SIP-0001".to_owned()),
            birth_weight_grams: None,
            diagnoses: vec![Diagnosis { code: dx("J18.9"), kind: DiagnosisKind::Principal }],
            procedures: vec![Procedure { code: px("87.44"), date: day("2026-11-02") }],
            lines: vec![line(1, "J-4-16-I", "2026-11-01", 4_000_000)],
            total_claimed: Rupiah(4_000_000),
            document_ids: (1..=5).map(id).collect(),
            note: None,
        };
        let facility = Facility {
            id: id(200),
            version: 1,
            code: None,
            name: "RSUD Teladan".to_owned(),
            kind: FacilityKind::Hospital,
            class: Some(FacilityClass::B),
            government: true,
            inside_city: true,
            village_code: None,
            beds: Some(200),
            address: None,
            contracts: vec![Contract {
                id: id(201),
                facility_id: id(200),
                valid_from: day("2020-01-01"),
                valid_to: None,
                contract_number: None,
                terminated_on: None,
                termination_reason: None,
                termination_document: None,
            }],
        };
        let outcomes = RuleCode::ALL.iter().map(|code| (*code, Outcome::Pass)).collect();
        Self {
            received_on: day("2026-12-05"),
            facility,
            rules: rule_sets().by_code("LKM-2022").unwrap().clone(),
            person: PersonFacts {
                sex: Sex::F,
                birth_date: Some(day("1990-02-15")),
                registered_on: day("2020-03-01"),
                temporary: false,
                deceased_on: None,
                nik_differs: false,
                superseded: false,
                likely_duplicate: false,
                card_blocked: false,
                covered_through_mother: false,
            },
            coverage: CoverageFacts { decision: Decision::Eligible, outcomes, jkn_days: BTreeSet::new(), referral: None },
            letter: Some(LetterFacts {
                state: LetterState::Used,
                of_facility: true,
                of_person: true,
                billed_elsewhere: false,
                care_type: CareType::Inpatient,
                diagnosis: dx("J18.9"),
                ward_class: None,
                valid_from: day("2026-11-01"),
                valid_until: day("2026-11-14"),
                issued_on: day("2026-11-01"),
                admitted_on: Some(day("2026-11-01")),
                discharged_on: Some(day("2026-11-04")),
                authorised: AuthorisationFacts::default(),
            }),
            check: CheckFacts {
                service_date: day("2026-11-01"),
                checked_on: day("2026-11-01"),
                care_type: CareType::Inpatient,
                decision: Decision::Eligible,
                of_person: true,
                of_facility: true,
                offline_conflict: false,
            },
            prices: BTreeMap::from([("J-4-16-I".to_owned(), Priced { amount: Rupiah(4_000_000), payment_percent: 100 })]),
            documents: (1..=5).zip(documents).map(|(at, kind)| Attached { id: id(at), kind, used_for_another: false }).collect(),
            history: Vec::new(),
            rejected: Vec::new(),
            used: Used { budget_available: Rupiah(1_000_000_000), ..Used::default() },
            statistics: None,
            sampled: false,
            denied_by_participant: false,
            account_changed_on: None,
            submitted_by_registrar: false,
            bill,
        }
    }

    /// The same person's outpatient visit on 2026-11-20, on a check without a letter.
    pub fn outpatient() -> Self {
        let mut fixture = Self::clean();
        let date = "2026-11-20";
        fixture.bill.care_type = CareType::Outpatient;
        (fixture.bill.admitted_on, fixture.bill.discharged_on, fixture.bill.discharge_status) = (day(date), None, None);
        (fixture.bill.ward_class, fixture.bill.ward_class_used) = (None, None);
        fixture.bill.procedures.clear();
        fixture.bill.lines = vec![line(1, "Q-5-44-0", date, 200_000)];
        fixture.bill.total_claimed = Rupiah(200_000);
        fixture.prices = BTreeMap::from([("Q-5-44-0".to_owned(), Priced { amount: Rupiah(200_000), payment_percent: 100 })]);
        fixture.letter = None;
        fixture.check = CheckFacts { service_date: day(date), checked_on: day(date), care_type: CareType::Outpatient, ..fixture.check };
        fixture
    }

    /// A rule of the checks, run again for this claim, says so.
    pub fn saying(mut self, rule: RuleCode, outcome: Outcome) -> Self {
        self.coverage.outcomes.insert(rule, outcome);
        self
    }

    /// An earlier, paid claim of the same person at another hospital: two nights for gastroenteritis in September.
    pub fn past(number: u8) -> PastClaim {
        PastClaim {
            id: id(100 + number),
            facility_id: id(210),
            state: crate::domain::claims::ClaimState::Paid,
            care_type: CareType::Inpatient,
            admitted_on: day("2026-09-10"),
            discharged_on: Some(day("2026-09-12")),
            discharge_status: Some(DischargeStatus::Home),
            principal: Some(dx("A09.9")),
            procedures: Vec::new(),
            claimed: Rupiah(2_400_000),
            approved: Rupiah(2_400_000),
            lines: vec![PastLine {
                tariff_code: "K-4-17-I".to_owned(),
                date: day("2026-09-10"),
                quantity: 1,
                claimed: Rupiah(2_400_000),
                approved: Rupiah(2_400_000),
                paid: Rupiah(2_400_000),
            }],
            replaced: false,
            earlier: true,
        }
    }

    /// These lines, and their sum as the total.
    pub fn asks(&mut self, lines: Vec<Line>) {
        self.bill.total_claimed = Rupiah::sum(lines.iter().map(|line| line.claimed_amount)).unwrap();
        self.bill.lines = lines;
    }

    /// Another amount for its only line.
    pub fn asks_amount(&mut self, amount: i64) {
        self.asks(vec![Line { claimed_amount: Rupiah(amount), ..self.bill.lines[0].clone() }]);
    }

    /// One line more.
    pub fn asks_also(&mut self, line: Line) {
        let lines = self.bill.lines.iter().cloned().chain([line]).collect();
        self.asks(lines);
    }

    pub fn judged_by(&self, edits: &[&'static Edit], shadow: &dyn Fn(&str) -> bool) -> Adjudication {
        let lists = lists();
        let case = Case {
            received_on: self.received_on,
            bill: &self.bill,
            facility: &self.facility,
            rules: &self.rules,
            lists: &lists.claim_lists,
            diagnosis_codes: &lists.diagnoses,
            procedure_codes: &lists.procedures,
            person: self.person.clone(),
            coverage: self.coverage.clone(),
            letter: self.letter.clone(),
            check: self.check.clone(),
            prices: self.prices.clone(),
            documents: self.documents.clone(),
            history: self.history.clone(),
            rejected: self.rejected.clone(),
            used: self.used,
            statistics: self.statistics,
            sampled: self.sampled,
            denied_by_participant: self.denied_by_participant,
            account_changed_on: self.account_changed_on,
            submitted_by_registrar: self.submitted_by_registrar,
        };
        adjudicate(&case, edits, shadow).expect("sums that fit")
    }

    pub fn judged(&self) -> Adjudication {
        self.judged_by(ALL, &|_| false)
    }

    /// What this edit found: the line, if it was about one, and what it leads to.
    pub fn found(&self, code: &str) -> Vec<(Option<i32>, EditOutcome)> {
        let hits: Vec<Hit> = self.judged().hits.into_iter().filter(|hit| hit.edit == code).collect();
        for hit in &hits {
            let values = [("value", &hit.value), ("limit", &hit.limit)];
            let filling: Vec<_> = values.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
            let told = texts().get(Language::Id, &format!("edits.{code}.message"), &filling).unwrap();
            assert!(!told.contains('{'), "{code} says no {told}");
        }
        hits.into_iter().map(|hit| (hit.line, hit.outcome)).collect()
    }

    /// How much this edit cut from each line.
    pub fn cut(&self, code: &str) -> Vec<(i32, i64)> {
        self.judged().adjustments.into_iter().filter(|cut| cut.edit == code).map(|cut| (cut.line, cut.amount.0)).collect()
    }
}

#[test]
fn about_a_clean_claim_nothing_is_found() {
    for fixture in [Fixture::clean(), Fixture::outpatient()] {
        let judged = fixture.judged();
        assert_eq!(judged.hits, []);
        assert_eq!((judged.verdict, judged.payable), (Verdict::Pay, fixture.bill.total_claimed));
        assert!(judged.adjustments.is_empty() && judged.lines.iter().all(|line| line.state == LineState::Approved));
    }
}

#[test]
fn edits_have_codes_of_their_own_and_statistics_refuse_nothing() {
    let mut codes: Vec<&str> = ALL.iter().map(|edit| edit.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), ALL.len());
    for edit in ALL {
        assert!(
            edit.code.len() > 4 && edit.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
            "{}",
            edit.code
        );
        assert!(!edit.statistical || edit.outcome != EditOutcome::Reject, "{} compares with others and rejects", edit.code);
        assert!(edit.version > 0 && edit.to.is_none_or(|to| to >= edit.from), "{}", edit.code);
    }
}

#[test]
fn an_edit_in_the_shadow_tells_and_does_nothing() {
    let mut fixture = Fixture::clean();
    fixture.prices.get_mut("J-4-16-I").unwrap().amount = Rupiah(3_000_000);
    let live = fixture.judged();
    let shadowed = fixture.judged_by(ALL, &|code| code == "PRC_ABOVE_TARIFF");
    assert_eq!((live.payable, shadowed.payable), (Rupiah(3_000_000), Rupiah(4_000_000)));
    let tell = |judged: &Adjudication| judged.hits.iter().find(|hit| hit.edit == "PRC_ABOVE_TARIFF").map(|hit| hit.shadow);
    assert_eq!((tell(&live), tell(&shadowed)), (Some(false), Some(true)));
}

prop_compose! {
    fn any_line()(number in 1..40_i32, code in 0..4_usize, date in 0..5_i64, quantity in 1..4_i32, claimed in 0..9_000_000_i64) -> Line {
        let code = ["J-4-16-I", "K-4-17-I", "Q-5-44-0", "UNKNOWN"][code];
        let date = day("2026-11-01") + chrono::Duration::days(date);
        Line { line: number, tariff_code: code.to_owned(), date, quantity, claimed_amount: Rupiah(claimed), hospital_cost: None }
    }
}

fn claim_of(mut lines: Vec<Line>, (used, ceiling): (i64, Option<i64>)) -> Fixture {
    lines.sort_by_key(|line| line.line);
    lines.dedup_by_key(|line| line.line);
    let mut fixture = Fixture::clean();
    for (code, amount) in [("K-4-17-I", 2_600_000), ("Q-5-44-0", 190_000)] {
        fixture.prices.insert(code.to_owned(), Priced { amount: Rupiah(amount), payment_percent: 75 });
    }
    fixture.bill.total_claimed = Rupiah::sum(lines.iter().map(|line| line.claimed_amount)).unwrap();
    fixture.bill.lines = lines;
    fixture.used.by_person_in_year = Rupiah(used);
    fixture.rules.claims.annual_ceiling = ceiling.map(Rupiah);
    fixture
}

proptest! {
    #[test]
    fn what_is_asked_less_the_adjustments_is_what_is_paid(
        lines in prop::collection::vec(any_line(), 1..12), used in 0..9_000_000_i64, ceiling in prop::option::of(1..20_000_000_i64)
    ) {
        let fixture = claim_of(lines, (used, ceiling));
        let judged = fixture.judged();
        let cut = Rupiah::sum(judged.adjustments.iter().map(|cut| cut.amount)).unwrap();
        prop_assert_eq!(fixture.bill.claimed().unwrap().minus(cut).unwrap(), judged.payable);
        for (asked, line) in fixture.bill.lines.iter().zip(&judged.lines) {
            let cut = Rupiah::sum(judged.adjustments.iter().filter(|cut| cut.line == asked.line).map(|cut| cut.amount)).unwrap();
            prop_assert_eq!(asked.claimed_amount.minus(cut).unwrap(), line.payable);
            prop_assert!(line.payable >= Rupiah::ZERO && line.payable <= asked.claimed_amount);
        }
        if let Some(ceiling) = ceiling {
            prop_assert!(judged.payable.0 <= (ceiling - used).max(0), "{} of {ceiling} after {used}", judged.payable);
        }
    }

    #[test]
    fn the_order_of_lines_changes_no_total(
        lines in prop::collection::vec(any_line(), 1..10), used in 0..9_000_000_i64, ceiling in prop::option::of(1..20_000_000_i64), turn in 0..10_usize
    ) {
        let fixture = claim_of(lines, (used, ceiling));
        let mut turned = claim_of(fixture.bill.lines.clone(), (used, ceiling));
        let length = turned.bill.lines.len();
        turned.bill.lines.rotate_left(turn % length);
        turned.bill.lines.reverse();
        let (one, other) = (fixture.judged(), turned.judged());
        prop_assert_eq!((one.payable, one.verdict), (other.payable, other.verdict));
        let by_line = |judged: &Adjudication| judged.lines.iter().map(|line| (line.line, line.payable)).collect::<BTreeMap<_, _>>();
        prop_assert_eq!(by_line(&one), by_line(&other));
    }

    /// Lines are judged one by one: what is wrong with one takes nothing from the others.
    #[test]
    fn a_bad_line_takes_no_other_with_it(lines in prop::collection::vec(any_line(), 1..10), amount in 1..5_000_000_i64) {
        let fixture = claim_of(lines, (0, None));
        let before = fixture.judged();
        let mut with_bad = claim_of(fixture.bill.lines.clone(), (0, None));
        with_bad.bill.lines.push(Line { line: 99, quantity: 0, ..line(99, "J-4-16-I", "2026-11-02", amount) });
        with_bad.bill.total_claimed = with_bad.bill.claimed().unwrap();
        let after = with_bad.judged();
        for line in &before.lines {
            let same = after.lines.iter().find(|other| other.line == line.line).unwrap();
            prop_assert_eq!(line.payable, same.payable);
        }
    }
}
