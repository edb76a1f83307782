//! Many people at once, as files bring them: new ones are entered, known ones compared and brought up to date, and a row that cannot be taken is told
//! without hindering the others. A slice of some hundred rows is one transaction with few statements, whatever its length.

use super::imports::RowOutcome;
use super::registrations::{self, Newcomer};
use super::upsert_plan::{Plan, Row};
use super::{App, memberships};
use crate::context::Context;
use crate::domain::enrollments::{EnrollmentAction, EnrollmentState};
use crate::domain::id::Id;
use crate::error::{Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::enrollment_steps::Step;
use crate::store::reading::Reading;

/// Takes a slice of rows within a transaction that also keeps what became of them; the outcomes come in their order. A second run of the same rows
/// changes nothing.
pub fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[Row<'_>]) -> Result<Vec<RowOutcome>> {
    let today = app.city.today(context.now);
    let mut reading = Reading::within(tx);
    let known = known_people(tx, rows)?;
    store::participants::lock_all(tx, &known)?;
    let plan = Plan::make(tx, &mut reading, rows, &app.city.code, today, context.now)?;
    // They were compared with what the file says, and shown to nobody.
    plan.known().for_each(|person| reading.passes_over(person));
    carry_out(tx, context, &plan, today)?;
    let mut touched = plan.outcomes.iter().filter_map(RowOutcome::touched).peekable();
    if touched.peek().is_some() {
        tx.record(Event::new(context, "participants.imported").about(touched).with("rows", rows.len()).with("people", &plan.changes));
    }
    Ok(plan.outcomes)
}

fn known_people(db: &mut Db, rows: &[Row<'_>]) -> Result<Vec<Id>> {
    let keyring = db.keyring();
    let niks = rows.iter().map(|row| Ok(keyring.nik_index(&row.row.registration.nik)?.value)).collect::<Result<Vec<_>>>()?;
    let mut people: Vec<Id> = store::participants::of_niks(db, &niks)?.into_values().collect();
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

fn carry_out(tx: &mut Tx, context: &Context, plan: &Plan<'_>, today: chrono::NaiveDate) -> Result<()> {
    let now = context.now;
    if store::participants::take_niks(tx, &plan.niks)? < plan.niks.len() {
        return Err(registrations::overtaken());
    }
    let newcomers: Vec<&Newcomer<'_>> = plan.newcomers.clone();
    let housed: Vec<&Newcomer<'_>> = newcomers.iter().copied().chain(plan.rehoused.iter().map(|(newcomer, _)| *newcomer)).collect();
    let households = registrations::households_for(tx, &housed, now)?;
    registrations::enter(tx, &newcomers, &households, now)?;

    let keyring = tx.keyring();
    let mut changed_memberships = Vec::new();
    for (newcomer, current) in &plan.rehoused {
        let kk = keyring.kk_index(&newcomer.registration.kk_number)?;
        let household = *households.get(&kk.value).ok_or_else(|| Error::internal("a household is missing"))?;
        let to = (household, newcomer.registration.relation);
        let person = current.participant_id;
        changed_memberships.extend(memberships::after_change(Some(*current), person, to, today, newcomer.membership).0);
    }
    store::households::put_memberships(tx, &changed_memberships)?;
    store::participants::update_all(tx, &plan.people, now)?;
    let renamed: Vec<Id> = plan.renamed.clone();
    store::participants::delete_name_words(tx, &renamed)?;
    let mut words = Vec::new();
    for person in plan.people.iter().filter(|person| renamed.contains(&person.id)) {
        words.extend(registrations::name_words(&keyring, &person.identity.name, person.identity.birth_date, person.id)?);
    }
    store::participants::insert_name_words(tx, &words)?;
    store::residencies::put_all(tx, &plan.stays)?;
    store::jkn::put_all(tx, &plan.jkn)?;
    store::enrollments::put_all(tx, &plan.enrollments, now)?;
    let step = |enrollment: &Id| Step::new(context, *enrollment, EnrollmentAction::Expire, EnrollmentState::Expired);
    store::enrollment_steps::insert_all(tx, &plan.lapsed.iter().map(step).collect::<Vec<_>>())?;
    if store::enrollments::take_cards(tx, &plan.cards)? < plan.cards.len() {
        return Err(registrations::overtaken());
    }
    Ok(())
}
