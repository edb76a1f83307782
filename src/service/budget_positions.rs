//! How a year's budget stands: what counted by a date, as far as it was known at an instant, and what is to be expected.

use chrono::{Datelike, Duration, NaiveDate};

use super::App;
use crate::domain::budget::{self, Balances, Basis, Begun, Drawn, Given, Measures, NoForecast, Pot, Question, Unbilled, Window};
use crate::domain::id::Id;
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::store::budget_alerts::{self, Alert};
use crate::store::budgets::{self, Whole};
use crate::store::db::{Db, snapshot};
use crate::store::ledger::{self, Counted};

/// The civil date and the instant that are asked about; without them, today and now.
#[derive(Debug, Clone, Copy, Default)]
pub struct When {
    pub as_of: Option<NaiveDate>,
    pub known_at: Option<UtcTime>,
}

/// Where a year stands.
pub struct Position {
    pub year: i32,
    pub as_of: NaiveDate,
    pub known_at: UtcTime,
    /// None: nothing was approved for the year by then.
    pub budget_id: Option<Id>,
    pub pots: Vec<(Pot, Standing)>,
    pub total: Standing,
    pub alerts: Vec<Alert>,
}

/// Where a pot stands, or all of them together.
pub struct Standing {
    pub measures: Measures,
    pub unbilled: Unbilled,
    pub window: Window,
    pub exhaustion_on: Option<NaiveDate>,
    pub no_forecast: Option<NoForecast>,
    pub basis: Basis,
}

/// Longer than any clock is wrong.
const CENTURY_DAYS: i64 = 36_525;

/// The position of the year of a budget.
pub fn of_budget(app: &App, db: &mut Db, now: UtcTime, id: Id, when: When) -> Result<Position> {
    let year = budgets::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?.budget.year;
    of_year(app, db, now, year, when)
}

/// The position of a year, which may have no budget: what was spent is counted all the same.
pub fn of_year(app: &App, db: &mut Db, now: UtcTime, year: i32, when: When) -> Result<Position> {
    check(app, now, when)?;
    snapshot(db, |db| standing(app, db, now, year, when))
}

/// The same within a snapshot that holds already.
pub(super) fn standing(app: &App, db: &mut Db, now: UtcTime, year: i32, when: When) -> Result<Position> {
    let known_at = when.known_at.unwrap_or(now);
    let as_of = when.as_of.unwrap_or_else(|| app.city.today(known_at));
    // Without an instant all that stands in the books counts, also what another node recorded a moment after this one began to answer.
    let recorded_by = when.known_at.unwrap_or_else(|| now.plus(Duration::days(CENTURY_DAYS)));
    let settings = &app.settings.budgets;
    let window = Window::before(as_of, settings.forecast_months).ok_or_else(|| Error::internal("months before the calendar begins"))?;
    let approved = budgets::approved_of(db, year)?.filter(|whole| whole.budget.approved_at.is_some_and(|at| at <= recorded_by));
    let books = match when.known_at {
        Some(known_at) => ledger::counted(db, year, Counted::until(as_of, known_at))?,
        None => standing_books(db, year, as_of, recorded_by)?,
    };
    let (drawn, begun) = recent(db, window, recorded_by)?;
    let look = Look { year, as_of, recorded_by, window, approved: approved.as_ref(), least_months: settings.forecast_least_months };
    let standing = |pots: &[Pot], balances: &Balances| look.standing(pots, balances, &of(pots, &drawn), &of(pots, &begun)).map_err(too_large);
    let each = Pot::ALL.iter().map(|pot| Ok((*pot, standing(&[*pot], &books.get(pot).cloned().unwrap_or_default())?)));
    let pots = each.collect::<Result<Vec<_>>>()?;
    let all = books.values().try_fold(Balances::default(), |sum, balances| sum.plus(balances)).map_err(too_large)?;
    let total = standing(Pot::ALL, &all)?;
    let budget_id = approved.as_ref().map(|whole| whole.budget.id);
    let alerts = budget_id.map_or(Ok(Vec::new()), |id| budget_alerts::of_budget(db, id, recorded_by))?;
    Ok(Position { year, as_of, known_at, budget_id, pots, total, alerts })
}

fn of<T: Copy>(pots: &[Pot], all: &[(Pot, T)]) -> Vec<T> {
    all.iter().filter(|(pot, _)| pots.contains(pot)).map(|(_, one)| *one).collect()
}

/// Dates that nobody means, and instants that have not come: what is not known yet cannot be asked for.
fn check(app: &App, now: UtcTime, when: When) -> Result<()> {
    let mut faults = Vec::new();
    let in_range = |date: NaiveDate| (2000..=2100).contains(&date.year());
    if when.as_of.is_some_and(|date| !in_range(date)) {
        faults.push(Fault::parameter("as_of", "OUT_OF_RANGE").with("limit", "2000 - 2100"));
    }
    if let Some(known_at) = when.known_at {
        if known_at > now {
            faults.push(Fault::parameter("known_at", "IN_THE_FUTURE"));
        } else if !in_range(app.city.today(known_at)) {
            faults.push(Fault::parameter("known_at", "OUT_OF_RANGE").with("limit", "2000 - 2100"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

type Books = std::collections::BTreeMap<Pot, Balances>;

/// From the kept balances, less the little that counts only later: no one adds up a year to answer for today.
fn standing_books(db: &mut Db, year: i32, as_of: NaiveDate, recorded_by: UtcTime) -> Result<Books> {
    let mut books = ledger::balances(db, year)?;
    for (pot, later) in ledger::counted(db, year, Counted::after(as_of, recorded_by))? {
        let standing = books.entry(pot).or_default();
        *standing = std::mem::take(standing).minus(&later).map_err(too_large)?;
    }
    Ok(books)
}

type Recent = (Vec<(Pot, Drawn)>, Vec<(Pot, Begun)>);

/// What the months of the window took, each year from its own budget: a bill of last year that is cut this year is no sign of what comes.
fn recent(db: &mut Db, window: Window, known_at: UtcTime) -> Result<Recent> {
    let (mut drawn, mut begun) = (Vec::new(), Vec::new());
    for year in window.from.year()..=window.to.year() {
        let bound = |month, day| NaiveDate::from_ymd_opt(year, month, day);
        let (Some(first), Some(last)) = (bound(1, 1), bound(12, 31)) else { continue };
        let counted = Counted { from: window.from.max(first), to: window.to.min(last), known_at };
        drawn.extend(ledger::drawn(db, year, counted)?);
        begun.extend(ledger::begun(db, year, counted)?);
    }
    Ok((drawn, begun))
}

struct Look<'a> {
    year: i32,
    as_of: NaiveDate,
    recorded_by: UtcTime,
    window: Window,
    approved: Option<&'a Whole>,
    least_months: usize,
}

impl Look<'_> {
    fn standing(&self, pots: &[Pot], balances: &Balances, drawn: &[Drawn], begun: &[Begun]) -> std::result::Result<Standing, TooLarge> {
        let given: Vec<Given> = self.approved.iter().flat_map(|whole| pots.iter().flat_map(|pot| whole.given(*pot, self.recorded_by))).collect();
        let (counts, coming): (Vec<Given>, Vec<Given>) = given.into_iter().partition(|given| given.effective_on <= self.as_of);
        let begins = NaiveDate::from_ymd_opt(self.year, 1, 1).is_some_and(|first| first <= self.as_of);
        let appropriation = Rupiah::sum(self.approved.iter().filter(|_| begins).flat_map(|whole| pots.iter().map(|pot| whole.appropriation(*pot))))?;
        let revisions = Rupiah::sum(counts.iter().map(|given| given.amount))?;
        let measures = Measures::of(balances, appropriation, revisions)?;
        let basis = Basis::of(self.window, drawn)?;
        let question = Question {
            year: self.year,
            as_of: self.as_of,
            has_budget: self.approved.is_some(),
            available: measures.available,
            coming: &coming,
            least_months: self.least_months,
        };
        let (exhaustion_on, no_forecast) = budget::exhaustion(&question, &basis);
        let unbilled = Unbilled::of(self.window, measures.incurred, begun)?;
        Ok(Standing { measures, unbilled, window: self.window, exhaustion_on, no_forecast, basis })
    }
}

fn too_large(_: TooLarge) -> Error {
    Error::internal("a sum of the budget is too large")
}
