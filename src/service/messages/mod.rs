//! Messages to participants: put into the outbox by the very change that they tell of, sent in the background, and listed without their text.

pub mod gateway;
pub mod sending;

use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::messages::{MessageKind, MessageState, code};
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::claims::Claim;
use crate::store::db::{Db, Tx};
use crate::store::letters::Letter;
use crate::store::messages::{self, Message, Subject};
use crate::store::reading::read;

/// That two of a million codes are the same hardly happens once, and not three times on end.
const TRIES: usize = 3;

pub fn of_letter(letter: &Letter) -> Subject {
    Subject {
        kind: MessageKind::LetterIssued,
        participant_id: letter.participant_id,
        facility_id: letter.facility_id,
        letter_id: Some(letter.id),
        claim_id: None,
        care_on: letter.valid_from,
    }
}

pub fn of_claim(claim: &Claim) -> Subject {
    Subject {
        kind: MessageKind::ClaimPaid,
        participant_id: claim.participant_id,
        facility_id: claim.facility_id,
        letter_id: claim.letter_id,
        claim_id: Some(claim.id),
        care_on: claim.admitted_on,
    }
}

/// Tells the participant, as part of the change that there is to tell of.
pub fn tell(tx: &mut Tx, context: &Context, subject: &Subject) -> Result<()> {
    for _ in 0..TRIES {
        let id = context.new_id();
        if messages::insert(tx, id, subject, &code(context.random()), context.now)? {
            tx.record(Event::new(context, "message.queued").object(id).about([subject.participant_id]).with("kind", subject.kind));
            return Ok(());
        }
    }
    Err(Error::internal("no code is free"))
}

/// A page of messages, and one more if there is one. It tells of no person: only which letter or claim each is about.
pub fn list(db: &mut Db, narrowed: (Option<MessageState>, Option<MessageKind>), before: Option<Id>, limit: i64) -> Result<Vec<Message>> {
    messages::page(db, narrowed, before, limit)
}

/// One message with what was said to it.
pub fn show(db: &mut Db, context: &Context, id: Id) -> Result<(Message, Option<String>)> {
    read(db, Event::new(context, "message.read").object(id), |db, reading| {
        let message = messages::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let note = message.note(db, reading)?;
        Ok((message, note))
    })
}
