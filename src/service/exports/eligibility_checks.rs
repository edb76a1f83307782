//! Recorded checks as they stand when the sheet is written, without the persons in them.

use super::{PAGE, Page, Wanted, last_of};
use crate::context::Context;
use crate::domain::id::Id;
use crate::error::Result;
use crate::store::check_progress::{self, Progress};
use crate::store::db::Db;
use crate::store::eligibility_checks::{self, Filter};
use crate::store::reading::Reading;

pub(super) fn page(db: &mut Db, reading: &mut Reading, context: &Context, wanted: &Wanted, after: Option<Id>) -> Result<Page> {
    let filter = Filter { facility_id: wanted.filter.facility_id, from: wanted.filter.from, to: wanted.filter.to, ..Filter::default() };
    let checks = eligibility_checks::page_after(db, &filter, after, PAGE)?;
    reading.shows(checks.iter().filter_map(|check| check.participant_id));
    let came_after = check_progress::of(db, &checks.iter().map(|check| check.id).collect::<Vec<_>>())?;
    let nothing = Progress::default();
    let rows = checks
        .iter()
        .map(|check| {
            let progress = came_after.get(&check.id).unwrap_or(&nothing);
            vec![
                check.id.to_string().into(),
                check.checked_at.to_string().into(),
                check.service_date.into(),
                if check.retrospective { "true" } else { "false" }.into(),
                check.facility_id.to_string().into(),
                check.participant_id.map(|person| person.to_string()).into(),
                check.care_type.as_str().into(),
                check.decision.as_str().into(),
                check.failing.clone().into(),
                check.valid_until.to_string().into(),
                progress.complete_by(check).map(|by| by.to_string()).into(),
                progress.standing(check, context.now).map(|standing| standing.to_string()).into(),
                check.override_of.map(|check| check.to_string()).into(),
                check.asked_by.to_string().into(),
            ]
        })
        .collect();
    Ok(Page { rows, last: last_of(checks.iter().map(|check| check.id)) })
}
