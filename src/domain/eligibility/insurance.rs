//! Is the person insured by JKN on the date? Then the city's scheme must not pay as well.

use super::case::{Case, Reach};
use super::newborns::through_mother;
use super::{RuleCode, RuleResult, Scalar, Source};
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};

pub(super) fn jkn_active(case: &Case) -> RuleResult {
    let code = RuleCode::JknActive;
    case.of_person(code, |person, _| {
        if case.jkn == Reach::Lost && bars_someone(case) {
            return RuleResult::lost(code, Source::Jkn);
        }
        let barred = &case.rules.jkn.barred;
        let mothers = through_mother(case, person).map(|newborn| &newborn.mother.jkn);
        let on_the_date = || person.jkn.iter().chain(mothers.into_iter().flatten()).filter(|period| period.holds_on(case.date()));
        // Periods do not overlap; should they, the one that decides is the one to tell.
        let decisive = |period: &&JknPeriod| match (period.state == JknState::Active, barred.contains(&period.segment)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let told = on_the_date().min_by_key(decisive);
        let refused = told.is_some_and(|period| decisive(&period) == 0);
        let value = told.map_or("none", |period| if period.state == JknState::Active { period.segment.as_str() } else { period.state.as_str() });
        RuleResult::pass_if(code, !refused).value(value).limit(allowed(case))
    })
}

/// Do these rules bar any member at all?
pub(super) fn bars_someone(case: &Case) -> bool {
    !case.rules.jkn.barred.is_empty()
}

/// The memberships that may go with the scheme: `any`, `none`, or a list.
fn allowed(case: &Case) -> Scalar {
    let barred = &case.rules.jkn.barred;
    if barred.is_empty() {
        return "any".into();
    }
    match Scalar::list(JknSegment::ALL.iter().filter(|segment| !barred.contains(segment)).map(|segment| segment.as_str())) {
        Scalar::None => "none".into(),
        some => some,
    }
}
