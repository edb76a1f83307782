//! Participants as they stand today, in the columns in which they are imported.

use std::collections::HashMap;

use super::{App, PAGE, Page, Wanted, hidden, last_of, nik};
use crate::context::Context;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::domain::sheets::Cell;
use crate::error::Result;
use crate::service::profiles::stay_since;
use crate::store;
use crate::store::db::Db;
use crate::store::reading::Reading;

pub(super) fn page(app: &App, db: &mut Db, reading: &mut Reading, context: &Context, wanted: &Wanted, after: Option<Id>) -> Result<Page> {
    let today = app.city.today(context.now);
    let state = wanted.filter.state.as_deref().and_then(|state| state.parse().ok());
    let rows = store::participants::page_after(db, wanted.filter.village_code, state, after, PAGE)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let homes = store::households::open_memberships(db, &ids)?;
    let households: Vec<Id> = homes.iter().map(|home| home.household_id).collect();
    let households: HashMap<Id, String> =
        store::households::all(db, reading, &households)?.into_iter().map(|one| (one.id, one.cell.kk_number)).collect();
    let homes: HashMap<Id, _> = homes.into_iter().map(|home| (home.participant_id, home)).collect();
    let mut stays: HashMap<Id, Vec<_>> = HashMap::new();
    for stay in store::residencies::of(db, &ids)? {
        stays.entry(stay.participant_id).or_default().push(stay.period());
    }
    let jkn: HashMap<Id, _> =
        store::jkn::of(db, &ids)?.into_iter().filter(|row| row.period().holds_on(today)).map(|row| (row.participant_id, row.period())).collect();
    // The active one, else the newest: they come by age, and an active one is not replaced by what follows it.
    let mut cards: HashMap<Id, store::enrollments::Enrollment> = HashMap::new();
    for enrollment in store::enrollments::of(db, reading, &ids)? {
        let kept = cards.get(&enrollment.participant_id).is_some_and(|kept| kept.standing.state == EnrollmentState::Active);
        if !kept {
            cards.insert(enrollment.participant_id, enrollment);
        }
    }
    let keyring = db.keyring();
    let identifiers = wanted.identifiers;
    let mut cells = Vec::with_capacity(rows.len());
    for row in &rows {
        let person = row.open(&keyring, reading)?;
        let home = homes.get(&row.id);
        let (card, member) = (cards.get(&row.id), jkn.get(&row.id));
        let known_name = person.identity.known_name().map(str::to_owned);
        cells.push(vec![
            row.id.to_string().into(),
            row.state.as_str().into(),
            nik(identifiers, &person.identity.nik),
            hidden(identifiers, home.and_then(|home| households.get(&home.household_id).cloned())),
            home.map(|home| home.relation.as_str()).into(),
            known_name.into(),
            person.identity.known_birth_date().into(),
            person.sex.as_str().into(),
            person.village_code.to_string().into(),
            Cell::from(person.contact.rt.clone()),
            Cell::from(person.contact.rw.clone()),
            hidden(identifiers, Some(person.contact.address.clone())),
            hidden(identifiers, person.contact.phone.clone()),
            stays.get(&row.id).and_then(|stays| stay_since(stays, &app.city.code, today)).into(),
            hidden(identifiers, person.contact.mother_name.clone()),
            hidden(identifiers, card.and_then(|card| card.card_number.clone())),
            card.and_then(|card| card.standing.issued_on).into(),
            member.map(|member| member.segment.as_str()).into(),
            member.map(|member| member.state.as_str()).into(),
            member.map(|member| member.valid_from).into(),
        ]);
    }
    Ok(Page { rows: cells, last: last_of(ids.into_iter()) })
}
