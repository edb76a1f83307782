//! Requests that a person looks again at a refused check (UU 27/2022: nobody is refused by a machine alone).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::text_enum::text_enum;
use crate::domain::time::{Period, UtcTime};
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::eligibility_reviews;

text_enum! {
    ReviewState { Open = "open", Granted = "granted", Refused = "refused" }
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = eligibility_reviews, treat_none_as_default_value = false)]
pub struct Review {
    pub id: Id,
    pub version: i32,
    pub check_id: Id,
    pub participant_id: Option<Id>,
    pub facility_id: Id,
    pub state: ReviewState,
    pub sealed: Vec<u8>,
    pub asked_at: UtcTime,
    pub asked_by: Id,
    pub due_at: UtcTime,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
    pub new_check_id: Option<Id>,
}

/// What is said about a patient, by the facility and by who decided.
#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Opens a review; false when one is open for this check already.
pub fn insert(tx: &mut Tx, review: &Review) -> Result<bool> {
    let inserted =
        on_each!(tx.db, |connection| diesel::insert_into(eligibility_reviews::table).values(review).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Review>> {
    Ok(eligibility_reviews::table.find(id).select(Review::as_select()).first(&mut db.connection).optional()?)
}

/// The open review of a check.
pub fn open_of(db: &mut Db, check: Id) -> Result<Option<Review>> {
    let open = eligibility_reviews::table.filter(eligibility_reviews::check_id.eq(check)).filter(eligibility_reviews::state.eq(ReviewState::Open));
    Ok(open.select(Review::as_select()).first(&mut db.connection).optional()?)
}

/// The review, held for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Review>> {
    Ok(locked!(tx, eligibility_reviews::table.find(id).select(Review::as_select()), first).optional()?)
}

pub fn decide(tx: &mut Tx, review: &Review) -> Result<()> {
    diesel::update(eligibility_reviews::table.find(review.id))
        .set((
            eligibility_reviews::version.eq(review.version + 1),
            eligibility_reviews::state.eq(review.state),
            eligibility_reviews::sealed.eq(&review.sealed),
            eligibility_reviews::decided_at.eq(review.decided_at),
            eligibility_reviews::decided_by.eq(review.decided_by),
            eligibility_reviews::new_check_id.eq(review.new_check_id),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Whose reviews are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    All,
    Facility(Id),
    /// Those that this user asked for.
    User(Id),
}

impl Whose {
    /// A facility sees its own, the Dinas all, and whoever has no facility those that they asked for.
    pub fn of(caller: &Caller) -> Self {
        match caller.role {
            Role::Admin | Role::Auditor => Self::All,
            Role::Registrar | Role::Clinic | Role::Hospital | Role::Verifier | Role::Finance | Role::Manager | Role::Dpo => {
                caller.facility_id.map_or(Self::User(caller.user_id), Self::Facility)
            }
        }
    }

    pub fn include(self, review: &Review) -> bool {
        match self {
            Self::All => true,
            Self::Facility(facility) => review.facility_id == facility,
            Self::User(user) => review.asked_by == user,
        }
    }
}

/// What a list of reviews may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub state: Option<ReviewState>,
    pub facility_id: Option<Id>,
    /// When they were asked for.
    pub asked: Period,
    /// Asked for or decided since then.
    pub updated_since: Option<UtcTime>,
}

/// A page of reviews, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, whose: Whose, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Review>> {
    let mut query = eligibility_reviews::table.select(Review::as_select()).into_boxed();
    match whose {
        Whose::All => {}
        Whose::Facility(facility) => query = query.filter(eligibility_reviews::facility_id.eq(facility)),
        Whose::User(user) => query = query.filter(eligibility_reviews::asked_by.eq(user)),
    }
    if let Some(state) = filter.state {
        query = query.filter(eligibility_reviews::state.eq(state));
    }
    if let Some(facility) = filter.facility_id {
        query = query.filter(eligibility_reviews::facility_id.eq(facility));
    }
    if let Some(from) = filter.asked.from {
        query = query.filter(eligibility_reviews::asked_at.ge(from));
    }
    if let Some(until) = filter.asked.until {
        query = query.filter(eligibility_reviews::asked_at.lt(until));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(eligibility_reviews::asked_at.nullable().ge(since).or(eligibility_reviews::decided_at.ge(since)));
    }
    if let Some(before) = before {
        query = query.filter(eligibility_reviews::id.lt(before));
    }
    Ok(query.order(eligibility_reviews::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

pub fn seal(db: &Db, review: Id, said: &Said) -> Result<Vec<u8>> {
    Ok(db.keyring().seal_json(Column::ReviewSealed, review, said)?)
}

pub fn said(db: &Db, review: &Review) -> Result<Said> {
    Ok(db.keyring().unseal_json(Column::ReviewSealed, review.id, &review.sealed)?)
}
