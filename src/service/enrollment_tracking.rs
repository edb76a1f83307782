//! Applicants follow their request with its number and a birth date. Guesses are counted as those at passwords are, and nobody learns whether a number
//! exists.

use chrono::NaiveDate;

use super::App;
use super::sign_in::Visitor;
use super::throttles::{self, Door};
use crate::context::Context;
use crate::domain::enrollments::as_request_number;
use crate::domain::throttles::Scope;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::enrollment_requests::{self as requests, Request};
use crate::store::gate::Priority;
use crate::store::participants;
use crate::store::reading::Reading;

/// How a request stands, for who knows its number and the birth date.
pub fn track(app: &App, db: &mut Db, context: &Context, visitor: &Visitor, number: &str, birth_date: NaiveDate) -> Result<Request> {
    let known = as_request_number(&app.city.number_prefix, number);
    let doors = [app.door(db, Scope::Tracking, known.as_deref().unwrap_or(number))?, app.door(db, Scope::TrackingAddress, &visitor.place())?];
    let shut = write_quietly(db, Priority::People, "a guess is counted before it is judged; what came of it is recorded then", |tx| {
        throttles::count(tx, &doors, Code::TrackingLocked, context.now)
    })?;
    let found = write(db, Priority::People, |tx| {
        let found = match &known {
            Some(number) => requests::by_number(tx, number)?,
            None => None,
        };
        match found.map(|request| judged(tx, request, birth_date)).transpose()?.flatten() {
            Some(request) => {
                admit(tx, context, &doors, &request)?;
                Ok(Some(request))
            }
            None => {
                // Not even the number is kept with it: it may be anything, a NIK too.
                tx.record(Event::new(context, "enrollment.tracking_failed").with("address", visitor.address));
                for scope in &shut {
                    tx.record(Event::new(context, "enrollment.tracking_locked").with("address", visitor.address).with("scope", scope));
                }
                Ok(None)
            }
        }
    })?;
    found.ok_or_else(|| {
        for scope in &shut {
            metrics::counter!("ksnik_lock_outs_total", "scope" => scope.as_str()).increment(1);
        }
        Error::refused(Code::NotFound)
    })
}

/// The request, if it is about someone who was born on this date.
fn judged(tx: &mut Tx, request: Request, birth_date: NaiveDate) -> Result<Option<Request>> {
    let mut reading = Reading::within(tx);
    let keyring = tx.keyring();
    let row = participants::rows(tx, &[request.participant_id])?.pop().ok_or_else(|| Error::internal("an enrolment of nobody"))?;
    let is_theirs = row.identity(&keyring, &mut reading)?.birth_date == birth_date;
    Ok(is_theirs.then_some(request))
}

fn admit(tx: &mut Tx, context: &Context, doors: &[Door], request: &Request) -> Result<()> {
    for door in doors {
        throttles::take_back(tx, door, context.now)?;
    }
    tx.record(Event::new(context, "enrollment.tracked").object(request.id).about([request.participant_id]));
    Ok(())
}
