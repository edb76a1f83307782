//! Referrals of our own registry. What is said about the patient is sealed.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx};
use super::reading::Reading;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::referrals;

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = referrals, treat_none_as_default_value = false)]
pub struct Referral {
    pub id: Id,
    pub number: String,
    pub participant_id: Id,
    pub from_facility_id: Id,
    pub to_facility_id: Option<Id>,
    pub issued_on: NaiveDate,
    pub valid_until: NaiveDate,
    pub sealed: Vec<u8>,
    pub issued_by: Id,
    pub created_at: UtcTime,
}

/// What the sealed cell holds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    pub diagnosis: Icd10Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

pub fn seal(db: &Db, id: Id, said: &Said) -> Result<Vec<u8>> {
    Ok(db.keyring().seal_json(Column::ReferralSealed, id, said)?)
}

impl Referral {
    pub fn said(&self, db: &Db, reading: &mut Reading) -> Result<Said> {
        reading.opens(self.participant_id);
        Ok(db.keyring().unseal_json(Column::ReferralSealed, self.id, &self.sealed)?)
    }
}

pub fn insert(tx: &mut Tx, referral: &Referral) -> Result<()> {
    diesel::insert_into(referrals::table).values(referral).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, number: &str) -> Result<Option<Referral>> {
    Ok(referrals::table.filter(referrals::number.eq(number)).select(Referral::as_select()).first(&mut db.connection).optional()?)
}

/// A person's referrals that are still good on a date, newest first.
pub fn valid_of(db: &mut Db, participant: Id, on: NaiveDate) -> Result<Vec<Referral>> {
    let valid = referrals::table.filter(referrals::participant_id.eq(participant)).filter(referrals::valid_until.ge(on));
    Ok(valid.select(Referral::as_select()).order(referrals::id.desc()).load(&mut db.connection)?)
}

/// Which way a referral goes, as a facility sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To this facility by name.
    In(Id),
    Out(Id),
}

/// What a list of referrals may be narrowed by: the number, and the first and last date of issue.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub number: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A page of referrals, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, way: Way, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Referral>> {
    let mut query = referrals::table.select(Referral::as_select()).into_boxed();
    query = match way {
        Way::In(facility) => query.filter(referrals::to_facility_id.eq(facility)),
        Way::Out(facility) => query.filter(referrals::from_facility_id.eq(facility)),
    };
    if let Some(number) = &filter.number {
        query = query.filter(referrals::number.eq(number));
    }
    if let Some(from) = filter.from {
        query = query.filter(referrals::issued_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(referrals::issued_on.le(to));
    }
    if let Some(before) = before {
        query = query.filter(referrals::id.lt(before));
    }
    Ok(query.order(referrals::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
