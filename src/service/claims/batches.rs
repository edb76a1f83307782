//! Many claims at once, each for itself: what is wrong with one costs the others nothing.

use std::sync::Arc;

use super::judging::Ground;
use super::known::{Known, Occasion, Together, grounds};
use super::{Submission, Told, own_facility, place};
use crate::config::database_url::Backend;
use crate::context::Context;
use crate::domain::claims::Bill;
use crate::domain::facilities::Facility;
use crate::domain::roles::Caller;
use crate::error::{Error, Result, StorageFault};
use crate::service::App;
use crate::service::idempotency::{Given, Keyed, Parts, Reply, refuse_other_content};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;

/// So many share a transaction: enough that storing them safely is cheap. On SQLite few enough that nobody waits long for the one writer.
const fn together(backend: Backend) -> usize {
    match backend {
        Backend::Sqlite => 16,
        Backend::Postgres => 50,
    }
}

/// Hands in what could be read of a batch, each claim under the key in its place; what could not stays as it is.
pub fn submit_many(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    parts: Vec<(Keyed<'_>, Result<Submission>)>,
    reply: &dyn Fn(&Told) -> Result<Reply>,
) -> Result<Vec<Result<Given>>> {
    let facility = own_facility(app, caller)?;
    let keys: Vec<Keyed<'_>> = parts.iter().map(|(keyed, _)| *keyed).collect();
    refuse_other_content(db, context, &keys)?;
    let together = together(db.backend());
    let mut answers = Vec::with_capacity(parts.len());
    let mut left = parts.into_iter().peekable();
    while left.peek().is_some() {
        let chunk: Vec<_> = left.by_ref().take(together).map(|(keyed, submission)| (keyed, submission.map_err(Some))).collect();
        answers.extend(hand_in_together(app, db, context, (caller, &facility), chunk, reply)?);
    }
    Ok(answers)
}

/// The fault of a claim that could not be read is taken out once it is sure that the transaction stays.
type Part<'a> = (Keyed<'a>, std::result::Result<Submission, Option<Error>>);

fn hand_in_together(
    app: &App,
    db: &mut Db,
    context: &Context,
    (caller, facility): (&Caller, &Arc<Facility>),
    mut chunk: Vec<Part<'_>>,
    reply: &dyn Fn(&Told) -> Result<Reply>,
) -> Result<Vec<Result<Given>>> {
    let readable: Vec<(Keyed<'_>, &Submission)> = chunk.iter().filter_map(|(keyed, submission)| Some((*keyed, submission.as_ref().ok()?))).collect();
    let asked = chunk.len();
    let mut done = Vec::with_capacity(readable.len());
    if !readable.is_empty() {
        match write(db, Priority::Bulk, |tx| place_all(app, tx, context, (caller, facility), (&readable, asked), reply)) {
            Ok(answers) => done = answers,
            // What is read or stored for all together failed of one of them: each is tried for itself, so that it costs only that one.
            Err(Error::Internal(_) | Error::Storage(StorageFault::Refused(_) | StorageFault::Missing)) if readable.len() > 1 => {
                for one in &readable {
                    let one = std::slice::from_ref(one);
                    match write(db, Priority::Bulk, |tx| place_all(app, tx, context, (caller, facility), (one, 1), reply)) {
                        Ok(answers) => done.extend(answers),
                        Err(error @ Error::Internal(_)) => done.push(Err(error)),
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error @ Error::Internal(_)) => done.push(Err(error)),
            Err(error) => return Err(error),
        }
    }
    let mut done = done.into_iter();
    let answer = |(_, submission): &mut Part<'_>| match submission {
        Ok(_) => done.next().unwrap_or_else(|| Err(Error::internal("a claim of a batch was lost"))),
        Err(fault) => Err(fault.take().unwrap_or_else(|| Error::internal("a fault of a batch was told twice"))),
    };
    Ok(chunk.iter_mut().map(answer).collect())
}

/// Hands in these claims, one after the other, in one transaction.
fn place_all(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (caller, facility): (&Caller, &Arc<Facility>),
    (claims, asked): (&[(Keyed<'_>, &Submission)], usize),
    reply: &dyn Fn(&Told) -> Result<Reply>,
) -> Result<Vec<Result<Given>>> {
    let keys: Vec<Keyed<'_>> = claims.iter().map(|(keyed, _)| *keyed).collect();
    let mut parts = Parts::begin(tx, context, &keys)?;
    let submissions: Vec<&Submission> = claims.iter().map(|(_, submission)| *submission).collect();
    let grounds = grounds(tx, facility, &submissions)?;
    let cases: Vec<(&Bill, &Ground)> =
        submissions.iter().zip(&grounds).filter_map(|(submission, ground)| Some((&submission.bill, ground.as_ref().ok()?))).collect();
    let mut known = Known::read(app, tx, facility, Occasion::New, &cases)?;
    let mut together = Together::new(app, context, facility.id);
    let mut done = Vec::with_capacity(claims.len());
    for (place_in_batch, ((keyed, submission), mut ground)) in claims.iter().zip(grounds).enumerate() {
        if let Ok(known_ground) = &ground
            && together.bills_again(known_ground)
        {
            // What the earlier claim has left is seen by this one.
            together.waiting.store(tx)?;
            ground = super::ground(tx, facility, submission);
            if let Ok(ground) = &ground {
                known.look_again(tx, ground)?;
            }
        }
        let numbers = together.numbers;
        let answer = parts.part(tx, context, (place_in_batch, keyed), reply, |tx| {
            place(app, tx, context, (caller, facility), (submission, &ground?), (&mut known, &mut together))
        });
        match answer {
            // The transaction is lost with it, and is tried again as a whole.
            Err(Error::Storage(fault)) => return Err(Error::Storage(fault)),
            Ok(Given::Now(_)) => {}
            // The number of what is not stored is free for the next one.
            Ok(Given::Before(_)) | Err(_) => together.numbers = numbers,
        }
        done.push(answer);
    }
    together.store(tx)?;
    parts.end(tx)?;
    let stored = done.iter().filter(|answer| answer.is_ok()).count();
    tx.record(Event::new(context, "claims.batch").with("asked", asked).with("stored", stored));
    Ok(done)
}
