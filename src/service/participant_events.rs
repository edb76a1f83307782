//! Status events: moving, dying, suspension and the like, recorded with their date and revoked when they were wrong. Where someone lives and what
//! their record is worth follow from the events that stand.

use chrono::NaiveDate;

use super::idempotency::Once;
use super::imports::{People, RefusalCode, RowOutcome};
use super::profiles::standing;
use super::{App, affected_checks, memberships, merges};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{Column, EventRow};
use crate::domain::kk::KkNumber;
use crate::domain::moves::{Move, MoveFault, after_moves};
use crate::domain::participants::{ParticipantState, StatusEventKind};
use crate::domain::residency::{ResidencyPeriod, VillageCode};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit;
use crate::store::db::{Db, Tx, rehearse, write, write_quietly};
use crate::store::gate::Priority;
use crate::store::participant_events::Event;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::sealed::{EventCell, LeftMembership};

/// What is told about an event.
#[derive(Clone)]
pub struct Told {
    pub kind: StatusEventKind,
    pub date: NaiveDate,
    pub village_code: Option<VillageCode>,
    pub kk_number: Option<KkNumber>,
    pub document_number: Option<String>,
    pub to_participant_id: Option<Id>,
    pub note: Option<String>,
}

/// An event and the state that holds today because of it.
pub struct Recorded {
    pub event: Event,
    pub state: ParticipantState,
}

/// The ids of the rows that an event may make.
#[derive(Clone, Copy)]
pub(super) struct NewIds {
    event: Id,
    stay: Id,
    household: Id,
}

impl NewIds {
    pub fn new(context: &Context) -> Self {
        Self { event: context.new_id(), stay: context.new_id(), household: context.new_id() }
    }
}

pub fn record(app: &App, db: &mut Db, context: &Context, id: Id, told: &Told, once: &Once<'_, Recorded>) -> Result<Recorded> {
    judge(app, context, told)?;
    let ids = NewIds::new(context);
    once.write(db, Priority::People, |tx| happen(app, tx, context, (id, ids), told))
}

/// What an event would give, with nothing of it stored.
pub struct Preview {
    pub state: ParticipantState,
    pub state_on_date: ParticipantState,
    pub stays: Vec<ResidencyPeriod>,
    pub checks: affected_checks::Page,
}

pub fn preview(app: &App, db: &mut Db, context: &Context, id: Id, told: &Told, limit: i64) -> Result<Preview> {
    judge(app, context, told)?;
    let ids = NewIds::new(context);
    let preview = rehearse(db, Priority::People, |tx| {
        let recorded = happen(app, tx, context, (id, ids), told)?;
        let mut reading = Reading::within(tx);
        let participant = store::participants::find(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        let events = store::participant_events::of(tx, &reading, id)?;
        let state_on_date = standing(&participant, &events, told.date).state();
        Ok(Preview { state: recorded.state, state_on_date, stays: stays_of(tx, id)?, checks: affected_checks::page(app, tx, id, None, limit)? })
    })?;
    write(db, Priority::People, |tx| {
        let event = audit::Event::new(context, "participant.event_previewed").object(id);
        tx.record(event.about(std::iter::once(id).chain(told.to_participant_id)).with("kind", told.kind).with("date", told.date));
        Ok(())
    })?;
    Ok(preview)
}

pub(super) fn judge(app: &App, context: &Context, told: &Told) -> Result<()> {
    let faults = faults_of(told, app.city.today(context.now), &app.city.code);
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Records an event with all that follows from it.
pub(super) fn happen(app: &App, tx: &mut Tx, context: &Context, (id, ids): (Id, NewIds), told: &Told) -> Result<Recorded> {
    let today = app.city.today(context.now);
    let recorded_by = context.signed_in()?.user_id;
    let mut reading = Reading::within(tx);
    // Both at once and in the order of their ids: of two who merge each into the other one comes too late.
    let both: Vec<Id> = std::iter::once(id).chain(told.to_participant_id).collect();
    merges::lock_with_way_up(tx, &both)?;
    let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    if told.kind != StatusEventKind::Unmerged {
        merges::refuse_merged(tx, id)?;
    }
    if told.date < participant.identity.birth_date {
        return Err(Fault::at("/date", "DATE_BEFORE_BIRTH").into());
    }
    let mut events = store::participant_events::of(tx, &reading, id)?;
    let mut event = event_of(context, (id, ids.event), told, recorded_by);
    let before = standing(&participant, &events, told.date);
    events.push(event.clone());
    let changes_nothing = standing(&participant, &events, told.date) == before;
    let stays = match told.kind {
        // The dead do not move.
        StatusEventKind::MovedIn | StatusEventKind::MovedOut if before.deceased.is_some() => return Err(Error::refused(Code::StateConflict)),
        StatusEventKind::MovedIn | StatusEventKind::MovedOut => {
            relive(tx, id, &events, Some(ids.event), &[ids.stay])?.map_err(|fault| match fault {
                MoveFault::BeforeFirstStay => Fault::at("/date", "DATE_BEFORE_RESIDENCE").into(),
                MoveFault::AlreadyAway => Error::refused(Code::StateConflict),
            })?
        }
        // An event that changes nothing is a mistake about the person, or the same event sent twice.
        _ if changes_nothing => return Err(Error::refused(Code::StateConflict)),
        // A merge that was undone on a later date does not hold now.
        StatusEventKind::Merged if standing(&participant, &events, today).merged.is_none() => return Err(Error::refused(Code::StateConflict)),
        StatusEventKind::Merged
        | StatusEventKind::Unmerged
        | StatusEventKind::Deceased
        | StatusEventKind::Suspended
        | StatusEventKind::Reinstated
        | StatusEventKind::NikInactive
        | StatusEventKind::Duplicate => stays_of(tx, id)?,
    };
    if told.kind == StatusEventKind::Merged {
        merges::require_target(tx, &mut reading, &participant, told.to_participant_id)?;
    }
    let touched = merges::settle(tx, &merges::Clerk { context, today }, &mut reading, &participant, &events)?;
    if let Some(kk_number) = &told.kk_number {
        let household = memberships::household_of(tx, context, kk_number, &participant, ids.household)?;
        let over = memberships::enter_from(tx, id, household, told.date, ids.event)?;
        event.cell.entered_household = Some(household);
        event.cell.overwritten = over.map(LeftMembership::from);
    }
    store::participant_events::insert(tx, &event)?;
    let state = settle_one(tx, context, &participant, &events, &stays, today)?;
    if told.date > today {
        store::participant_events::note_due(tx, told.date, id)?;
    }
    tx.record(
        audit::Event::new(context, "participant.event_recorded")
            .object(ids.event)
            .about(about(id, told.to_participant_id, &touched))
            .with("kind", told.kind)
            .with("date", told.date)
            .with("participant_id", id)
            .with("details", &event.cell),
    );
    Ok(Recorded { event, state })
}

fn event_of(context: &Context, (participant_id, id): (Id, Id), told: &Told, recorded_by: Id) -> Event {
    let cell = EventCell {
        village_code: told.village_code,
        kk_number: told.kk_number.map(|kk| kk.digits().to_owned()),
        document_number: told.document_number.clone(),
        to_participant_id: told.to_participant_id,
        note: told.note.clone(),
        entered_household: None,
        overwritten: None,
    };
    Event {
        id,
        participant_id,
        kind: told.kind,
        happened_on: told.date,
        cell,
        recorded_at: context.now,
        recorded_by,
        revoked_at: None,
        revoked_by: None,
    }
}

/// Both sides of a merge have it in their history.
fn about(id: Id, to: Option<Id>, touched: &[Id]) -> Vec<Id> {
    let mut about: Vec<Id> = std::iter::once(id).chain(to).chain(touched.iter().copied()).collect();
    about.sort_unstable();
    about.dedup();
    about
}

/// What files tell: each event is recorded as `record` records one, and one that cannot be costs none of the others.
pub(super) fn record_all(app: &App, tx: &mut Tx, context: &Context, rows: &[&EventRow]) -> Result<Vec<RowOutcome>> {
    let today = app.city.today(context.now);
    let people = People::of(tx, rows.iter().map(|row| &row.nik))?;
    let mut outcomes = Vec::with_capacity(rows.len());
    for (row, person) in rows.iter().zip(people.each()) {
        let id = match person {
            Ok(id) => id,
            Err(refused) => {
                outcomes.push(refused);
                continue;
            }
        };
        let told = Told::from(*row);
        let faults = faults_of(&told, today, &app.city.code);
        let outcome = if !faults.is_empty() {
            RowOutcome::of_refusal(Error::Invalid(faults))?
        } else if let Some(outcome) = known(tx, id, &told)? {
            outcome
        } else {
            let ids = NewIds::new(context);
            match tx.attempt(|tx| happen(app, tx, context, (id, ids), &told)) {
                Ok(_) => RowOutcome::Created(id),
                Err(error) => RowOutcome::of_refusal(error)?,
            }
        };
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// An event that a file tells again, or tells otherwise than it is recorded.
fn known(tx: &mut Tx, id: Id, told: &Told) -> Result<Option<RowOutcome>> {
    let reading = Reading::within(tx);
    let events = store::participant_events::of(tx, &reading, id)?;
    let mut recorded = events.iter().filter(|event| event.revoked_at.is_none() && event.kind == told.kind);
    if told.kind == StatusEventKind::Deceased {
        return Ok(recorded.next().map(|death| match death.happened_on == told.date {
            true => RowOutcome::Unchanged(id),
            false => RowOutcome::refused(Column::Date, RefusalCode::DeathDateDiffers),
        }));
    }
    Ok(recorded.find(|event| event.happened_on == told.date).map(|event| {
        let same_home = told.kk_number.is_none_or(|kk| event.cell.kk_number.as_deref() == Some(kk.digits()));
        match same_home && event.cell.village_code == told.village_code {
            true => RowOutcome::Unchanged(id),
            false => RowOutcome::refused(Column::Date, RefusalCode::MoveDiffers),
        }
    }))
}

impl From<&EventRow> for Told {
    fn from(row: &EventRow) -> Self {
        let EventRow { kind, date, village_code, kk_number, document_number, note, .. } = row;
        Self {
            kind: *kind,
            date: *date,
            village_code: *village_code,
            kk_number: *kk_number,
            document_number: document_number.clone(),
            to_participant_id: None,
            note: note.clone(),
        }
    }
}

pub fn revoke(app: &App, db: &mut Db, context: &Context, id: Id, event_id: Id, reason: &str, once: &Once<'_, Recorded>) -> Result<Recorded> {
    let stay_ids = std::array::from_fn(|_| context.new_id());
    once.write(db, Priority::People, |tx| take_back(app, tx, context, (id, event_id, stay_ids), reason))
}

/// Takes an event back with all that followed from it. It may bring back one stay that had been merged into another.
pub(super) fn take_back(app: &App, tx: &mut Tx, context: &Context, (id, event_id, stay_ids): (Id, Id, [Id; 2]), reason: &str) -> Result<Recorded> {
    let today = app.city.today(context.now);
    let by = context.signed_in()?.user_id;
    let mut reading = Reading::within(tx);
    // A merge may come to hold again.
    let targets = store::participant_events::of(tx, &reading, id)?.into_iter().filter_map(|event| event.cell.to_participant_id);
    merges::lock_with_way_up(tx, &std::iter::once(id).chain(targets).collect::<Vec<Id>>())?;
    let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    let mut events = store::participant_events::of(tx, &reading, id)?;
    let event = events.iter_mut().find(|event| event.id == event_id).ok_or(Error::refused(Code::NotFound))?;
    if event.revoked_at.is_some() || !store::participant_events::revoke(tx, event_id, context.now, by)? {
        return Err(Error::refused(Code::StateConflict));
    }
    event.revoked_at = Some(context.now);
    event.revoked_by = Some(by);
    let event = event.clone();
    // The household of that day is told by the later word: that one is revoked first.
    if events.iter().any(|other| household_rests_on(&event, other)) {
        return Err(Error::refused(Code::StateConflict));
    }
    let stays = match event.kind {
        StatusEventKind::Merged | StatusEventKind::Unmerged => stays_of(tx, id)?,
        StatusEventKind::MovedIn | StatusEventKind::MovedOut => {
            merges::refuse_merged(tx, id)?;
            // A later move may need this one: that one is revoked first.
            relive(tx, id, &events, None, &stay_ids)?.map_err(|_| Error::refused(Code::StateConflict))?
        }
        StatusEventKind::Deceased
        | StatusEventKind::Suspended
        | StatusEventKind::Reinstated
        | StatusEventKind::NikInactive
        | StatusEventKind::Duplicate => {
            merges::refuse_merged(tx, id)?;
            stays_of(tx, id)?
        }
    };
    let touched = merges::settle(tx, &merges::Clerk { context, today }, &mut reading, &participant, &events)?;
    memberships::leave_again(tx, id, (event_id, event.cell.entered_household), event.cell.overwritten)?;
    let state = settle_one(tx, context, &participant, &events, &stays, today)?;
    tx.record(
        audit::Event::new(context, "participant.event_revoked")
            .object(event_id)
            .about(about(id, event.cell.to_participant_id, &touched))
            .with("kind", event.kind)
            .with("date", event.happened_on)
            .with("participant_id", id)
            .with("reason", reason),
    );
    Ok(Recorded { event, state })
}

/// Did another event that stands write over the household of this one?
fn household_rests_on(event: &Event, other: &Event) -> bool {
    let over = other.cell.overwritten.filter(|_| other.revoked_at.is_none() && other.id > event.id);
    over.is_some_and(|over| over.id == event.id || event.cell.overwritten.is_some_and(|own| own.id == over.id))
}

/// What is wrong with an event before the person is looked at.
fn faults_of(told: &Told, today: NaiveDate, city: &str) -> Vec<Fault> {
    use StatusEventKind::*;
    let mut faults = Vec::new();
    let may_lie_ahead = match told.kind {
        MovedOut | MovedIn | Suspended | Reinstated | NikInactive => true,
        Deceased | Duplicate | Merged | Unmerged => false,
    };
    if !may_lie_ahead && told.date > today {
        faults.push(Fault::at("/date", "DATE_IN_FUTURE"));
    }
    let (village_wanted, village_known) = match told.kind {
        MovedIn => (true, told.village_code.is_none_or(|village| village.is_in(city))),
        // Where someone went lies outside the city's list.
        MovedOut => (told.village_code.is_some(), told.village_code.is_none_or(|village| !village.is_in(city))),
        Deceased | Suspended | Reinstated | NikInactive | Duplicate | Merged | Unmerged => (false, true),
    };
    for (pointer, given, wanted) in [
        ("/village_code", told.village_code.is_some(), village_wanted),
        ("/to_participant_id", told.to_participant_id.is_some(), told.kind == Merged),
        ("/kk_number", told.kk_number.is_some(), told.kk_number.is_some() && told.kind == MovedIn),
    ] {
        match (given, wanted) {
            (true, false) => faults.push(Fault::at(pointer, "FIELD_NOT_FOR_THIS_KIND")),
            (false, true) => faults.push(Fault::at(pointer, "FIELD_MISSING")),
            (true, true) | (false, false) => {}
        }
    }
    if village_wanted && !village_known {
        faults.push(Fault::at("/village_code", "VILLAGE_UNKNOWN"));
    }
    faults
}

fn stays_of(tx: &mut Tx, id: Id) -> Result<Vec<ResidencyPeriod>> {
    Ok(store::residencies::of(tx, &[id])?.iter().map(|stay| stay.period()).collect())
}

/// Lives through the moves again and keeps the stays that follow. A stay that is known keeps its village, which may have been corrected.
fn relive(
    tx: &mut Tx,
    id: Id,
    events: &[Event],
    new_event: Option<Id>,
    new_ids: &[Id],
) -> Result<std::result::Result<Vec<ResidencyPeriod>, MoveFault>> {
    let known = store::residencies::of(tx, &[id])?;
    // A first stay that a move made is lived through like any other; only one that was registered stands by itself.
    let by_a_move = |from: NaiveDate| {
        let mut moved_in = events.iter().filter(|event| event.kind == StatusEventKind::MovedIn && Some(event.id) != new_event);
        moved_in.any(|event| event.happened_on == from)
    };
    let first = known.first().filter(|stay| !by_a_move(stay.resident_since)).map(|stay| stay.period());
    let village_from = |date: NaiveDate| known.iter().find(|stay| stay.resident_since == date).map(|stay| stay.village_code);
    let moves: Vec<Move> = events
        .iter()
        .filter(|event| event.revoked_at.is_none())
        .filter_map(|event| match event.kind {
            StatusEventKind::MovedOut => Some(Move { date: event.happened_on, to: None }),
            StatusEventKind::MovedIn => Some(Move { date: event.happened_on, to: village_from(event.happened_on).or(event.cell.village_code) }),
            StatusEventKind::Deceased
            | StatusEventKind::Suspended
            | StatusEventKind::Reinstated
            | StatusEventKind::NikInactive
            | StatusEventKind::Duplicate
            | StatusEventKind::Merged
            | StatusEventKind::Unmerged => None,
        })
        .collect();
    match after_moves(first.as_ref(), &moves) {
        Ok(stays) => {
            store::residencies::become_these(tx, id, &known, &stays, new_ids)?;
            Ok(Ok(stays))
        }
        Err(fault) => Ok(Err(fault)),
    }
}

/// Writes what holds today.
fn settle_one(
    tx: &mut Tx,
    context: &Context,
    participant: &Participant,
    events: &[Event],
    stays: &[ResidencyPeriod],
    today: NaiveDate,
) -> Result<ParticipantState> {
    let state = standing(participant, events, today).state();
    let village = stays.iter().rfind(|stay| stay.from <= today).map_or(participant.village_code, |stay| stay.village_code);
    store::participants::set_standing(tx, participant.id, state, village, context.now)?;
    Ok(state)
}

/// People whose standing changes by itself on a date that has come. Small turns, so that nobody waits for them.
pub fn settle_due(app: &App, db: &mut Db) -> Result<()> {
    const AT_ONCE: i64 = 50;
    loop {
        let context = app.context();
        let today = app.city.today(context.now);
        let settled = write_quietly(db, Priority::Bulk, "the event that is due is in the log since it was recorded", |tx| {
            let due = store::participant_events::due(tx, today, AT_ONCE)?;
            let mut reading = Reading::within(tx);
            for (on, id) in &due {
                if let Some(participant) = store::participants::lock(tx, &mut reading, *id)? {
                    let events = store::participant_events::of(tx, &reading, *id)?;
                    let stays = stays_of(tx, *id)?;
                    settle_one(tx, &context, &participant, &events, &stays, today)?;
                }
                store::participant_events::settled(tx, *on, *id)?;
            }
            Ok(due.len())
        })?;
        if settled == 0 {
            return Ok(());
        }
    }
}
