//! Verification of people as they are registered, where the settings ask for it: what the office says warns, and neither its word nor its absence
//! refuses anybody.

use std::time::{Duration, Instant};

use super::{Asked, Office, Why, call};
use crate::context::{Context, Purpose};
use crate::domain::id::Id;
use crate::domain::population_office::{Away, Finding, OfficeSource, Question};
use crate::domain::registration::Registration;
use crate::error::Result;
use crate::service::App;
use crate::service::population_office::ask_file;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::reading::read;

/// What the office says of each; none where it is not asked or does not answer. The calls are logged whether or not the registration succeeds.
pub fn ask_ahead<'a>(app: &App, db: &mut Db, context: &Context, people: impl Iterator<Item = &'a Registration>) -> Result<Vec<Option<Finding>>> {
    if !app.settings.population_office.verify_registrations || matches!(app.office, Office::Off) {
        return Ok(people.map(|_| None).collect());
    }
    let patience = Duration::from_millis(app.settings.population_office.patience_ms);
    let began = Instant::now();
    let mut findings = Vec::new();
    for registration in people {
        // A family is asked about one by one, and does not wait longer than a check would.
        let in_time = findings.is_empty() || began.elapsed() <= patience;
        findings.push(if in_time { ask(app, db, context, registration)? } else { None });
    }
    Ok(findings)
}

fn ask(app: &App, db: &mut Db, context: &Context, registration: &Registration) -> Result<Option<Finding>> {
    let question = Question { nik: registration.nik, name: Some(registration.name.clone()), birth_date: Some(registration.birth_date) };
    let why = Why { purpose: Purpose::Registration, facility_id: None };
    let asked = match &app.office {
        Office::Off => return Ok(None),
        Office::Snapshot => {
            let event = Event::new(context, "verification.asked").with("purpose", why.purpose);
            let found = read(db, event, |db, reading| ask_file(db, reading, &question, app.city.offset))?;
            Asked { finding: found.ok_or(Away::NoFile), source: OfficeSource::Snapshot, duration_ms: 0 }
        }
        Office::WebService(service) => {
            let Some(_turn) = service.turn() else { return Ok(None) };
            let (finding, duration_ms) = service.ask(&question, &*app.surroundings);
            Asked { finding, source: OfficeSource::WebService, duration_ms }
        }
    };
    let result = match asked.finding {
        Ok(finding) => finding.verdict.into(),
        Err(Away::Failed(result)) => result,
        Err(Away::NotCalled | Away::NoFile) => return Ok(None),
    };
    write(db, Priority::People, |tx| {
        store::population_office_calls::insert(tx, &call(context, None, why, &asked, result))?;
        tx.record(Event::new(context, "verification.of_newcomer").with("result", result));
        Ok(())
    })?;
    Ok(asked.finding.ok())
}

/// Keeps what the office said, now that there is a participant.
pub fn keep_ahead(tx: &mut Tx, context: &Context, participant: Id, finding: Option<&Finding>) -> Result<()> {
    finding.map_or(Ok(()), |finding| store::verifications::insert(tx, &super::verification(context, participant, finding)))
}
