//! The course of a letter: the patient comes, stays longer, goes to another ward or hospital, and leaves; or nobody comes.

use chrono::NaiveDate;

use super::{Asked, Told, check_of, follow, held, judge, known, money, number, standing, store_new, tell, terms};
use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::FacilityKind;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::{DischargeStatus, LetterAction, LetterState};
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::error::{Code, Error, Fault, Result};
use crate::service::idempotency::Once;
use crate::service::{App, bases, changes};
use crate::store::audit::Event;
use crate::store::claims;
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::letters::{self, Letter};

pub struct Discharge {
    pub discharged_on: NaiveDate,
    pub status: DischargeStatus,
}

pub struct Conversion {
    pub care_type: CareType,
    /// Another check of the same patient, on which the letter rests from then on.
    pub check_id: Option<Id>,
    pub diagnosis: Icd10Code,
    pub ward_class: Option<WardClass>,
    pub estimated_amount: Option<Rupiah>,
}

pub struct Extension {
    pub until: NaiveDate,
    pub reason: String,
}

pub struct Transfer {
    pub to_facility_id: Id,
    pub date: NaiveDate,
    pub reason: String,
}

/// The state after an action on a letter as it stands now; a letter whose time is over takes none.
fn after(app: &App, context: &Context, letter: &Letter, action: LetterAction) -> Result<LetterState> {
    let now = standing(app, context, letter);
    now.after(action).ok_or_else(|| Error::conflict(Code::LetterState, serde_json::json!({ "state": now })))
}

/// Stores a letter after something was done with it, and notes it.
fn noted(tx: &mut Tx, context: &Context, letter: &mut Letter, action: LetterAction, reason: Option<&str>) -> Result<()> {
    letters::update(tx, letter, context.now)?;
    letters::note(tx, context, letter, action, reason)?;
    let event = Event::new(context, "letter.changed").object(letter.id).about([letter.participant_id]).with("action", action);
    tx.record(event.with("state", letter.state).tells(changes::of_letter(letter, action)));
    Ok(())
}

fn not_after(date: NaiveDate, today: NaiveDate, pointer: &'static str) -> Result<()> {
    if date > today { Err(Fault::at(pointer, "DATE_IN_FUTURE").into()) } else { Ok(()) }
}

/// The patient has come: nobody else can use the letter any more.
pub fn admit(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, admitted_on: NaiveDate, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        let state = after(app, context, &letter, LetterAction::Admit)?;
        if letter.admitted_on.is_some() {
            return Err(Error::refused(Code::LetterAdmitted));
        }
        not_after(admitted_on, app.city.today(context.now), "/admitted_on")?;
        if admitted_on < letter.valid_from || admitted_on > letter.valid_until {
            return Err(Fault::at("/admitted_on", "OUTSIDE_LETTER").with("from", letter.valid_from).with("to", letter.valid_until).into());
        }
        money::begin(tx, context, &letter, admitted_on)?;
        (letter.state, letter.admitted_on) = (state, Some(admitted_on));
        noted(tx, context, &mut letter, LetterAction::Admit, None)?;
        tell(app, tx, context, letter)
    })
}

/// The patient has left.
pub fn discharge(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, discharge: &Discharge, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        letter.state = after(app, context, &letter, LetterAction::Discharge)?;
        let admitted_on = present(&letter)?;
        not_after(discharge.discharged_on, app.city.today(context.now), "/discharged_on")?;
        if discharge.discharged_on < admitted_on {
            return Err(Fault::at("/discharged_on", "BEFORE_ADMISSION").into());
        }
        (letter.discharged_on, letter.discharge_status) = (Some(discharge.discharged_on), Some(discharge.status));
        noted(tx, context, &mut letter, LetterAction::Discharge, None)?;
        tell(app, tx, context, letter)
    })
}

/// Since when a patient who came and has not left is here.
fn present(letter: &Letter) -> Result<NaiveDate> {
    match (letter.admitted_on, letter.discharged_on) {
        (Some(admitted_on), None) => Ok(admitted_on),
        (None, _) => Err(Error::refused(Code::LetterNotAdmitted)),
        (Some(_), Some(_)) => Err(Error::refused(Code::LetterDischarged)),
    }
}

/// What was billed is changed with its claim.
fn refuse_billed(tx: &mut Tx, letter: &Letter) -> Result<()> {
    match claims::on_ground(tx, letter.id)?.map(|claim| claims::find(tx, claim)).transpose()?.flatten() {
        None => Ok(()),
        Some(claim) => Err(Error::conflict(Code::AlreadyBilled, serde_json::json!({ "id": claim.id, "number": claim.number, "state": claim.state }))),
    }
}

fn refuse_after_discharge(letter: &Letter) -> Result<()> {
    if letter.discharged_on.is_some() { Err(Error::refused(Code::LetterDischarged)) } else { Ok(()) }
}

/// From one kind of care to another. The check is decided again for it.
pub fn convert(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, to: &Conversion, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        let state = after(app, context, &letter, LetterAction::Convert)?;
        refuse_billed(tx, &letter)?;
        refuse_after_discharge(&letter)?;
        let ward_class = to.ward_class.or(letter.ward_class);
        if to.care_type == CareType::Inpatient && ward_class.is_none() {
            return Err(Fault::at("/ward_class", "WARD_CLASS_MISSING").into());
        }
        let check = check_of(tx, context, &letter, to.check_id)?;
        known(app, &to.diagnosis, check.service_date)?;
        let facility = app.memory.facility(letter.facility_id).ok_or_else(|| Error::internal("a letter of a facility that is not there"))?;
        let asked = Asked { diagnosis: &to.diagnosis, ward_class, care_type: to.care_type, facility: &facility };
        let judged = judge(app, tx, context, &check, &asked)?;
        let grounds = bases::grounds(app, tx, check.basis_id)?;
        let terms = terms(app, &grounds.rule_set, check.service_date)?;
        let validity = terms.validity(to.care_type, letter.admitted_on.unwrap_or(letter.valid_from));
        if check.id != letter.check_id {
            letters::pass_on(tx, letter.id, check.id)?;
            letter.check_id = check.id;
        }
        // What the new check settled, the letter has settled.
        if judged.state == LetterState::Issued && letter.state == LetterState::Provisional && to.check_id.is_some() {
            (letter.complete_by, letter.state) = (None, if letter.admitted_on.is_some() { LetterState::Used } else { LetterState::Issued });
        } else {
            letter.state = state;
        }
        letter.care_type = to.care_type;
        letter.ward_class = ward_class;
        letter.diagnosis_code = to.diagnosis.to_string();
        letter.valid_until = letter.valid_until.max(validity.to.unwrap_or(validity.from));
        let least = terms.usual_amount(to.care_type);
        let amount = to.estimated_amount.unwrap_or_else(|| letter.reserved_amount.max(least));
        money::adjust(tx, context, &mut letter, amount, app.city.today(context.now))?;
        noted(tx, context, &mut letter, LetterAction::Convert, None)?;
        tell(app, tx, context, letter)
    })
}

/// The patient stays longer.
pub fn extend(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, extension: &Extension, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        letter.state = after(app, context, &letter, LetterAction::Extend)?;
        refuse_after_discharge(&letter)?;
        let check = check_of(tx, context, &letter, None)?;
        let grounds = bases::grounds(app, tx, check.basis_id)?;
        let terms = terms(app, &grounds.rule_set, check.service_date)?;
        if i64::from(letter.extensions) >= i64::from(terms.extensions) {
            return Err(Error::conflict(Code::LetterExtendedEnough, serde_json::json!({ "limit": terms.extensions })));
        }
        let longest = terms.longest_extension(letter.valid_until);
        if extension.until <= letter.valid_until {
            return Err(Fault::at("/until", "NOT_LONGER").with("limit", letter.valid_until).into());
        }
        if extension.until > longest {
            return Err(Fault::at("/until", "EXTENSION_TOO_LONG").with("limit", longest).into());
        }
        letter.valid_until = extension.until;
        letter.extensions += 1;
        noted(tx, context, &mut letter, LetterAction::Extend, Some(&extension.reason))?;
        tell(app, tx, context, letter)
    })
}

/// To another hospital, which has a letter of its own from then on. What is told back is that one.
pub fn transfer(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, to: &Transfer, once: &Once<'_, Told>) -> Result<Told> {
    let new_id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        let facility = app.memory.facility(to.to_facility_id).filter(|facility| facility.kind == FacilityKind::Hospital);
        let facility = facility.ok_or_else(|| Fault::at("/to_facility_id", "NOT_A_HOSPITAL"))?;
        let state = after(app, context, &letter, LetterAction::Transfer)?;
        if letter.admitted_on.is_none() {
            refuse_billed(tx, &letter)?;
        }
        refuse_after_discharge(&letter)?;
        if facility.id == letter.facility_id {
            return Err(Fault::at("/to_facility_id", "SAME_FACILITY").into());
        }
        let today = app.city.today(context.now);
        not_after(to.date, today, "/date")?;
        if to.date < letter.admitted_on.unwrap_or(letter.valid_from) {
            return Err(Fault::at("/date", "BEFORE_ADMISSION").into());
        }
        let check = check_of(tx, context, &letter, None)?;
        let diagnosis = letter.diagnosis_code.parse().map_err(|_| Error::internal("a letter with a diagnosis that is none"))?;
        let asked = Asked { diagnosis: &diagnosis, ward_class: letter.ward_class, care_type: letter.care_type, facility: &facility };
        let judged = judge(app, tx, context, &check, &asked)?;
        let grounds = bases::grounds(app, tx, check.basis_id)?;
        let terms = terms(app, &grounds.rule_set, check.service_date)?;
        let validity = terms.validity(letter.care_type, to.date);
        let successor = Letter {
            id: new_id,
            version: 1,
            number: number(app, tx, &facility, today)?,
            state: judged.state,
            participant_id: judged.participant_id,
            facility_id: facility.id,
            valid_from: to.date,
            valid_until: validity.to.unwrap_or(validity.from),
            extensions: 0,
            reserved_amount: letter.reserved_amount.max(terms.usual_amount(letter.care_type)),
            budget_year: chrono::Datelike::year(&to.date),
            pot: Pot::of(&facility),
            previous_letter_id: Some(letter.id),
            admitted_on: None,
            issued_at: context.now,
            issued_by: caller.user_id,
            updated_at: context.now,
            ..letter.clone()
        };
        if letter.admitted_on.is_some() {
            letter.state = state;
            (letter.discharged_on, letter.discharge_status) = (Some(to.date), Some(DischargeStatus::Transferred));
        } else {
            letter.state = LetterState::Cancelled;
            money::release(tx, context, &mut letter, today)?;
        }
        // The patient may come back under a letter of then.
        letters::free(tx, letter.id)?;
        noted(tx, context, &mut letter, LetterAction::Transfer, Some(&to.reason))?;
        store_new(tx, context, &successor)?;
        tell(app, tx, context, successor)
    })
}

/// Nobody will come. What care was given under a letter is billed, not cancelled.
pub fn cancel(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, reason: &str, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut letter = held(tx, caller, id)?;
        let _ = after(app, context, &letter, LetterAction::Cancel)?;
        follow::end_because(app, tx, context, &mut letter, LetterAction::Cancel, Some(reason))?;
        tell(app, tx, context, letter)
    })
}
