//! Families: who lives together, how old they are and what they are called. Sizes and ages follow the shape of a young Indonesian city: households of
//! 3.7 people on average, most heads between 30 and 55, two children.

use chrono::{Duration, Months, NaiveDate};

use super::chance::Chance;
use super::words::{Naming, naming};
use crate::domain::participants::Sex;
use crate::domain::registration::Relation;

pub struct Member {
    pub relation: Relation,
    pub sex: Sex,
    pub birth_date: NaiveDate,
    pub name: String,
    pub mother_name: Option<String>,
}

/// Ages of heads in years, by weight.
const HEAD_AGES: &[(u32, (u32, u32))] = &[
    (4, (21, 24)),
    (11, (25, 29)),
    (14, (30, 34)),
    (15, (35, 39)),
    (14, (40, 44)),
    (13, (45, 49)),
    (11, (50, 54)),
    (8, (55, 59)),
    (5, (60, 64)),
    (3, (65, 69)),
    (2, (70, 84)),
];
const CHILDREN: &[(u32, u32)] = &[(3, 0), (15, 1), (42, 2), (28, 3), (10, 4), (2, 5)];

struct Family<'c> {
    chance: &'c mut Chance,
    today: NaiveDate,
    naming: &'static Naming,
    family_name: Option<&'static str>,
    members: Vec<Member>,
}

/// A family, its head first.
pub fn family(chance: &mut Chance, today: NaiveDate) -> Vec<Member> {
    let naming = naming(chance);
    let family_name = naming.family_name(chance);
    let mut family = Family { chance, today, naming, family_name, members: Vec::with_capacity(6) };
    family.fill();
    family.members
}

impl Family<'_> {
    fn fill(&mut self) {
        let (from, to) = self.chance.weighted(HEAD_AGES);
        let head_age = self.chance.between(from, to);
        let head_sex = if self.chance.percent(86) { Sex::M } else { Sex::F };
        self.join(Relation::Head, head_sex, head_age, None);
        let mother = match head_sex {
            Sex::M if self.chance.percent(if head_age < 25 { 55 } else { 93 }) => {
                let age = (head_age + 2).saturating_sub(self.chance.between(0, 8)).max(19);
                self.join(Relation::Spouse, Sex::F, age, None);
                Some((age, self.members[1].name.clone()))
            }
            // A widow, or a mother on her own.
            Sex::F if head_age > 24 => Some((head_age, self.members[0].name.clone())),
            Sex::M | Sex::F => None,
        };
        if let Some((age, name)) = mother {
            self.children(age, &name);
        }
        self.others(head_age);
    }

    /// Children from the first years of the marriage on, some years apart; most leave in their twenties.
    fn children(&mut self, mother_age: u32, mother_name: &str) {
        let mut age_at_birth = self.chance.between(20, 27);
        for _ in 0..self.chance.weighted(CHILDREN) {
            let Some(age) = mother_age.checked_sub(age_at_birth) else { break };
            let is_at_home = age < 22 || self.chance.percent(if age < 28 { 70 } else { 22 });
            if is_at_home && age_at_birth < 44 {
                let sex = self.either();
                self.join(Relation::Child, sex, age, Some(mother_name));
                if age >= 23 && self.chance.percent(12) {
                    let (sex, age) = (self.either(), self.chance.between(0, age - 20));
                    self.join(Relation::Grandchild, sex, age, None);
                }
            }
            age_at_birth += self.chance.between(2, 5);
        }
    }

    fn others(&mut self, head_age: u32) {
        if self.chance.percent(19) {
            let sex = if self.chance.percent(68) { Sex::F } else { Sex::M };
            let age = head_age + self.chance.between(21, 32);
            if age < 95 {
                let relation = if self.chance.percent(75) { Relation::Parent } else { Relation::InLaw };
                self.join(relation, sex, age, None);
            }
        }
        for (percent, relation, youngest, oldest) in
            [(7, Relation::Sibling, 17, 45), (3, Relation::OtherRelative, 5, 60), (1, Relation::Helper, 18, 50), (1, Relation::Other, 18, 60)]
        {
            if self.chance.percent(percent) {
                let sex = if relation == Relation::Helper { Sex::F } else { self.either() };
                let age = self.chance.between(youngest, oldest);
                self.join(relation, sex, age, None);
            }
        }
    }

    fn join(&mut self, relation: Relation, sex: Sex, age: u32, mother: Option<&str>) {
        let day = Duration::days(i64::from(self.chance.below(365)));
        let birth_date = self.today.checked_sub_months(Months::new(age * 12)).unwrap_or(self.today) - day;
        let is_of_the_blood = matches!(relation, Relation::Head | Relation::Child | Relation::Sibling | Relation::Grandchild);
        let name = self.naming.name(self.chance, sex, self.family_name.filter(|_| is_of_the_blood));
        let mother_name = match mother {
            Some(mother) => Some(mother.to_owned()),
            None => self.chance.percent(60).then(|| self.naming.name(self.chance, Sex::F, None)),
        };
        self.members.push(Member { relation, sex, birth_date, name, mother_name });
    }

    fn either(&mut self) -> Sex {
        if self.chance.percent(51) { Sex::M } else { Sex::F }
    }
}
