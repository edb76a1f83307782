//! Facilities and their contracts. They are few, and every node holds them all in memory.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, locked};
use crate::domain::facilities::{Contract, Facility, FacilityClass, FacilityKind};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{contracts, facilities};

#[derive(Queryable, Selectable)]
#[diesel(table_name = facilities)]
struct FacilityRow {
    id: Id,
    version: i32,
    code: Option<String>,
    name: String,
    kind: FacilityKind,
    class: Option<FacilityClass>,
    government: bool,
    inside_city: bool,
    village_code: Option<String>,
    beds: Option<i32>,
    address: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = contracts)]
struct ContractRow {
    id: Id,
    facility_id: Id,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    contract_number: Option<String>,
    terminated_on: Option<NaiveDate>,
    termination_reason: Option<String>,
    termination_document: Option<String>,
}

fn facility(row: FacilityRow, contracts: Vec<Contract>) -> Facility {
    let FacilityRow { id, version, code, name, kind, class, government, inside_city, village_code, beds, address } = row;
    Facility { id, version, code, name, kind, class, government, inside_city, village_code, beds, address, contracts }
}

fn contract(row: ContractRow) -> Contract {
    let ContractRow { id, facility_id, valid_from, valid_to, contract_number, terminated_on, termination_reason, termination_document } = row;
    Contract { id, facility_id, valid_from, valid_to, contract_number, terminated_on, termination_reason, termination_document }
}

/// All facilities, each with its contracts by date.
pub fn all(db: &mut Db) -> Result<Vec<Facility>> {
    let rows: Vec<FacilityRow> = facilities::table.select(FacilityRow::as_select()).order(facilities::id).load(&mut db.connection)?;
    let bound: Vec<ContractRow> =
        contracts::table.select(ContractRow::as_select()).order((contracts::valid_from, contracts::id)).load(&mut db.connection)?;
    Ok(with_contracts(rows, bound))
}

fn with_contracts(rows: Vec<FacilityRow>, bound: Vec<ContractRow>) -> Vec<Facility> {
    let mut by_facility = HashMap::<Id, Vec<Contract>>::new();
    for row in bound {
        by_facility.entry(row.facility_id).or_default().push(contract(row));
    }
    rows.into_iter()
        .map(|row| {
            let contracts = by_facility.remove(&row.id).unwrap_or_default();
            facility(row, contracts)
        })
        .collect()
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Facility>> {
    let Some(row) = facilities::table.find(id).select(FacilityRow::as_select()).first(&mut db.connection).optional()? else { return Ok(None) };
    let bound: Vec<ContractRow> = contracts::table
        .filter(contracts::facility_id.eq(id))
        .select(ContractRow::as_select())
        .order((contracts::valid_from, contracts::id))
        .load(&mut db.connection)?;
    Ok(Some(facility(row, bound.into_iter().map(contract).collect())))
}

/// Which facilities a list asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub kind: Option<FacilityKind>,
    pub inside_city: Option<bool>,
    pub government: Option<bool>,
    pub updated_since: Option<UtcTime>,
}

/// A page of facilities, newest first, one more than asked for when there are more.
pub fn list(db: &mut Db, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Facility>> {
    let mut query = facilities::table.select(FacilityRow::as_select()).order(facilities::id.desc()).limit(limit + 1).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(facilities::kind.eq(kind));
    }
    if let Some(inside_city) = filter.inside_city {
        query = query.filter(facilities::inside_city.eq(inside_city));
    }
    if let Some(government) = filter.government {
        query = query.filter(facilities::government.eq(government));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(facilities::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(facilities::id.lt(before));
    }
    let rows: Vec<FacilityRow> = query.load(&mut db.connection)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let bound = contracts::table.filter(contracts::facility_id.eq_any(ids)).select(ContractRow::as_select());
    Ok(with_contracts(rows, bound.order((contracts::valid_from, contracts::id)).load(&mut db.connection)?))
}

/// A page of a facility's contracts, newest first, one more than asked for when there are more.
pub fn list_contracts(db: &mut Db, facility: Id, before: Option<Id>, limit: i64) -> Result<Vec<Contract>> {
    let mut query = contracts::table
        .filter(contracts::facility_id.eq(facility))
        .select(ContractRow::as_select())
        .order(contracts::id.desc())
        .limit(limit + 1)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(contracts::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?.into_iter().map(contract).collect())
}

/// Holds the facility for the rest of the transaction, so that two contracts cannot be checked against each other's absence.
pub fn lock(tx: &mut Tx, id: Id) -> Result<bool> {
    let row = facilities::table.find(id).select(facilities::id);
    let found: Option<Id> = locked!(tx, row, first).optional()?;
    Ok(found.is_some())
}

/// Asked under the lock of `keys::bump_catalogue`, which lets one change of the catalogue in at a time.
pub fn code_exists(db: &mut Db, code: &str, except: Option<Id>) -> Result<bool> {
    let found: Option<Id> = facilities::table.filter(facilities::code.eq(code)).select(facilities::id).first(&mut db.connection).optional()?;
    Ok(found.is_some_and(|id| Some(id) != except))
}

pub fn insert(tx: &mut Tx, facility: &Facility, now: UtcTime) -> Result<()> {
    diesel::insert_into(facilities::table)
        .values((
            facilities::id.eq(facility.id),
            facilities::version.eq(facility.version),
            facilities::code.eq(&facility.code),
            facilities::name.eq(&facility.name),
            facilities::kind.eq(facility.kind),
            facilities::class.eq(facility.class),
            facilities::government.eq(facility.government),
            facilities::inside_city.eq(facility.inside_city),
            facilities::village_code.eq(&facility.village_code),
            facilities::beds.eq(facility.beds),
            facilities::address.eq(&facility.address),
            facilities::created_at.eq(now),
            facilities::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Writes the facility over the version that was read; false when someone else was faster.
pub fn update(tx: &mut Tx, facility: &Facility, seen: i32, now: UtcTime) -> Result<bool> {
    let changed = diesel::update(facilities::table.find(facility.id).filter(facilities::version.eq(seen)))
        .set((
            facilities::version.eq(seen + 1),
            facilities::code.eq(&facility.code),
            facilities::name.eq(&facility.name),
            facilities::kind.eq(facility.kind),
            facilities::class.eq(facility.class),
            facilities::government.eq(facility.government),
            facilities::inside_city.eq(facility.inside_city),
            facilities::village_code.eq(&facility.village_code),
            facilities::beds.eq(facility.beds),
            facilities::address.eq(&facility.address),
            facilities::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}

pub fn insert_contract(tx: &mut Tx, contract: &Contract, now: UtcTime) -> Result<()> {
    diesel::insert_into(contracts::table)
        .values((
            contracts::id.eq(contract.id),
            contracts::facility_id.eq(contract.facility_id),
            contracts::valid_from.eq(contract.valid_from),
            contracts::valid_to.eq(contract.valid_to),
            contracts::contract_number.eq(&contract.contract_number),
            contracts::created_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Ends a contract early; false when it was ended before.
pub fn terminate_contract(tx: &mut Tx, facility: Id, id: Id, on: NaiveDate, reason: &str, document: &str) -> Result<bool> {
    let changed = diesel::update(contracts::table.find(id).filter(contracts::facility_id.eq(facility)).filter(contracts::terminated_on.is_null()))
        .set((contracts::terminated_on.eq(on), contracts::termination_reason.eq(reason), contracts::termination_document.eq(document)))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}
