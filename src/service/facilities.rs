//! Facilities and their contracts: registered, corrected, bound and unbound by the Dinas Kesehatan.

use chrono::NaiveDate;

use super::App;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::facilities::{Contract, Facility, FacilityClass, FacilityKind};
use crate::domain::id::Id;
use crate::domain::time::DateRange;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;

/// What a facility is said to be when it is registered.
#[derive(Debug, Clone)]
pub struct Particulars {
    pub code: Option<String>,
    pub name: String,
    pub kind: FacilityKind,
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    pub village_code: Option<String>,
    pub beds: Option<i32>,
    pub address: Option<String>,
}

/// What is said anew. The outer `None` leaves a field as it is, the inner one empties it.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    pub code: Option<Option<String>>,
    pub name: Option<String>,
    pub kind: Option<FacilityKind>,
    pub class: Option<Option<FacilityClass>>,
    pub government: Option<bool>,
    pub inside_city: Option<bool>,
    pub village_code: Option<Option<String>>,
    pub beds: Option<Option<i32>>,
    pub address: Option<Option<String>>,
}

pub struct Terms {
    pub range: DateRange,
    pub contract_number: Option<String>,
}

pub struct Termination {
    pub on: NaiveDate,
    pub reason: String,
    pub document_number: String,
}

pub fn register(app: &App, db: &mut Db, context: &Context, said: Particulars, once: &Once<'_, Facility>) -> Result<Facility> {
    let Particulars { code, name, kind, class, government, inside_city, village_code, beds, address } = said;
    let (id, contracts) = (context.new_id(), Vec::new());
    let facility = Facility { id, version: 1, code, name, kind, class, government, inside_city, village_code, beds, address, contracts };
    check(app, &facility)?;
    once.write(db, Priority::People, |tx| {
        store::keys::bump_catalogue(tx)?;
        refuse_taken_code(tx, &facility)?;
        store::facilities::insert(tx, &facility, context.now)?;
        tx.record(Event::new(context, "facility.registered").object(id).with("facility", told(&facility)));
        Ok(facility.clone())
    })?;
    app.refresh(db)?;
    Ok(facility)
}

/// Corrects the version that the caller has seen.
pub fn correct(app: &App, db: &mut Db, context: &Context, id: Id, seen: i32, said: Correction) -> Result<Facility> {
    let corrected = write(db, Priority::People, |tx| {
        store::keys::bump_catalogue(tx)?;
        let before = store::facilities::find(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if before.version != seen {
            return Err(Error::refused(Code::IfMatchStale));
        }
        let mut after = apply(before.clone(), said.clone());
        check(app, &after)?;
        refuse_taken_code(tx, &after)?;
        if !store::facilities::update(tx, &after, seen, context.now)? {
            return Err(Error::refused(Code::IfMatchStale));
        }
        after.version = seen + 1;
        tx.record(Event::new(context, "facility.corrected").object(id).with("before", told(&before)).with("after", told(&after)));
        Ok(after)
    })?;
    app.refresh(db)?;
    Ok(corrected)
}

fn apply(mut facility: Facility, said: Correction) -> Facility {
    fn over<T>(field: &mut T, said: Option<T>) {
        if let Some(said) = said {
            *field = said;
        }
    }
    over(&mut facility.code, said.code);
    over(&mut facility.name, said.name);
    over(&mut facility.kind, said.kind);
    over(&mut facility.class, said.class);
    over(&mut facility.government, said.government);
    over(&mut facility.inside_city, said.inside_city);
    over(&mut facility.village_code, said.village_code);
    over(&mut facility.beds, said.beds);
    over(&mut facility.address, said.address);
    facility
}

fn check(app: &App, facility: &Facility) -> Result<()> {
    let misfits = facility.misfits(&app.city.code, &app.city.regions);
    if misfits.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(misfits.into_iter().map(|misfit| Fault::at(format!("/{}", misfit.field()), misfit.code())).collect()))
}

/// To be asked after `bump_catalogue`, whose row lets one change of the catalogue in at a time.
fn refuse_taken_code(tx: &mut Tx, facility: &Facility) -> Result<()> {
    match &facility.code {
        Some(code) if store::facilities::code_exists(tx, code, Some(facility.id))? => Err(Error::refused(Code::FacilityCodeTaken)),
        Some(_) | None => Ok(()),
    }
}

/// A facility as the log tells of it.
fn told(facility: &Facility) -> serde_json::Value {
    let Facility { id: _, version: _, code, name, kind, class, government, inside_city, village_code, beds, address, contracts: _ } = facility;
    serde_json::json!({ "code": code, "name": name, "kind": kind, "class": class, "government": government, "inside_city": inside_city,
        "village_code": village_code, "beds": beds, "address": address })
}

/// Binds a facility for a time in which no other contract binds it.
pub fn add_contract(app: &App, db: &mut Db, context: &Context, facility_id: Id, terms: Terms, once: &Once<'_, Contract>) -> Result<Contract> {
    let DateRange { from: valid_from, to: valid_to } = terms.range;
    if valid_to.is_some_and(|to| to < valid_from) {
        return Err(Fault::at("/valid_to", "BEFORE_FROM").into());
    }
    let contract = Contract {
        id: context.new_id(),
        facility_id,
        valid_from,
        valid_to,
        contract_number: terms.contract_number,
        terminated_on: None,
        termination_reason: None,
        termination_document: None,
    };
    once.write(db, Priority::People, |tx| {
        store::keys::bump_catalogue(tx)?;
        if !store::facilities::lock(tx, facility_id)? {
            return Err(Error::refused(Code::NotFound));
        }
        let bound = store::facilities::find(tx, facility_id)?.map(|facility| facility.contracts).unwrap_or_default();
        if let Some(other) = bound.iter().find(|other| other.range().overlaps(&contract.range())) {
            return Err(Error::conflict(
                Code::ContractOverlaps,
                serde_json::json!({ "id": other.id, "valid_from": other.valid_from, "valid_to": other.range().to }),
            ));
        }
        store::facilities::insert_contract(tx, &contract, context.now)?;
        let event = Event::new(context, "contract.added").object(contract.id).with("facility_id", facility_id);
        tx.record(event.with("range", contract.range()).with("contract_number", &contract.contract_number));
        Ok(contract.clone())
    })?;
    app.refresh(db)?;
    Ok(contract)
}

/// Ends a contract early, within its own time.
pub fn terminate_contract(
    app: &App,
    db: &mut Db,
    context: &Context,
    facility_id: Id,
    id: Id,
    said: &Termination,
    once: &Once<'_, Contract>,
) -> Result<Contract> {
    let terminated = once.write(db, Priority::People, |tx| {
        let not_found = || Error::refused(Code::NotFound);
        store::keys::bump_catalogue(tx)?;
        if !store::facilities::lock(tx, facility_id)? {
            return Err(not_found());
        }
        let bound = store::facilities::find(tx, facility_id)?.map(|facility| facility.contracts).unwrap_or_default();
        let mut contract = bound.into_iter().find(|contract| contract.id == id).ok_or_else(not_found)?;
        if contract.terminated_on.is_some() {
            return Err(Error::refused(Code::StateConflict));
        }
        if !contract.range().contains(said.on) {
            return Err(Fault::at("/on", "OUTSIDE_CONTRACT").into());
        }
        store::facilities::terminate_contract(tx, facility_id, id, said.on, &said.reason, &said.document_number)?;
        let event = Event::new(context, "contract.terminated").object(id).with("facility_id", facility_id);
        tx.record(event.with("on", said.on).with("reason", &said.reason).with("document_number", &said.document_number));
        contract.terminated_on = Some(said.on);
        contract.termination_reason = Some(said.reason.clone());
        contract.termination_document = Some(said.document_number.clone());
        Ok(contract)
    })?;
    app.refresh(db)?;
    Ok(terminated)
}
