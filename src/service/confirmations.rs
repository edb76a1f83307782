//! A participant answers a message with its code, without signing in. Guesses are counted as those at other secrets are. "Not me" stops what can still be
//! stopped and opens a signal; it refuses nobody's care.

use chrono::Duration;

use super::App;
use super::sign_in::Visitor;
use super::signals::{Found, raise};
use super::{payments, throttles};
use crate::context::Context;
use crate::domain::claims::ClaimState;
use crate::domain::messages::{Answer, typed};
use crate::domain::signals::Evidence;
use crate::domain::throttles::Scope;
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;
use crate::store::messages::{self, Message};
use crate::store::{claims, letters, merges};

/// What somebody says with a code.
pub struct Said<'a> {
    pub code: &'a str,
    pub answer: Answer,
    pub note: Option<&'a str>,
}

/// What became of it.
enum Outcome {
    Noted(Box<Message>),
    /// The code was answered otherwise before.
    Otherwise(Answer),
    /// A wrong code, or one that is too old: nobody learns which.
    Unknown,
}

/// Takes an answer. The same again changes nothing.
pub fn confirm(app: &App, db: &mut Db, context: &Context, visitor: &Visitor, said: &Said<'_>) -> Result<Message> {
    let door = app.door(db, Scope::ConfirmationAddress, &visitor.place())?;
    let shut = write_quietly(db, Priority::People, "a guess is counted before it is judged; what came of it is recorded then", |tx| {
        throttles::count(tx, &[door], Code::ConfirmationLocked, context.now)
    })?;
    let code = typed(said.code);
    let outcome = write(db, Priority::People, |tx| {
        let Some(message) = known(app, tx, context, code.as_deref())? else {
            // Not even the code is kept with it: it may be anything, a NIK too.
            tx.record(Event::new(context, "confirmation.failed").with("address", visitor.address));
            for scope in &shut {
                tx.record(Event::new(context, "confirmation.locked").with("address", visitor.address).with("scope", scope));
            }
            return Ok(Outcome::Unknown);
        };
        throttles::take_back(tx, &door, context.now)?;
        take(tx, context, message, said)
    })?;
    match outcome {
        Outcome::Noted(message) => Ok(*message),
        Outcome::Otherwise(answer) => Err(Error::conflict(Code::ConfirmationAnswered, serde_json::json!({ "answer": answer }))),
        Outcome::Unknown => {
            for scope in &shut {
                metrics::counter!("ksnik_lock_outs_total", "scope" => scope.as_str()).increment(1);
            }
            Err(Error::refused(Code::NotFound))
        }
    }
}

/// The message of a code that is still good, held for the rest of the transaction.
fn known(app: &App, tx: &mut Tx, context: &Context, code: Option<&str>) -> Result<Option<Message>> {
    let Some(code) = code else { return Ok(None) };
    let found = messages::by_code(tx, code)?.filter(|message| {
        let until = message.created_at.plus(Duration::days(app.settings.messages.answer_days));
        context.now < until
    });
    match found {
        Some(message) => messages::lock(tx, message.id),
        None => Ok(None),
    }
}

fn take(tx: &mut Tx, context: &Context, mut message: Message, said: &Said<'_>) -> Result<Outcome> {
    let event = |kind| Event::new(context, kind).object(message.id).about([message.participant_id]).with("answer", said.answer);
    match message.answer {
        Some(answer) if answer == said.answer => tx.record(event("confirmation.repeated")),
        Some(answer) => {
            tx.record(event("confirmation.contradicted"));
            return Ok(Outcome::Otherwise(answer));
        }
        None => {
            tx.record(event("confirmation.given"));
            message.answered(tx, (said.answer, said.note), context.now)?;
            messages::update(tx, &message)?;
            if said.answer == Answer::NotMe {
                deny(tx, context, &message)?;
            }
        }
    }
    Ok(Outcome::Noted(Box::new(message)))
}

/// Whatever money follows from this care waits for a person, and somebody is to look.
fn deny(tx: &mut Tx, context: &Context, message: &Message) -> Result<()> {
    let mut claim = message.claim_id;
    if let Some(letter) = message.letter_id {
        // Whoever bills holds the letter first: the claim is found here, or is judged with this answer.
        letters::lock(tx, letter)?;
        claim = claim.or(claims::on_ground(tx, letter)?);
    }
    let claim = match claim {
        Some(id) => payments::hold(tx, context, id)?,
        None => None,
    };
    let person = merges::way_up(tx, message.participant_id)?.pop().unwrap_or(message.participant_id);
    let evidence = Evidence::DeniedByParticipant {
        message_id: message.id,
        letter_id: message.letter_id,
        claim_id: claim.as_ref().map(|claim| claim.id),
        care_on: message.care_on,
        paid: claim.is_some_and(|claim| claim.state == ClaimState::Paid),
    };
    let about = message.letter_id.or(message.claim_id).into_iter().collect();
    raise(tx, context, Found { evidence, about, subjects: vec![person], facility: Some(message.facility_id) })
}
