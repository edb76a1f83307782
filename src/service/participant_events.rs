//! Status events: moving, dying, suspension and the like, recorded with their date and revoked when they were wrong. Where someone lives and what
//! their record is worth follow from the events that stand.

use chrono::NaiveDate;

use super::idempotency::Once;
use super::profiles::standing;
use super::{App, memberships, merges};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::moves::{Move, MoveFault, after_moves};
use crate::domain::participants::{ParticipantState, StatusEventKind};
use crate::domain::registration::Relation;
use crate::domain::residency::{ResidencyPeriod, VillageCode};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::participant_events::Event;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::sealed::EventCell;

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
    store::participants::lock_all(tx, &both)?;
    let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    if told.date < participant.identity.birth_date {
        return Err(Fault::at("/date", "DATE_BEFORE_BIRTH").into());
    }
    let mut events = store::participant_events::of(tx, &reading, id)?;
    let mut event = Event {
        id: ids.event,
        participant_id: id,
        kind: told.kind,
        happened_on: told.date,
        cell: EventCell {
            village_code: told.village_code,
            kk_number: told.kk_number.map(|kk| kk.digits().to_owned()),
            document_number: told.document_number.clone(),
            to_participant_id: told.to_participant_id,
            note: told.note.clone(),
            left_membership: None,
        },
        recorded_at: context.now,
        recorded_by,
        revoked_at: None,
        revoked_by: None,
    };
    let before = standing(&participant, &events, told.date);
    events.push(event.clone());
    let changes_nothing = standing(&participant, &events, told.date) == before;
    let stays = match told.kind {
        StatusEventKind::MovedIn | StatusEventKind::MovedOut => relive(tx, id, &events, &[ids.stay])?.map_err(|fault| match fault {
            MoveFault::BeforeFirstStay => Fault::at("/date", "DATE_BEFORE_RESIDENCE").into(),
            MoveFault::AlreadyAway => Error::refused(Code::StateConflict),
        })?,
        // An event that changes nothing is a mistake about the person, or the same event sent twice.
        _ if changes_nothing => return Err(Error::refused(Code::StateConflict)),
        StatusEventKind::Merged => {
            merges::merge(tx, &mut reading, &participant, told.to_participant_id, today)?;
            stays_of(tx, id)?
        }
        StatusEventKind::Unmerged => {
            merges::unmerge(tx, &participant)?;
            stays_of(tx, id)?
        }
        StatusEventKind::Deceased
        | StatusEventKind::Suspended
        | StatusEventKind::Reinstated
        | StatusEventKind::NikInactive
        | StatusEventKind::Duplicate => stays_of(tx, id)?,
    };
    if let Some(kk_number) = &told.kk_number {
        let household = memberships::household_of(tx, context, kk_number, &participant, ids.household)?;
        let current = store::households::open_memberships(tx, &[id])?.pop();
        let relation = current.map_or(Relation::Other, |current| current.relation);
        event.cell.left_membership = memberships::change_membership(tx, current, id, (household, relation), told.date, ids.event)?;
    }
    store::participant_events::insert(tx, &event)?;
    let state = settle_one(tx, context, &participant, &events, &stays, today)?;
    if told.date > today {
        store::participant_events::note_due(tx, told.date, id)?;
    }
    tx.record(
        audit::Event::new(context, "participant.event_recorded")
            .object(ids.event)
            .about(std::iter::once(id).chain(told.to_participant_id))
            .with("kind", told.kind)
            .with("date", told.date)
            .with("details", &event.cell),
    );
    Ok(Recorded { event: event.clone(), state })
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
    let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    let mut events = store::participant_events::of(tx, &reading, id)?;
    let event = events.iter_mut().find(|event| event.id == event_id).ok_or(Error::refused(Code::NotFound))?;
    if event.revoked_at.is_some() || !store::participant_events::revoke(tx, event_id, context.now, by)? {
        return Err(Error::refused(Code::StateConflict));
    }
    event.revoked_at = Some(context.now);
    event.revoked_by = Some(by);
    let event = event.clone();
    let stays = match event.kind {
        // A later move may need this one: that one is revoked first.
        StatusEventKind::MovedIn | StatusEventKind::MovedOut => {
            relive(tx, id, &events, &stay_ids)?.map_err(|_| Error::refused(Code::StateConflict))?
        }
        StatusEventKind::Merged => {
            merges::unmerge(tx, &participant)?;
            stays_of(tx, id)?
        }
        StatusEventKind::Unmerged => {
            let into = events.iter().rev().find(|event| event.kind == StatusEventKind::Merged && event.revoked_at.is_none());
            merges::merge(tx, &mut reading, &participant, into.and_then(|merge| merge.cell.to_participant_id), today)?;
            stays_of(tx, id)?
        }
        StatusEventKind::Deceased
        | StatusEventKind::Suspended
        | StatusEventKind::Reinstated
        | StatusEventKind::NikInactive
        | StatusEventKind::Duplicate => stays_of(tx, id)?,
    };
    return_to_household(tx, &event)?;
    let state = settle_one(tx, context, &participant, &events, &stays, today)?;
    tx.record(
        audit::Event::new(context, "participant.event_revoked")
            .object(event_id)
            .about(std::iter::once(id).chain(event.cell.to_participant_id))
            .with("kind", event.kind)
            .with("date", event.happened_on)
            .with("reason", reason),
    );
    Ok(Recorded { event, state })
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
fn relive(tx: &mut Tx, id: Id, events: &[Event], new_ids: &[Id]) -> Result<std::result::Result<Vec<ResidencyPeriod>, MoveFault>> {
    let known = store::residencies::of(tx, &[id])?;
    let Some(first) = known.first() else { return Err(Error::internal("a participant who never lived anywhere")) };
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
    match after_moves(&first.period(), &moves) {
        Ok(stays) => {
            store::residencies::become_these(tx, id, &known, &stays, new_ids)?;
            Ok(Ok(stays))
        }
        Err(fault) => Ok(Err(fault)),
    }
}

/// Undoes the change of household that came with a move, if nothing has happened to either membership since.
fn return_to_household(tx: &mut Tx, event: &Event) -> Result<()> {
    let Some(left) = event.cell.left_membership else { return Ok(()) };
    let (entered, left) = (store::households::membership(tx, event.id)?, store::households::membership(tx, left)?);
    if let (Some(entered), Some(left)) = (entered, left)
        && entered.valid_to.is_none()
        && left.valid_to == event.happened_on.pred_opt()
    {
        store::households::delete_membership(tx, entered.id)?;
        store::households::put_memberships(tx, &[store::households::Membership { valid_to: None, ..left }])?;
    }
    Ok(())
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
