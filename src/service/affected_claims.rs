//! Claims on days of which JKN covered the patient, as became known only after they were decided. Nothing is remembered of it: it follows from the claims,
//! their decisions and the JKN periods, so that nothing is missed however the period came. A claim that is decided again leaves the list.

use std::collections::HashMap;

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
use crate::store::{jkn, merges, recoveries};

/// A claim, and the memberships that were learnt of too late.
#[derive(Clone)]
pub struct Affected {
    pub claim: Claim,
    pub terms: Terms,
    /// Each with when it was recorded.
    pub memberships: Vec<(JknPeriod, UtcTime)>,
    pub days: usize,
    /// What of it came back already.
    pub recovered: Rupiah,
}

impl Affected {
    /// What may have to be kept back or taken back: all that was approved or paid, since who covers a day of a stay may cover the stay; less what came back.
    pub fn at_stake(&self) -> Rupiah {
        Rupiah((self.claim.approved_amount.max(self.claim.paid_amount).0 - self.recovered.0).max(0))
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
            let known = memberships(db, page.iter().map(|(claim, _)| claim.participant_id))?;
            let recovered = recoveries::repaid_of(db, &page.iter().map(|(claim, _)| claim.id).collect::<Vec<_>>())?;
            for (claim, terms) in page {
                let Some(decided) = terms.decided_at else { continue };
                let span = (claim.admitted_on, claim.discharged_on.unwrap_or(claim.admitted_on));
                let (days, memberships) = late(app, &terms.rule_set, known.get(&claim.participant_id), decided, span)?;
                let recovered = recovered.get(&claim.id).copied().unwrap_or(Rupiah::ZERO);
                found.extend((days > 0).then_some(Affected { claim, terms, memberships, days, recovered }));
            }
        }
        found.truncate(wanted + 1);
        reading.shows(found.iter().take(wanted).map(|affected| affected.claim.participant_id));
        Ok(found)
    })
}

/// The memberships of these people under whichever of their records, in a number of queries that does not grow with how many they are.
fn memberships(db: &mut Db, people: impl Iterator<Item = Id>) -> Result<HashMap<Id, Vec<jkn::Row>>> {
    let mut people: Vec<Id> = people.collect();
    people.sort_unstable();
    people.dedup();
    let stand_ins = merges::stand_ins(db, &people)?;
    let top = |person: Id| stand_ins.get(&person).copied().unwrap_or(person);
    let mut tops: Vec<Id> = people.iter().map(|person| top(*person)).collect();
    tops.sort_unstable();
    tops.dedup();
    let top_of: HashMap<Id, Id> = tops.iter().map(|top| (*top, *top)).chain(merges::merged_into(db, &tops)?).collect();
    let mut of_top: HashMap<Id, Vec<jkn::Row>> = HashMap::new();
    for row in jkn::of(db, &top_of.keys().copied().collect::<Vec<_>>())? {
        if let Some(top) = top_of.get(&row.participant_id) {
            of_top.entry(*top).or_default().push(row);
        }
    }
    Ok(people.into_iter().filter_map(|person| Some((person, of_top.get(&top(person))?.clone()))).collect())
}

/// On how many of these days a membership bars that was recorded after this moment, and which, by the rules of the claim or letter.
fn late(
    app: &App,
    rule_set: &str,
    known: Option<&Vec<jkn::Row>>,
    since: UtcTime,
    span: (NaiveDate, NaiveDate),
) -> Result<(usize, Vec<(JknPeriod, UtcTime)>)> {
    let rules = app.city.rule_sets.by_code(rule_set).ok_or_else(|| Error::internal("care by rules that are gone"))?;
    let rows = known.map_or(&[][..], Vec::as_slice).iter().filter(|row| row.recorded_at > since);
    let told: Vec<(JknPeriod, UtcTime)> = rows.map(|row| (row.period(), row.recorded_at)).collect();
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
            let known = memberships(db, page.iter().map(|letter| letter.participant_id))?;
            for letter in page {
                let span = (letter.admitted_on.unwrap_or(letter.valid_from), letter.discharged_on.unwrap_or(letter.valid_until));
                let (days, memberships) = late(app, &letter.rule_set, known.get(&letter.participant_id), letter.issued_at, span)?;
                found.extend((days > 0).then_some(AffectedLetter { letter, memberships, days }));
            }
        }
        found.truncate(wanted + 1);
        reading.shows(found.iter().take(wanted).map(|affected| affected.letter.participant_id));
        Ok(found)
    })
}
