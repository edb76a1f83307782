//! Temporary identities: for patients whose NIK cannot be used now, and the NIK that they get later. The record stays the same, and so do its
//! checks, letters and history.

use chrono::NaiveDate;

use super::App;
use super::corrections::{self, Task};
use super::idempotency::Once;
use super::merges;
use super::profiles::Profile;
use super::{registrations, registry_cases};
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::participants::{Guess, ParticipantState, Sex, TemporaryReason};
use crate::domain::residency::VillageCode;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::gate::Priority;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::sealed::{Contact, Identity, TemporaryCell};

/// What stands in the place of a name that nobody knows.
const NAMELESS: &str = "Tanpa Nama";
/// The year that stands in the place of one that nobody can guess: a grown-up's.
const SOME_YEAR: i32 = 1970;

/// A patient without a usable NIK, as far as is known.
pub struct Patient {
    pub reason: TemporaryReason,
    pub name: Option<String>,
    pub sex: Option<Sex>,
    pub estimated_birth_year: Option<i32>,
    pub dinsos_letter_number: Option<String>,
    pub conflicting_nik: Option<Nik>,
}

/// Makes a temporary identity. A NIK that two people have opens a case for the civil registry.
pub fn make(app: &App, db: &mut Db, context: &Context, patient: &Patient, once: &Once<'_, Profile>) -> Result<Profile> {
    let caller = context.signed_in()?;
    let today = app.city.today(context.now);
    let [id, case_id] = std::array::from_fn(|_| context.new_id());
    let made = participant(&app.city.code, patient, id)?;
    once.write(db, Priority::People, |tx| {
        store::participants::insert_all(tx, std::slice::from_ref(&made), context.now)?;
        if made.identity.known_name().is_some() {
            let words = registrations::name_words(&tx.keyring(), &made.identity.name, made.identity.birth_date, id)?;
            store::participants::insert_name_words(tx, &words)?;
        }
        let cell = TemporaryCell {
            dinsos_letter_number: patient.dinsos_letter_number.clone(),
            conflicting_nik: patient.conflicting_nik.map(|nik| nik.digits().to_owned()),
        };
        store::temporary_identities::insert(tx, id, patient.reason, &cell, context.now, caller.user_id)?;
        if let Some(nik) = &patient.conflicting_nik {
            let index = tx.keyring().nik_index(nik)?.value;
            let other = store::participants::of_niks(tx, &[index])?.remove(&index);
            registry_cases::open(tx, context, case_id, (id, other), nik.digits())?;
        }
        tx.record(Event::new(context, "temporary_identity.made").object(id).about([id]).with("reason", patient.reason));
        let mut reading = Reading::within(tx);
        Profile::load(app, tx, &mut reading, made.clone(), today)
    })
}

/// The record, with a stand-in for whatever is not known; where someone lives is not known at all.
fn participant(city: &str, patient: &Patient, id: Id) -> Result<Participant> {
    let village_code: VillageCode = format!("{city:0<10}").parse().map_err(|_| Error::internal("a city's code is none"))?;
    let year = patient.estimated_birth_year.unwrap_or(SOME_YEAR);
    // The middle of the year is the least wrong.
    let birth_date = NaiveDate::from_ymd_opt(year, 7, 1).ok_or_else(|| Error::internal("a year beyond all dates"))?;
    let guesses = [(Guess::Name, patient.name.is_none()), (Guess::BirthDate, true), (Guess::Sex, patient.sex.is_none())];
    Ok(Participant {
        id,
        version: 1,
        state: ParticipantState::Temporary,
        sex: patient.sex.unwrap_or(Sex::M),
        village_code,
        identity: Identity {
            nik: String::new(),
            name: patient.name.clone().unwrap_or_else(|| NAMELESS.to_owned()),
            birth_date,
            former_niks: Vec::new(),
            guessed: guesses.into_iter().filter_map(|(guess, holds)| holds.then_some(guess)).collect(),
        },
        contact: Contact::default(),
    })
}

/// Gives a temporary person a NIK: from now on the record is one like any other.
pub fn give_nik(
    app: &App,
    db: &mut Db,
    context: &Context,
    id: Id,
    (correction, document_number): (&Correction, Option<&str>),
    once: &Once<'_, Profile>,
) -> Result<Profile> {
    let today = app.city.today(context.now);
    let task = Task::new(app, context, correction, "");
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mut participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        merges::refuse_merged(tx, id)?;
        if !participant.identity.nik.is_empty() {
            return Err(Error::refused(Code::StateConflict));
        }
        let untold = participant.identity.guessed.iter().filter(|guess| !correction.settles(**guess));
        let faults: Vec<Fault> = untold.map(|guess| Fault::at(format!("/{guess}"), "FIELD_MISSING")).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let changes = corrections::apply(tx, &task, &mut participant)?;
        if !store::participants::update(tx, &participant, context.now)? {
            return Err(registrations::overtaken());
        }
        participant.version += 1;
        let event = Event::new(context, "participant.nik_given").object(id).about([id]);
        tx.record(event.with("document_number", document_number).with("changes", &changes));
        Profile::load(app, tx, &mut reading, participant, today)
    })
}
