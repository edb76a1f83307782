//! The year of the demo, played day by day through the use cases that the API calls, each at its own instant in the past. Nothing is written past them, so
//! whatever the program promises holds here as well.

mod care;
mod office;
mod primary;
mod registry;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, Days, Duration, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Plan, context_at};
use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::roles::Caller;
use crate::domain::synthetic::City;
use crate::domain::synthetic::year::{self as plan, Coverage, Episode, Place, begins, coverage, named_families};
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::messages::gateway::Delivery;
use crate::service::messages::sending;
use crate::service::{App, claims, letters};
use crate::store::db::Db;
use crate::store::eligibility_checks::Check;
use crate::store::letters::Letter;
use crate::store::{claims as rows, users};

/// So many people are enough for a year: nobody looks at more of them.
const PATIENTS: usize = 3_000;
/// The day of the month on which finance orders payment.
const PAYDAY: u32 = 20;
/// The month and day on which finance adds up what the year before left unpaid.
const DEBT_DAY: (u32, u32) = (1, 14);

/// What there is to look at when the year is over.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Example {
    pub claim_number: String,
    pub claim_id: Id,
}

/// What somebody does.
enum Act {
    /// Clocks run out, and messages go out.
    Day,
    Arrive(usize),
    Issue(usize),
    Admit(usize),
    Cancel(usize),
    Discharge(usize),
    Bill(usize),
    Deny(usize),
    Decide(usize),
    Mend(usize),
    Object(usize),
    Order(Pot, NaiveDate),
    Approve(Id),
    Settle(Id),
    /// The debt of a year that is over.
    Owe(i32),
    Acknowledge(Id),
    /// A part of what was paid for a claim.
    AskBack(Id),
    GrantBack(Id),
    /// Somebody without a number of their own.
    ArriveUnknown(usize),
    CloseCase,
    /// A neighbour comes to the puskesmas.
    Visit(usize),
}

/// How far an episode has come.
#[derive(Default)]
struct Course {
    check: Option<Check>,
    letter: Option<Letter>,
    claim: Option<Id>,
    decided_by: Option<Id>,
}

/// Who acts.
struct Cast {
    hospitals: BTreeMap<Place, (Caller, Arc<Facility>)>,
    puskesmas: (Caller, Arc<Facility>),
    registrar: Caller,
    verifiers: [Caller; 2],
    finance: [Caller; 2],
}

struct Year<'a> {
    app: &'a App,
    cast: Cast,
    episodes: Vec<Episode>,
    courses: Vec<Course>,
    patients: HashMap<bool, Vec<Nik>>,
    neighbours: Vec<Nik>,
    /// In order of time, and of entry where that is the same.
    agenda: BTreeMap<(UtcTime, usize), Act>,
    entered: usize,
    /// The last day on which payment is ordered: what follows from it is not over yet.
    last_payday: NaiveDate,
    /// Batches so far.
    settled: usize,
}

/// Plays the year that ends now in a city that was just built. `played` hears how many of its days are over.
pub fn play(app: &App, db: &mut Db, plan: Plan, played: &mut dyn FnMut(u64)) -> Result<Option<Example>> {
    let now = app.surroundings.now();
    let today = app.city.today(now);
    let mut year = Year::prepare(app, db, plan, today)?;
    let mut days = 0;
    while let Some(((at, _), act)) = year.agenda.pop_first() {
        if at > now {
            break;
        }
        if matches!(act, Act::Day) {
            days += 1;
            played(days);
        }
        year.perform(db, &act, at)?;
    }
    let newest = rows::to_review(db, 1)?.pop();
    Ok(newest.map(|(claim, _)| Example { claim_number: claim.number, claim_id: claim.id }))
}

impl<'a> Year<'a> {
    fn prepare(app: &'a App, db: &mut Db, plan: Plan, today: NaiveDate) -> Result<Self> {
        let patients = patients(app, plan, today);
        let cast = cast(app, db)?;
        let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
        let neighbours = primary::neighbours(&city, plan.participants, &cast.puskesmas.1, today);
        let mut year = Self {
            app,
            cast,
            episodes: plan::year(plan.seed, plan.participants, today),
            courses: Vec::new(),
            patients,
            neighbours,
            agenda: BTreeMap::new(),
            entered: 0,
            last_payday: today,
            settled: 0,
        };
        year.courses.resize_with(year.episodes.len(), Course::default);
        for day in begins(today).iter_days().take_while(|day| *day <= today) {
            year.enter(day, 1, Act::Day);
        }
        let between = registry::DAYS_BETWEEN;
        for (which, day) in begins(today).iter_days().take_while(|day| *day < today).skip(between / 2).step_by(between).enumerate() {
            year.enter(day, 3 * 60, Act::ArriveUnknown(which));
        }
        let visits = begins(today).iter_days().take_while(|day| *day < today).flat_map(|day| primary::VISITS.map(|minute| (day, minute)));
        for (which, (day, minute)) in visits.enumerate() {
            year.enter(day, minute, Act::Visit(which));
        }
        for index in 0..year.episodes.len() {
            year.enter(year.episodes[index].arrives_on, year.episodes[index].minute, Act::Arrive(index));
        }
        let first = begins(today).with_day(PAYDAY).unwrap_or(today);
        let paydays = (0..13).filter_map(|months| first.checked_add_months(Months::new(months))).filter(|day| *day > begins(today) && *day <= today);
        for payday in paydays {
            year.last_payday = payday;
            for (minutes, pot) in (0..).zip(Pot::ALL) {
                year.enter(payday, 10 * 60 + 20 * minutes, Act::Order(*pot, payday));
            }
        }
        let owes = begins(today).iter_days().take_while(|day| *day <= today).find(|day| (day.month(), day.day()) == DEBT_DAY);
        if let Some(day) = owes {
            year.enter(day, 11 * 60, Act::Owe(day.year() - 1));
        }
        Ok(year)
    }

    /// Puts an act on the agenda, so many minutes into a day.
    fn enter(&mut self, day: NaiveDate, minutes: i64, act: Act) {
        // A year lies far from the end of time.
        let midnight = day.pred_opt().and_then(|eve| UtcTime::end_of_date(eve, self.app.city.offset));
        if let Some(midnight) = midnight {
            self.enter_at(midnight.plus(Duration::minutes(minutes) + Duration::microseconds(1)), act);
        }
    }

    fn enter_at(&mut self, at: UtcTime, act: Act) {
        self.entered += 1;
        self.agenda.insert((at, self.entered), act);
    }

    /// So many days after another act, at about the same time of the day.
    fn enter_after(&mut self, at: UtcTime, days: u64, act: Act) {
        self.enter_at(at.plus(Duration::days(i64::try_from(days).unwrap_or_default()) + Duration::minutes(7)), act);
    }

    fn perform(&mut self, db: &mut Db, act: &Act, at: UtcTime) -> Result<()> {
        let done = match *act {
            Act::Day => self.pass_day(db, at),
            Act::Arrive(index) => self.arrive(db, index, at),
            Act::Issue(index) => self.issue(db, index, at),
            Act::Admit(index) => self.admit(db, index, at),
            Act::Cancel(index) => self.cancel(db, index, at),
            Act::Discharge(index) => self.discharge(db, index, at),
            Act::Bill(index) => self.bill(db, index, at),
            Act::Deny(index) => self.deny(db, index, at),
            Act::Decide(index) => self.decide(db, index, at),
            Act::Mend(index) => self.mend(db, index, at),
            Act::Object(index) => self.object(db, index, at),
            Act::Order(pot, payday) => self.order(db, pot, payday, at),
            Act::Approve(batch) => self.approve(db, batch, at),
            Act::Settle(batch) => self.settle(db, batch, at),
            Act::Owe(year) => self.owe(db, year, at),
            Act::Acknowledge(debt) => self.acknowledge(db, debt, at),
            Act::AskBack(claim) => self.ask_back(db, claim, at),
            Act::GrantBack(recovery) => self.grant_back(db, recovery, at),
            Act::ArriveUnknown(which) => self.arrive_unknown(db, which, at),
            Act::CloseCase => self.close_case(db, at),
            Act::Visit(which) => self.visit(db, which, at),
        };
        match done {
            // As in life, somebody is told no, and it ends there.
            Err(Error::Refused(_)) => Ok(()),
            done => done,
        }
    }

    fn pass_day(&mut self, db: &mut Db, at: UtcTime) -> Result<()> {
        let context = self.context(at);
        letters::settle_due(self.app, db, &context)?;
        claims::settle_due(self.app, db, &context)?;
        // Nobody exists who could be told; and what is long past is shown to nobody.
        while sending::send_next_by(self.app, db, &|| context.clone(), &|_, _| Delivery::Taken)? {}
        Ok(())
    }

    fn context(&self, at: UtcTime) -> Context {
        context_at(self.app, at)
    }

    fn acting(&self, caller: Caller, at: UtcTime) -> Context {
        self.context(at).as_caller(caller)
    }

    fn today(&self, at: UtcTime) -> NaiveDate {
        self.app.city.today(at)
    }

    /// The hospital of an episode: who acts for it, and where.
    fn hospital(&self, index: usize) -> Result<(Caller, Arc<Facility>)> {
        self.cast.hospitals.get(&self.episodes[index].place).cloned().ok_or_else(|| Error::internal("a made-up episode at no hospital"))
    }
}

/// The month before that of a day, which is what is paid on it.
fn month_before(day: NaiveDate) -> NaiveDate {
    day.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1))).unwrap_or(day)
}

fn patients(app: &App, plan: Plan, today: NaiveDate) -> HashMap<bool, Vec<Nik>> {
    let city = City::new(plan.seed, today, &app.city.code, &app.city.regions);
    let named = named_families(today);
    let mut patients: HashMap<bool, Vec<Nik>> = HashMap::new();
    for household in city.households(plan.participants).filter(|household| !named.contains(&household.kk_number)) {
        for person in &household.members {
            if let Some(coverage) = coverage(person, today) {
                patients.entry(coverage == Coverage::City).or_default().push(person.registration.nik);
            }
        }
        if patients.values().map(Vec::len).sum::<usize>() >= PATIENTS {
            break;
        }
    }
    patients
}

fn cast(app: &App, db: &mut Db) -> Result<Cast> {
    let mut find = |username: &str| {
        let missing = || Error::internal(format!("the demo has no user {username}"));
        let (user, _) = users::by_username(db, username)?.ok_or_else(missing)?;
        Ok::<_, Error>(Caller { user_id: user.id, role: user.role, facility_id: user.facility_id, session_id: None })
    };
    let working = |caller: Caller| {
        let facility = caller.facility_id.and_then(|id| app.memory.facility(id));
        Ok::<_, Error>((caller, facility.ok_or_else(|| Error::internal("a facility of the demo that is none"))?))
    };
    Ok(Cast {
        hospitals: BTreeMap::from([(Place::Municipal, working(find("hospital")?)?), (Place::Private, working(find("hospital-private")?)?)]),
        puskesmas: working(find("puskesmas")?)?,
        registrar: find("registrar")?,
        verifiers: [find("verifier")?, find("verifier-2")?],
        finance: [find("finance")?, find("finance-2")?],
    })
}
