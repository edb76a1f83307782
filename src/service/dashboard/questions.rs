//! What may be asked of a figure, and by whom: of which period, place, facility and care, and told by what.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use crate::context::Context;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{self, Breakdown, DateBasis, FigureName, Place, Scope, Spec};
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Fault, Result};
use crate::service::App;

/// Of no other years is anything known, and a year that nobody means is no date of both databases.
pub const YEARS: RangeInclusive<i32> = 2000..=2100;
const MOST_ITEMS: usize = 200;

/// What somebody asks of a figure; what is not said is as the figure has it.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub district_code: Option<String>,
    pub village_code: Option<String>,
    pub facility_id: Option<Id>,
    pub care_type: Option<CareType>,
    pub by: Option<Breakdown>,
    pub date_basis: Option<DateBasis>,
    pub limit: Option<i64>,
}

/// What is wrong with a question, all of it.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn push(&mut self, parameter: &'static str, code: &'static str) {
        self.0.push(Fault::parameter(parameter, code));
    }

    /// What came of looking at one parameter. What is not the question's fault ends it.
    fn take<T: Default>(&mut self, looked_at: Result<T>) -> Result<T> {
        match looked_at {
            Err(Error::Invalid(more)) => {
                self.0.extend(more);
                Ok(T::default())
            }
            other => other,
        }
    }
}

/// What is asked, or everything that is wrong with the question.
pub fn scope(app: &App, context: &Context, caller: &Caller, figure: FigureName, question: &Question) -> Result<Scope> {
    let (spec, today) = (figure.spec(), app.city.today(context.now));
    let mut faults = Faults::default();
    let to = question.to.unwrap_or(today);
    // Every year has a first day. What has no period is told as it stands today.
    let first = if spec.has_period { NaiveDate::from_ymd_opt(to.year(), 1, 1) } else { Some(to) };
    let from = question.from.or(first).unwrap_or(to);
    let (facility, own) = faults.take(facility_for(app, caller, question.facility_id))?;
    let place = faults.take(place(app, question.district_code.as_deref(), question.village_code.as_deref()))?;
    // What the service does is no facility's.
    let facility = facility.filter(|_| figure != FigureName::ServiceLevels || question.facility_id.is_some());
    let mut scope = Scope { place, facility, care_type: question.care_type, own, ..Scope::of(figure, (from, to)) };
    scope.by = question.by.unwrap_or(scope.by);
    scope.basis = question.date_basis.unwrap_or(scope.basis);
    match question.limit.filter(|_| scope.by.is_ranked()).map_or(Ok(scope.limit), usize::try_from) {
        Ok(limit) if (1..=MOST_ITEMS).contains(&limit) => scope.limit = limit,
        _ => faults.push("limit", "OUT_OF_RANGE"),
    }
    look_at_period(&mut faults, &spec, question, (from, to));
    look_at_filters(&mut faults, &spec, question, &scope);
    if scope.is_of_places() {
        look_at_place(&mut faults, &spec, question, &scope);
    }
    if spec.has_period && (scope.is_of_places() || figure.is_by_month()) {
        // The month that runs is whole as far as it is known.
        scope.to = figures::last_of_month(to);
        if from != figures::first_of_month(from) {
            faults.push("from", "WHOLE_MONTHS");
        }
        if to != scope.to && to < today {
            faults.push("to", "WHOLE_MONTHS");
        }
    }
    if faults.0.is_empty() { Ok(scope) } else { Err(Error::Invalid(faults.0)) }
}

fn look_at_period(faults: &mut Faults, spec: &Spec, question: &Question, (from, to): (NaiveDate, NaiveDate)) {
    if !spec.has_period {
        for (parameter, _) in [("from", question.from), ("to", question.to)].iter().filter(|(_, day)| day.is_some()) {
            faults.push(parameter, "NOT_KEPT_SO");
        }
    } else if let Some((parameter, _)) = [("from", from), ("to", to)].iter().find(|(_, day)| !YEARS.contains(&day.year())) {
        faults.push(parameter, "OUT_OF_RANGE");
    } else if from > to {
        faults.push("to", "BEFORE_FROM");
    } else if (to - from).num_days() >= figures::LONGEST_DAYS {
        faults.push("from", "PERIOD_TOO_LONG");
    }
}

/// Is the figure kept so?
fn look_at_filters(faults: &mut Faults, spec: &Spec, question: &Question, scope: &Scope) {
    let kept_so = [
        ("by", spec.by.contains(&scope.by)),
        ("date_basis", spec.bases.contains(&scope.basis)),
        ("facility_id", scope.facility.is_none() || spec.by_facility),
        ("care_type", question.care_type.is_none() || spec.by_care),
        ("limit", question.limit.is_none() || scope.by.is_ranked()),
    ];
    for (parameter, _) in kept_so.iter().filter(|(_, is_kept_so)| !is_kept_so) {
        faults.push(parameter, "NOT_KEPT_SO");
    }
}

fn look_at_place(faults: &mut Faults, spec: &Spec, question: &Question, scope: &Scope) {
    let parameter = match (&scope.place, &question.village_code) {
        (None, _) => "by",
        (Some(_), Some(_)) => "village_code",
        (Some(_), None) => "district_code",
    };
    let is_unknown = question.village_code.is_some() && !spec.name.knows_villages();
    if is_unknown || !spec.of_places.contains(&scope.by) {
        faults.push(parameter, "NOT_KEPT_BY_PLACE");
    } else if scope.facility.is_some() {
        faults.push(parameter, "PLACE_OR_FACILITY");
    }
    if scope.basis != DateBasis::Service {
        faults.push("date_basis", "NOT_KEPT_BY_PLACE");
    }
}

/// Whose figures somebody may see: a hospital its own alone.
pub fn facility_for(app: &App, caller: &Caller, asked: Option<Id>) -> Result<(Option<Id>, bool)> {
    let own = match caller.role {
        // Who belongs to no facility has no figures of their own, and sees nobody else's.
        Role::Hospital | Role::Clinic => Some(caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?),
        Role::Admin | Role::Registrar | Role::Verifier | Role::Finance | Role::Manager | Role::Auditor | Role::Dpo => None,
    };
    match (own, asked) {
        (Some(own), Some(other)) if own != other => Err(Fault::parameter("facility_id", "FACILITY_NOT_YOURS").into()),
        (Some(own), Some(_) | None) => Ok((Some(own), true)),
        (None, Some(asked)) if app.memory.facility(asked).is_none() => Err(Fault::parameter("facility_id", "FACILITY_UNKNOWN").into()),
        (None, asked) => Ok((asked, false)),
    }
}

/// A place of this city by its code.
fn place(app: &App, district: Option<&str>, village: Option<&str>) -> Result<Option<Place>> {
    let known = |code: &str, length: usize| code.len() == length && code.starts_with(&app.city.code) && app.city.regions.contains(code);
    let mut faults = Vec::new();
    if district.is_some_and(|code| !known(code, 6)) {
        faults.push(Fault::parameter("district_code", "DISTRICT_UNKNOWN"));
    }
    if village.is_some_and(|code| !known(code, 10)) {
        faults.push(Fault::parameter("village_code", "VILLAGE_UNKNOWN"));
    }
    if let (Some(district), Some(village), true) = (district, village, faults.is_empty())
        && !village.starts_with(district)
    {
        faults.push(Fault::parameter("village_code", "VILLAGE_OUTSIDE_DISTRICT"));
    }
    if faults.is_empty() { Ok(village.or(district).map(|code| Place(code.to_owned()))) } else { Err(Error::Invalid(faults)) }
}
