//! Claims on days of which JKN covered the patient, as became known only after they were decided. Nothing is remembered of it: it follows from the claims,
//! their decisions and the JKN periods, so that nothing is missed however the period came. A claim that is decided again leaves the list.

use chrono::NaiveDate;

use super::App;
use super::claims::jkn_periods;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::jkn::JknPeriod;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::store::affected_claims;
use crate::store::audit::Event;
use crate::store::claims::{Claim, Terms};
use crate::store::db::Db;
use crate::store::letters::Letter;
use crate::store::reading::read;
use crate::store::{jkn, merges};

/// A claim, and the memberships that were learnt of too late.
#[derive(Clone)]
pub struct Affected {
    pub claim: Claim,
    pub terms: Terms,
    /// Each with when it was recorded.
    pub memberships: Vec<(JknPeriod, UtcTime)>,
    pub days: usize,
}

impl Affected {
    /// What may have to be kept back or taken back: all that was approved or paid, since who covers a day of a stay may cover the stay.
    pub fn at_stake(&self) -> Rupiah {
        self.claim.approved_amount.max(self.claim.paid_amount)
    }
}

/// So many candidates are looked at in one query.
const PAGE: i64 = 200;

/// A page of them, newest first, and one more if there is one.
pub fn list(app: &App, db: &mut Db, context: &Context, facility: Option<Id>, before: Option<Id>, limit: i64) -> Result<Vec<Affected>> {
    let wanted = usize::try_from(limit).unwrap_or_default();
    read(db, Event::new(context, "claims.affected_listed").with("facility_id", facility), |db, reading| {
        let (mut found, mut before) = (Vec::new(), before);
        while found.len() <= wanted {
            let page = affected_claims::candidates(db, facility, before, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            before = Some(last.id);
            for (claim, terms) in page {
                found.extend(touched(app, db, claim, terms)?);
            }
        }
        found.truncate(wanted + 1);
        reading.shows(found.iter().take(wanted).map(|affected| affected.claim.participant_id));
        Ok(found)
    })
}

fn touched(app: &App, db: &mut Db, claim: Claim, terms: Terms) -> Result<Option<Affected>> {
    let Some(decided) = terms.decided_at else { return Ok(None) };
    let span = (claim.admitted_on, claim.discharged_on.unwrap_or(claim.admitted_on));
    let (days, memberships) = late(app, db, (&terms.rule_set, claim.participant_id), decided, span)?;
    Ok((days > 0).then_some(Affected { claim, terms, memberships, days }))
}

/// On how many of these days a membership bars that was recorded after this moment, and which: by the rules of the claim or letter, and under whichever of
/// the person's records it was recorded.
fn late(
    app: &App,
    db: &mut Db,
    (rule_set, person): (&str, Id),
    since: UtcTime,
    span: (NaiveDate, NaiveDate),
) -> Result<(usize, Vec<(JknPeriod, UtcTime)>)> {
    let rules = app.city.rule_sets.by_code(rule_set).ok_or_else(|| Error::internal("care by rules that are gone"))?;
    let person = merges::way_up(db, person)?.pop().unwrap_or(person);
    let records = merges::with_merged(db, person)?;
    let rows = jkn::of(db, &records)?;
    let told: Vec<(JknPeriod, UtcTime)> = rows.iter().filter(|row| row.recorded_at > since).map(|row| (row.period(), row.recorded_at)).collect();
    let (days, mut memberships) = jkn_periods(rules, &told, span);
    memberships.sort_by_key(|(period, _)| period.valid_from);
    Ok((days, memberships))
}

/// A letter that is not billed, and the memberships that were learnt of after its issue.
#[derive(Clone)]
pub struct AffectedLetter {
    pub letter: Letter,
    pub memberships: Vec<(JknPeriod, UtcTime)>,
    pub days: usize,
}

/// A page of such letters, newest first, and one more if there is one.
pub fn letters(app: &App, db: &mut Db, context: &Context, facility: Option<Id>, before: Option<Id>, limit: i64) -> Result<Vec<AffectedLetter>> {
    let wanted = usize::try_from(limit).unwrap_or_default();
    read(db, Event::new(context, "letters.affected_listed").with("facility_id", facility), |db, reading| {
        let (mut found, mut before) = (Vec::new(), before);
        while found.len() <= wanted {
            let page = affected_claims::candidate_letters(db, facility, before, PAGE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            for letter in page {
                let span = (letter.admitted_on.unwrap_or(letter.valid_from), letter.discharged_on.unwrap_or(letter.valid_until));
                let (days, memberships) = late(app, db, (&letter.rule_set, letter.participant_id), letter.issued_at, span)?;
                found.extend((days > 0).then_some(AffectedLetter { letter, memberships, days }));
            }
        }
        found.truncate(wanted + 1);
        reading.shows(found.iter().take(wanted).map(|affected| affected.letter.participant_id));
        Ok(found)
    })
}
