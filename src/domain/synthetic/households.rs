//! The iterator over households: one at a time, each from its own stream of chance.

use chrono::{Duration, NaiveDate};

use super::chance::Chance;
use super::families::{Member, family};
use super::histories::{day, departure, enrollment, events, membership, of_member};
use super::numbers::{Numbers, ORIGINS};
use super::words::address;
use super::{Card, City, Household, Person};
use crate::domain::enrollments::EnrollmentStanding;
use crate::domain::jkn::JknPeriod;
use crate::domain::kk::KkNumber;
use crate::domain::participants::StatusEventKind;
use crate::domain::registration::Registration;
use crate::domain::residency::VillageCode;

pub struct Households<'c> {
    city: &'c City,
    numbers: Numbers,
    named: std::vec::IntoIter<Household>,
    index: u64,
    left: usize,
}

/// What a family has in common.
struct Home {
    index: u64,
    village: VillageCode,
    rt: String,
    rw: String,
    address: String,
    kk_number: KkNumber,
    here_since: NaiveDate,
    departed: Option<NaiveDate>,
    jkn: Vec<JknPeriod>,
    enrollment: Option<EnrollmentStanding>,
}

impl<'c> Households<'c> {
    pub(super) fn new(city: &'c City, participants: usize) -> Self {
        let named: Vec<Household> = super::heroes(city.today).into_iter().map(|hero| hero.household).collect();
        Self { city, numbers: Numbers::new(city.seed), named: named.into_iter(), index: 0, left: participants }
    }

    fn household(&mut self) -> Option<Household> {
        if self.city.villages.is_empty() {
            return None;
        }
        self.index += 1;
        let mut chance = Chance::of(self.city.seed, self.index);
        let family = family(&mut chance, self.city.today);
        let home = self.home(&mut chance, &family);
        let members = family.into_iter().enumerate().map(|(place, member)| self.person(&mut chance, &home, place, member)).collect();
        Some(Household { kk_number: home.kk_number, members })
    }

    fn home(&mut self, chance: &mut Chance, family: &[Member]) -> Home {
        let today = self.city.today;
        let village = chance.pick(&self.city.villages);
        let eldest = family.iter().map(|member| member.birth_date).min().unwrap_or(today);
        let ago = |days: i64| (today - Duration::days(days)).max(eldest);
        let here_since = match chance.below(100) {
            0..=5 => chance.date(ago(180), ago(3)),
            6..=18 => chance.date(ago(3 * 365), ago(181)),
            19..=52 => chance.date(ago(12 * 365), ago(3 * 365)),
            53..=79 => chance.date(ago(30 * 365), ago(12 * 365)),
            // Families that have always lived here.
            _ => eldest,
        };
        // A card is written anew at every move and birth; none is older than the register.
        let kk_number = self.numbers.kk(&village.as_str()[..6], chance.date(here_since.max(day(2009, 1, 1)).min(today), today));
        Home {
            index: self.index,
            village,
            rt: format!("{:03}", chance.between(1, 12)),
            rw: format!("{:03}", chance.between(1, 30)),
            address: address(chance),
            kk_number,
            here_since,
            departed: departure(chance, here_since, today),
            jkn: membership(chance, today),
            enrollment: enrollment(chance, here_since),
        }
    }

    fn person(&mut self, chance: &mut Chance, home: &Home, place: usize, member: Member) -> Person {
        let today = self.city.today;
        let region = if member.birth_date >= home.here_since { home.village.as_str()[..6].to_owned() } else { origin(chance).to_owned() };
        let (nik, birth_date) = self.numbers.nik(&region, member.birth_date, member.sex);
        let birth_date_corrected = chance.per_mille(5);
        // Corrected to an earlier date, which cannot lie in the future or after a move.
        let birth_date = birth_date - if birth_date_corrected { Duration::days(i64::from(chance.between(1, 200))) } else { Duration::zero() };
        let resident_since = home.here_since.max(birth_date);
        let events = events(chance, birth_date, resident_since, home.departed.filter(|date| *date > resident_since), today);
        let date_of = |kind| events.iter().find(|event| event.kind == kind).map(|event| event.date);
        let is_adult = birth_date < today - Duration::days(17 * 366);
        Person {
            registration: Registration {
                nik,
                kk_number: home.kk_number,
                relation: member.relation,
                name: member.name,
                birth_date,
                sex: member.sex,
                village_code: home.village,
                rt: home.rt.clone(),
                rw: home.rw.clone(),
                address: home.address.clone(),
                phone: (is_adult && chance.percent(85)).then(|| format!("08120000{:04}", chance.below(10_000))),
                resident_since,
                mother_name: member.mother_name,
            },
            resident_until: date_of(StatusEventKind::MovedOut).and_then(|date| date.pred_opt()),
            birth_date_corrected,
            jkn: of_member(&home.jkn, birth_date, date_of(StatusEventKind::Deceased)),
            card: card(home, place, resident_since),
            events,
        }
    }
}

/// Where someone who came from elsewhere, or was registered in another district, got the NIK.
fn origin(chance: &mut Chance) -> &'static str {
    let regions = chance.weighted(ORIGINS);
    chance.pick(regions)
}

/// A card covers those who lived in the household when it was issued.
fn card(home: &Home, place: usize, resident_since: NaiveDate) -> Option<Card> {
    let standing = home.enrollment?;
    if standing.issued_on.is_some_and(|issued| issued < resident_since) {
        return None;
    }
    let number = standing.issued_on.map(|_| format!("KS-{:07}-{place}", home.index + 100));
    Some(Card { number, standing })
}

impl Iterator for Households<'_> {
    type Item = Household;

    fn next(&mut self) -> Option<Household> {
        if let Some(household) = self.named.next() {
            self.left = self.left.saturating_sub(household.members.len());
            return Some(household);
        }
        if self.left == 0 {
            return None;
        }
        let mut household = self.household()?;
        household.members.truncate(self.left);
        self.left -= household.members.len();
        Some(household)
    }
}
