//! Enrolments with the people whom they are for.

use std::collections::HashMap;

use super::{App, PAGE, Page, Wanted, last_of, nik};
use crate::domain::id::Id;
use crate::domain::sheets::Cell;
use crate::domain::time::{Period, UtcTime};
use crate::error::Result;
use crate::store;
use crate::store::db::Db;
use crate::store::enrollment_requests::Filter;
use crate::store::reading::Reading;

pub(super) fn page(app: &App, db: &mut Db, reading: &mut Reading, wanted: &Wanted, after: Option<Id>) -> Result<Page> {
    // A date so far away that it has no next one bounds nothing.
    let end_of = |date| UtcTime::end_of_date(date, app.city.offset).map(|end| end.plus(chrono::Duration::microseconds(1)));
    let (from, to) = (wanted.filter.from, wanted.filter.to);
    let filed = Period { from: from.and_then(|date| end_of(date.pred_opt()?)), until: to.and_then(end_of) };
    let state = wanted.filter.state.as_deref().and_then(|state| state.parse().ok());
    let requests = store::enrollment_requests::page_after(db, &Filter { state, filed, ..Filter::default() }, after, PAGE)?;
    let mut people: Vec<Id> = requests.iter().map(|request| request.participant_id).collect();
    people.sort_unstable();
    people.dedup();
    let keyring = db.keyring();
    let mut persons = HashMap::new();
    for row in store::participants::rows(db, &people)? {
        persons.insert(row.id, (row.identity(&keyring, reading)?, row.village_code));
    }
    let mut rows = Vec::with_capacity(requests.len());
    for request in &requests {
        let person = persons.get(&request.participant_id);
        rows.push(vec![
            request.id.to_string().into(),
            request.number.clone().into(),
            request.participant_id.to_string().into(),
            person.map_or(Cell::Empty, |(identity, _)| nik(wanted.identifiers, &identity.nik)),
            person.and_then(|(identity, _)| identity.known_name().map(str::to_owned)).into(),
            person.map(|(_, village)| village.to_string()).into(),
            request.state.as_str().into(),
            request.card_state.as_str().into(),
            request.issued_on.into(),
            request.ended_on.into(),
            request.channel.map(|channel| channel.as_str()).into(),
            request.filer.map(|filer| filer.as_str()).into(),
            request.filed_by.map(|user| user.to_string()).into(),
            request.created_at.to_string().into(),
            request.due().map(|due| due.to_string()).into(),
        ]);
    }
    Ok(Page { rows, last: last_of(requests.iter().map(|request| request.id)) })
}
