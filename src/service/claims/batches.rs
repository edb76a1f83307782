//! Many claims at once, each for itself: what is wrong with one costs the others nothing.

use super::{Submission, Told, own_facility, place};
use crate::context::Context;
use crate::domain::roles::Caller;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::idempotency::{Given, Keyed, Reply, part, refuse_other_content};
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;

/// So many share a transaction: enough that storing them safely is cheap, and few enough that nobody waits long for the one writer.
const TOGETHER: usize = 16;

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
    let mut answers = Vec::with_capacity(parts.len());
    let mut left = parts.into_iter().peekable();
    while left.peek().is_some() {
        let chunk: Vec<_> = left.by_ref().take(TOGETHER).map(|(keyed, submission)| (keyed, submission.map_err(Some))).collect();
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
    (caller, facility): (&Caller, &std::sync::Arc<crate::domain::facilities::Facility>),
    mut chunk: Vec<Part<'_>>,
    reply: &dyn Fn(&Told) -> Result<Reply>,
) -> Result<Vec<Result<Given>>> {
    let done = if chunk.iter().all(|(_, submission)| submission.is_err()) {
        Vec::new()
    } else {
        write(db, Priority::Bulk, |tx| {
            let mut done = Vec::with_capacity(chunk.len());
            for (keyed, submission) in &chunk {
                let Ok(submission) = submission else { continue };
                match part(tx, context, keyed, reply, |tx| place(app, tx, context, (caller, facility), submission)) {
                    // The transaction is lost with it, and is tried again as a whole.
                    Err(Error::Storage(fault)) => return Err(Error::Storage(fault)),
                    answer => done.push(answer),
                }
            }
            let stored = done.iter().filter(|answer| answer.is_ok()).count();
            tx.record(Event::new(context, "claims.batch").with("asked", chunk.len()).with("stored", stored));
            Ok(done)
        })?
    };
    let mut done = done.into_iter();
    let answer = |(_, submission): &mut Part<'_>| match submission {
        Ok(_) => done.next().unwrap_or_else(|| Err(Error::internal("a claim of a batch was lost"))),
        Err(fault) => Err(fault.take().unwrap_or_else(|| Error::internal("a fault of a batch was told twice"))),
    };
    Ok(chunk.iter_mut().map(answer).collect())
}
