//! The named persons: a dozen fixed people, one for each answer that a check can give. Their NIKs are the same in every city.

use chrono::{Datelike, Duration, NaiveDate};

use super::histories::day;
use super::{Card, Household, Person};
use crate::domain::cards::CardState;
use crate::domain::eligibility::Decision;
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::participants::{Sex, StatusEvent, StatusEventKind};
use crate::domain::registration::{Registration, Relation};

/// A named person and what a check of today tells: at a contracted government hospital, class III, with a referral.
#[derive(Debug, Clone)]
pub struct Hero {
    pub situation: &'static str,
    pub decision: Decision,
    /// The code on which the answer turns, or the warning that comes with it.
    pub reason: Option<&'static str>,
    /// The person is its first member.
    pub household: Household,
}

impl Hero {
    pub fn person(&self) -> &Person {
        &self.household.members[0]
    }
}

/// Whom a line of the list describes.
struct Basics {
    nik: &'static str,
    kk_number: &'static str,
    name: &'static str,
    birth_date: (i32, u32, u32),
    sex: Sex,
    village_code: &'static str,
    here_since: NaiveDate,
}

pub fn heroes(today: NaiveDate) -> Vec<Hero> {
    let ago = |days: i64| today - Duration::days(days);
    let long_ago = day(2015, 3, 1);
    let one = |nik, kk_number, name, birth_date, sex, village_code| {
        person(&Basics { nik, kk_number, name, birth_date, sex, village_code, here_since: long_ago })
    };
    let mut heroes = members_of_jkn(today, &one);

    let siti = one("3275014501909001", "3275012001159007", "Siti Aminah", (1990, 1, 5), Sex::F, "3275011001");
    heroes.insert(0, hero("lives here since 2015, no JKN", Decision::Eligible, None, Person { card: Some(delivered("KS-0000001-0")), ..siti }));

    let newcomer = Basics {
        nik: "3328011206939004",
        kk_number: "3275041011269004",
        name: "Rahmat Hidayat",
        birth_date: (1993, 6, 12),
        sex: Sex::M,
        village_code: "3275041001",
        here_since: ago(40),
    };
    heroes.push(hero("moved here 40 days ago", Decision::NotEligible, Some("RESIDENCY_TOO_SHORT"), person(&newcomer)));

    let from_jakarta = one("3175062311889005", "3275050106159005", "Joko Pamungkas", (1988, 11, 23), Sex::M, "3275051002");
    heroes.push(hero("a NIK of Jakarta, lives here since 2015", Decision::Eligible, None, from_jakarta));

    let corrected = one("3275045004829006", "3275041203159006", "Nur Azizah", (1982, 4, 1), Sex::F, "3275041003");
    let corrected = Person { birth_date_corrected: true, ..corrected };
    heroes.push(hero("birth date corrected in the registry, not in the NIK", Decision::Eligible, Some("NIK_BIRTH_DATE_DIFFERS"), corrected));

    let lost = one("3275053009759007", "3275050204159008", "Asep Permana", (1975, 9, 30), Sex::M, "3275051001");
    let blocked = EnrollmentStanding { card_state: CardState::Blocked, ended_on: Some(day(2019, 5, 6)), ..delivered("").standing };
    let lost = Person { card: Some(Card { number: Some("KS-0000007-0".to_owned()), standing: blocked }), ..lost };
    heroes.push(hero("card blocked: refused by card number, served by NIK", Decision::Eligible, Some("NOT_ENROLLED"), lost));

    let events: [(&str, &str, Person, StatusEventKind, i64); 4] = [
        (
            "died 120 days ago",
            "DECEASED",
            one("3275065402519008", "3275061105159009", "Endang Rahayu", (1951, 2, 14), Sex::F, "3275061001"),
            StatusEventKind::Deceased,
            120,
        ),
        (
            "moved away 60 days ago",
            "MOVED_OUT",
            one("3275076412919009", "3275071806159010", "Maria Wenas", (1991, 12, 24), Sex::F, "3275071003"),
            StatusEventKind::MovedOut,
            60,
        ),
        (
            "NIK made inactive by the civil registry",
            "NIK_INACTIVE",
            one("3275090105609011", "3275090707159011", "Slamet Utomo", (1960, 5, 1), Sex::M, "3275091002"),
            StatusEventKind::NikInactive,
            400,
        ),
        (
            "suspended 20 days ago, under review",
            "SUSPENDED",
            one("3275111901899013", "3275112308159013", "Dede Supriatna", (1989, 1, 19), Sex::M, "3275111001"),
            StatusEventKind::Suspended,
            20,
        ),
    ];
    for (situation, reason, someone, kind, days) in events {
        let resident_until = (kind == StatusEventKind::MovedOut).then(|| ago(days + 1));
        let events = vec![StatusEvent { date: ago(days), kind, revoked: false }];
        heroes.push(hero(situation, Decision::NotEligible, Some(reason), Person { resident_until, events, ..someone }));
    }
    heroes.push(twins(&one));
    heroes
}

/// Four whose answer turns on JKN.
fn members_of_jkn(today: NaiveDate, one: &Maker<'_>) -> Vec<Hero> {
    let this_year = day(today.year(), 2, 1);
    let switched_off = if this_year <= today { this_year } else { day(today.year() - 1, 2, 1) };
    let unpaid = today - Duration::days(150);
    let before = |date: NaiveDate| date.pred_opt();
    let period = |segment, state, valid_from, valid_to| JknPeriod { valid_from, valid_to, segment, state };

    let employee = one("3275020503859002", "3275021003169002", "Budi Prayitno", (1985, 3, 5), Sex::M, "3275021001");
    let employee = Person { jkn: vec![period(JknSegment::Ppu, JknState::Active, day(2016, 2, 1), None)], ..employee };

    let poor = one("3275035708799003", "3275030409159003", "Wulan Kusumawati", (1979, 8, 17), Sex::F, "3275031001");
    let jkn = vec![
        period(JknSegment::PbiApbn, JknState::Active, day(2016, 1, 1), before(switched_off)),
        period(JknSegment::PbiApbn, JknState::Inactive, switched_off, None),
    ];
    let poor = Person { jkn, ..poor };

    let behind = one("1271050707839010", "3275080510159012", "Tigor Siregar", (1983, 7, 7), Sex::M, "3275081001");
    let jkn =
        vec![period(JknSegment::Pbpu, JknState::Active, day(2018, 6, 1), before(unpaid)), period(JknSegment::Pbpu, JknState::Arrears, unpaid, None)];
    let behind = Person { jkn, ..behind };

    let paying = one("3275106810969012", "3275101411159014", "Lilis Komalasari", (1996, 10, 28), Sex::F, "3275101001");
    let jkn = vec![period(JknSegment::Pbpu, JknState::Active, day(2018, 3, 1), None)];
    let paying = Person { jkn, card: Some(delivered("KS-0000012-0")), ..paying };
    vec![
        hero("JKN active through the employer", Decision::NotEligible, Some("JKN_ACTIVE"), employee),
        hero("struck off the state's JKN list on the first of February", Decision::Eligible, None, poor),
        hero("JKN in arrears, which is not active", Decision::Eligible, None, behind),
        hero("pays for JKN: refused now, allowed in March 2019", Decision::NotEligible, Some("JKN_ACTIVE"), paying),
    ]
}

/// A family card and a birth date fit two children: only a name tells them apart.
fn twins(one: &Maker<'_>) -> Hero {
    let kk_number = "3275120906169015";
    let child = |nik, name| {
        let child = one(nik, kk_number, name, (2016, 5, 9), Sex::M, "3275121001");
        let registration =
            Registration { relation: Relation::Child, phone: None, mother_name: Some("Halimah Nurjanah".to_owned()), ..child.registration };
        Person { registration, ..child }
    };
    let mother = one("3275124303929016", kk_number, "Halimah Nurjanah", (1992, 3, 3), Sex::F, "3275121001");
    let mut hero = hero("mother of twins, who are told apart by name in a check by family card", Decision::Eligible, None, mother);
    hero.household.members.extend([child("3275120905169014", "Yahya Maulana"), child("3275120905169015", "Yusuf Maulana")]);
    hero
}

type Maker<'m> = dyn Fn(&'static str, &'static str, &'static str, (i32, u32, u32), Sex, &'static str) -> Person + 'm;

fn hero(situation: &'static str, decision: Decision, reason: Option<&'static str>, person: Person) -> Hero {
    Hero { situation, decision, reason, household: Household { kk_number: person.registration.kk_number, members: vec![person] } }
}

fn person(basics: &Basics) -> Person {
    let (year, month, date) = basics.birth_date;
    let birth_date = day(year, month, date);
    let registration = Registration {
        nik: Nik::parse(basics.nik).expect("the list above has sixteen digits each, and a test reads it"),
        kk_number: KkNumber::parse(basics.kk_number).expect("the list above has sixteen digits each, and a test reads it"),
        relation: Relation::Head,
        name: basics.name.to_owned(),
        birth_date,
        sex: basics.sex,
        village_code: basics.village_code.parse().expect("the list above has ten digits each, and a test reads it"),
        rt: "003".to_owned(),
        rw: "012".to_owned(),
        address: "Jl. Mawar 5".to_owned(),
        // The last two digits of the NIK: each has an own number.
        phone: Some(format!("0812000000{}", &basics.nik[14..])),
        resident_since: basics.here_since.max(birth_date),
        mother_name: None,
    };
    Person { registration, resident_until: None, birth_date_corrected: false, jkn: Vec::new(), events: Vec::new(), card: None }
}

fn delivered(number: &str) -> Card {
    let standing =
        EnrollmentStanding { state: EnrollmentState::Active, card_state: CardState::Delivered, issued_on: Some(day(2018, 3, 1)), ended_on: None };
    Card { number: Some(number.to_owned()), standing }
}
