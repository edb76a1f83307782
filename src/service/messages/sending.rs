//! The outbox is emptied: one message after another, each held for whoever sends it, however many processes there are. What the gateway does not take waits
//! longer each time.

use chrono::Duration;

use super::gateway::{Delivery, Parcel};
use crate::context::Context;
use crate::domain::contacts;
use crate::domain::messages::{MessageState, pause, shown};
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::App;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::messages::{self, Message};
use crate::store::reading::Reading;
use crate::store::{merges, participants};

/// Beside the longest call: until whoever died with a message in hand is taken to be dead.
const GRACE: Duration = Duration::seconds(60);

pub fn any_due(app: &App, db: &mut Db) -> Result<bool> {
    messages::any_due(db, app.surroundings.now())
}

/// Sends what has waited longest. False where nothing is due, or where the gateway is away and the rest need not be tried now.
pub fn send_next(app: &App, db: &mut Db) -> Result<bool> {
    send_next_by(app, db, &|| app.context(), &|parcel, now| app.gateway.deliver(parcel, now))
}

/// The same with another clock and another way out.
pub fn send_next_by(app: &App, db: &mut Db, clock: &dyn Fn() -> Context, deliver: &dyn Fn(&Parcel, UtcTime) -> Delivery) -> Result<bool> {
    let context = clock();
    let held = Duration::milliseconds(i64::try_from(app.settings.messages.timeout_ms).unwrap_or(i64::MAX / 2)) + GRACE;
    let taken =
        write_quietly(db, Priority::Bulk, "where nothing is due nothing is taken, and what is taken is told", |tx| {
            match messages::take_due(tx, context.now, context.now.plus(held), 1)?.pop() {
                Some(message) => pack(app, tx, &context, message).map(Some),
                None => Ok(None),
            }
        })?;
    let Some((message, parcel)) = taken else { return Ok(false) };
    let Some(parcel) = parcel else { return Ok(true) };
    let delivery = deliver(&parcel, clock().now);
    metrics::counter!("ksnik_messages_total", "result" => delivery.as_str()).increment(1);
    note(app, db, &clock(), &message, delivery)?;
    Ok(delivery != Delivery::Away)
}

/// What goes to the gateway; none where nobody knows how to reach the participant.
fn pack(app: &App, tx: &mut Tx, context: &Context, mut message: Message) -> Result<(Message, Option<Parcel>)> {
    let person = merges::way_up(tx, message.participant_id)?.pop().unwrap_or(message.participant_id);
    let mut reading = Reading::within(tx);
    let participant = participants::find(tx, &mut reading, person)?.ok_or_else(|| Error::internal("a message to nobody"))?;
    let attempted = |kind| Event::new(context, kind).object(message.id).about([person]);
    let Some(to) = participant.contact.phone.as_deref().and_then(contacts::international) else {
        tx.record(attempted("message.has_no_contact"));
        message.state = MessageState::NoContact;
        messages::update(tx, &message)?;
        return Ok((message, None));
    };
    tx.record(attempted("message.attempted").with("attempt", message.attempts).with("driver", app.gateway.driver()));
    let parcel = Parcel { id: message.id, kind: message.kind, to, text: text(app, tx, &message)? };
    Ok((message, Some(parcel)))
}

/// What happened, where, on which day, and the code: no name, no number and nothing of the care, since others may read the telephone.
fn text(app: &App, db: &Db, message: &Message) -> Result<String> {
    let facility = app.memory.facility(message.facility_id).ok_or_else(|| Error::internal("a message about a facility that is not there"))?;
    let texts = &app.city.texts;
    let (date, code) = (texts.date(Language::Id, message.care_on), shown(&message.code(db)?));
    let filling = [
        ("programme", app.city.programme.as_str()),
        ("facility", facility.name.as_str()),
        ("date", date.as_str()),
        ("answer_at", app.settings.messages.answer_at.as_str()),
        ("code", code.as_str()),
    ];
    texts.get(Language::Id, &format!("messages.{}", message.kind), &filling).ok_or_else(|| Error::internal("a text of messages is missing"))
}

/// What came of an attempt, unless another process has taken the message since.
fn note(app: &App, db: &mut Db, context: &Context, attempt: &Message, delivery: Delivery) -> Result<()> {
    let settings = &app.settings.messages;
    write_quietly(db, Priority::Bulk, "that it was attempted is told already", |tx| {
        let Some(mut message) = messages::lock(tx, attempt.id)? else { return Ok(()) };
        if message.state != MessageState::Queued || message.attempts != attempt.attempts {
            return Ok(());
        }
        let event = |kind| Event::new(context, kind).object(message.id).about([message.participant_id]).with("attempts", message.attempts);
        match delivery {
            Delivery::Taken => {
                tx.record(event("message.sent"));
                message.state = MessageState::Sent;
                (message.sent_at, message.driver) = (Some(context.now), Some(app.gateway.driver()));
            }
            Delivery::Refused | Delivery::Away if message.attempts >= settings.attempts => {
                tx.record(event("message.failed"));
                message.state = MessageState::Failed;
            }
            Delivery::Refused | Delivery::Away => {
                let (first, longest) = (Duration::seconds(settings.first_pause_seconds), Duration::seconds(settings.longest_pause_seconds));
                message.next_attempt_at = context.now.plus(pause(message.attempts, first, longest));
            }
        }
        messages::update(tx, &message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::messages::MessageKind;
    use crate::domain::texts::Texts;

    #[test]
    fn every_kind_has_a_text_and_every_answer_a_reply() {
        let texts =
            Texts::load(("id.toml", include_str!("../../../config/texts/id.toml")), ("en.toml", include_str!("../../../config/texts/en.toml")))
                .unwrap();
        let needed: Vec<&str> = MessageKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(texts.check("messages", &needed), vec![]);
        for kind in needed {
            let filling = [("programme", "P"), ("facility", "F"), ("date", "D"), ("answer_at", "A"), ("code", "C")];
            let text = texts.get(Language::Id, &format!("messages.{kind}"), &filling).unwrap();
            for word in ["P", "F", "D", "A", "C"] {
                assert!(text.split([' ', ':', '.', ',']).any(|part| part == word), "{word} is missing in: {text}");
            }
        }
    }
}
