//! What is to be expected: when a pot runs out, and what was begun and not billed.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Given;
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// Why no day is told on which a pot runs out.
    NoForecast {
        NoBudget = "no_budget", YearOver = "year_over", Exhausted = "exhausted", TooFewMonths = "too_few_months", NothingUsed = "nothing_used",
        LastsTheYear = "lasts_the_year",
    }
}

/// Whole calendar months, the last of which has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Window {
    /// The months before the one of `as_of`. None where the calendar ends.
    pub fn before(as_of: NaiveDate, months: u32) -> Option<Self> {
        let to = as_of.with_day(1)?.pred_opt()?;
        Some(Self { from: to.with_day(1)?.checked_sub_months(Months::new(months.checked_sub(1)?))?, to })
    }

    fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }
}

/// What was spoken for on a date: letters and claims, less what was freed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    pub on: NaiveDate,
    pub amount: Rupiah,
}

/// What one month took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthUse {
    pub month: NaiveDate,
    pub amount: Rupiah,
}

/// What a forecast goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// From the first month of the window in which anything was used.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub months: Vec<MonthUse>,
    pub amount_per_month: Rupiah,
    total: Rupiah,
}

impl Basis {
    /// Months before the first use are left out: the programme, or its books, had not begun.
    pub fn of(window: Window, drawn: &[Drawn]) -> Result<Self, TooLarge> {
        let begun = drawn.iter().map(|one| one.on).filter(|on| (window.from..=window.to).contains(on)).min();
        let from = begun.and_then(|on| on.with_day(1)).unwrap_or(window.from);
        let mut months = Vec::new();
        let mut month = Some(from).filter(|_| begun.is_some());
        while let Some(first) = month.filter(|first| *first <= window.to) {
            let within = drawn.iter().filter(|one| (one.on.year(), one.on.month()) == (first.year(), first.month()));
            months.push(MonthUse { month: first, amount: Rupiah::sum(within.map(|one| one.amount))? });
            month = first.checked_add_months(Months::new(1));
        }
        let total = Rupiah::sum(months.iter().map(|one| one.amount))?;
        let count = i64::try_from(months.len()).map_err(|_| TooLarge)?;
        Ok(Self { from, to: window.to, amount_per_month: Rupiah(total.0 / count.max(1)), months, total })
    }
}

/// What a forecast is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub year: i32,
    pub as_of: NaiveDate,
    pub has_budget: bool,
    pub available: Rupiah,
    /// Approved and not yet in force.
    pub coming: &'a [Given],
    pub least_months: usize,
}

/// The day on which the pot runs out when it goes on as in the months of the basis, or why none is told.
pub fn exhaustion(question: &Question<'_>, basis: &Basis) -> (Option<NaiveDate>, Option<NoForecast>) {
    let Question { year, as_of, has_budget, available, coming, least_months } = *question;
    if !has_budget {
        return (None, Some(NoForecast::NoBudget));
    }
    if as_of.year() > year {
        return (None, Some(NoForecast::YearOver));
    }
    if available <= Rupiah::ZERO {
        return (Some(as_of), Some(NoForecast::Exhausted));
    }
    if basis.months.len() < least_months {
        return (None, Some(NoForecast::TooFewMonths));
    }
    if basis.total <= Rupiah::ZERO {
        return (None, Some(NoForecast::NothingUsed));
    }
    let start = NaiveDate::from_ymd_opt(year, 1, 1).map_or(as_of, |first| first.max(as_of));
    let days = i128::from(Window { from: basis.from, to: basis.to }.days());
    let run_out = |available: i128| {
        let last = (available.max(0) * days + i128::from(basis.total.0) - 1) / i128::from(basis.total.0);
        u64::try_from(last).ok().and_then(|days| start.checked_add_days(Days::new(days))).filter(|date| date.year() == year)
    };
    let mut sorted: Vec<&Given> = coming.iter().collect();
    sorted.sort_by_key(|given| given.effective_on);
    let (mut money, mut known_to) = (i128::from(available.0), start);
    for given in sorted {
        match run_out(money) {
            // What comes on that day comes in time.
            Some(date) if date < given.effective_on => break,
            Some(_) | None => (money, known_to) = (money + i128::from(given.amount.0), given.effective_on),
        }
    }
    match run_out(money) {
        // Money that is taken away is gone on the day on which it is taken, not before.
        Some(date) => (Some(date.max(known_to)), None),
        None => (None, Some(NoForecast::LastsTheYear)),
    }
}

/// Care of one date, and when it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    pub on: NaiveDate,
    pub told_on: NaiveDate,
    pub amount: Rupiah,
}

/// Care begun and not billed: what is known of, and what is not told yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbilled {
    pub incurred: Rupiah,
    /// Care begun a day, over the days of the window.
    pub begun_per_day: Rupiah,
    /// How many tenths of a day passed between the day of care and the day on which it was told, each rupiah counting alike.
    pub lag_tenths: i64,
    /// `begun_per_day` for as many days.
    pub untold: Rupiah,
    pub estimate: Rupiah,
}

impl Unbilled {
    pub fn of(window: Window, incurred: Rupiah, begun: &[Begun]) -> Result<Self, TooLarge> {
        let fits = |number: i128| i64::try_from(number).map_err(|_| TooLarge);
        let total: i128 = begun.iter().map(|one| i128::from(one.amount.0)).sum();
        let waited: i128 = begun.iter().map(|one| i128::from(one.amount.0) * i128::from((one.told_on - one.on).num_days().max(0))).sum();
        let days = i128::from(window.days().max(1));
        // The rate times the mean lag, in which the total cancels out.
        let untold = Rupiah(fits(waited / days)?);
        Ok(Self {
            incurred,
            begun_per_day: Rupiah(fits(total / days)?),
            lag_tenths: if total > 0 { fits((waited * 10 + total / 2) / total)? } else { 0 },
            untold,
            estimate: incurred.plus(untold)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn drawn(all: &[(&str, i64)]) -> Vec<Drawn> {
        all.iter().map(|(on, amount)| Drawn { on: day(on), amount: Rupiah(*amount) }).collect()
    }

    fn coming(all: &[(&str, i64)]) -> Vec<Given> {
        let at = |on: &str| format!("{on}T00:00:00Z").parse().unwrap();
        all.iter().map(|(on, amount)| Given { effective_on: day(on), effective_at: at(on), amount: Rupiah(*amount) }).collect()
    }

    #[test]
    fn the_window_is_of_months_that_have_ended() {
        for (as_of, months, from, to) in [
            ("2026-11-21", 3, "2026-08-01", "2026-10-31"),
            ("2026-11-01", 3, "2026-08-01", "2026-10-31"),
            ("2026-01-31", 3, "2025-10-01", "2025-12-31"),
            ("2024-03-01", 1, "2024-02-01", "2024-02-29"),
        ] {
            assert_eq!(Window::before(day(as_of), months), Some(Window { from: day(from), to: day(to) }), "{as_of}");
        }
        assert_eq!(Window::before(day("2026-11-21"), 0), None);
    }

    #[test]
    fn a_forecast_tells_its_basis() {
        let window = Window::before(day("2026-11-21"), 3).unwrap();
        let basis = Basis::of(window, &drawn(&[("2026-09-10", 40), ("2026-09-11", -10), ("2026-10-02", 31), ("2026-11-02", 999)])).unwrap();
        let months: Vec<_> = basis.months.iter().map(|one| (one.month.to_string(), one.amount.0)).collect();
        assert_eq!(months, [("2026-09-01".to_owned(), 30), ("2026-10-01".to_owned(), 31)]);
        assert_eq!((basis.from, basis.to, basis.amount_per_month), (day("2026-09-01"), day("2026-10-31"), Rupiah(30)));
        let nothing = Basis::of(window, &[]).unwrap();
        assert_eq!((nothing.months.len(), nothing.from, nothing.amount_per_month), (0, window.from, Rupiah::ZERO));
    }

    #[test]
    fn a_pot_runs_out_on_the_day_its_last_rupiah_goes() {
        // One a day, over the 92 days from August to October.
        let window = Window::before(day("2026-11-21"), 3).unwrap();
        let one_a_day = Basis::of(window, &drawn(&[("2026-08-01", 31), ("2026-09-01", 30), ("2026-10-01", 31)])).unwrap();
        let question = Question { year: 2026, as_of: day("2026-11-21"), has_budget: true, available: Rupiah(10), coming: &[], least_months: 2 };
        let late_help = coming(&[("2026-12-02", 100)]);
        let help = coming(&[("2026-12-01", 5)]);
        let loss = coming(&[("2026-11-25", -8)]);
        for (question, date, why) in [
            (question, Some("2026-12-01"), None),
            (Question { available: Rupiah(40), ..question }, Some("2026-12-31"), None),
            (Question { available: Rupiah(41), ..question }, None, Some(NoForecast::LastsTheYear)),
            (Question { available: Rupiah(i64::MAX), ..question }, None, Some(NoForecast::LastsTheYear)),
            (Question { coming: &help, ..question }, Some("2026-12-06"), None),
            (Question { coming: &late_help, ..question }, Some("2026-12-01"), None),
            (Question { coming: &loss, ..question }, Some("2026-11-25"), None),
            (Question { available: Rupiah(-1), ..question }, Some("2026-11-21"), Some(NoForecast::Exhausted)),
            (Question { has_budget: false, ..question }, None, Some(NoForecast::NoBudget)),
            (Question { as_of: day("2027-01-01"), ..question }, None, Some(NoForecast::YearOver)),
            (Question { least_months: 4, ..question }, None, Some(NoForecast::TooFewMonths)),
            (Question { year: 2027, ..question }, Some("2027-01-11"), None),
        ] {
            assert_eq!(exhaustion(&question, &one_a_day), (date.map(day), why), "{question:?}");
        }
        let freed = Basis::of(window, &drawn(&[("2026-08-01", -5), ("2026-09-01", 1)])).unwrap();
        assert_eq!(exhaustion(&question, &freed), (None, Some(NoForecast::NothingUsed)));
    }

    #[test]
    fn what_is_not_told_yet_is_the_daily_amount_for_the_usual_lag() {
        let window = Window { from: day("2026-10-01"), to: day("2026-10-10") };
        let begun = |on: &str, told_on: &str, amount: i64| Begun { on: day(on), told_on: day(told_on), amount: Rupiah(amount) };
        // 1,000 in ten days; 600 told after two days and 400 on the same day, so the mean is 1.2 days.
        let all = [begun("2026-10-01", "2026-10-03", 600), begun("2026-10-02", "2026-10-02", 400)];
        let unbilled = Unbilled::of(window, Rupiah(50), &all).unwrap();
        assert_eq!((unbilled.begun_per_day, unbilled.lag_tenths, unbilled.untold, unbilled.estimate), (Rupiah(100), 12, Rupiah(120), Rupiah(170)));
        assert_eq!(Unbilled::of(window, Rupiah(50), &[]).unwrap().estimate, Rupiah(50));
        // Told before the day, as for a planned stay, is told in time.
        assert_eq!(Unbilled::of(window, Rupiah(0), &[begun("2026-10-05", "2026-10-01", 600)]).unwrap().estimate, Rupiah(0));
    }
}
