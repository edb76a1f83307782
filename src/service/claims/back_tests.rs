//! What one edit would have said of claims of the past. A claim is judged by what the hospital last said in it and by what the registry knows now, since
//! what it knew then is not kept; the day of receipt is the one of then. The edit runs alone, so that nothing of another is counted for it.

use std::collections::BTreeSet;

use super::judging::{Ground, Manner, judge_by};
use super::known::{Known, Occasion};
use crate::context::Context;
use crate::domain::adjudication::precision::{DecidedLine, Spoken};
use crate::domain::adjudication::{Edit, Hit};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::{Error, Result};
use crate::service::App;
use crate::store::claim_parts;
use crate::store::claims::{self, Claim, Terms};
use crate::store::db::Tx;
use crate::store::{eligibility_checks as checks, letters, merges};

/// What an edit would have said of a claim, and what was decided.
pub struct Past {
    pub person: Id,
    pub spoken: Vec<Spoken>,
    pub lines: Vec<DecidedLine>,
    pub by_a_person: bool,
    /// What it would not have paid by itself.
    pub would_cut: Rupiah,
}

fn spoken(hit: Hit) -> Spoken {
    Spoken { outcome: hit.outcome, line: hit.line, limit: hit.limit }
}

/// None where the claim cannot be judged again: its facility or its rules are gone.
pub fn look_back(app: &App, tx: &mut Tx, context: &Context, edit: &'static Edit, id: Id) -> Result<Option<Past>> {
    let claim = claims::find(tx, id)?.ok_or_else(|| Error::internal("a claim that is gone"))?;
    let terms = claims::terms(tx, id)?;
    let Some(facility) = app.memory.facility(claim.facility_id) else { return Ok(None) };
    let Some(said) = claim_parts::revision(tx, id, claim.revision)? else { return Ok(None) };
    let ground = ground_of(tx, &claim)?;
    let manner = Manner { edits: &[edit], shadow: &BTreeSet::new(), received_on: received_on(app, &claim, &terms) };
    let mut known = Known::read(app, tx, &facility, Occasion::LookBack, &[(&said.bill, &ground)])?;
    let judged = match judge_by(app, tx, context, (&facility, &ground, &mut known), (&said.bill, Some(id)), &manner) {
        Ok(judged) => judged.adjudication,
        Err(Error::Invalid(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let lines = claim_parts::of(tx, id)?.lines;
    let cut = Rupiah::sum(judged.adjustments.iter().map(|cut| cut.amount)).map_err(|_| Error::internal("cuts above what a claim holds"))?;
    Ok(Some(Past {
        person: ground.person,
        spoken: judged.hits.into_iter().map(spoken).collect(),
        lines: lines.iter().map(DecidedLine::from).collect(),
        by_a_person: terms.decided_at.is_some() && terms.decided_by.is_some(),
        would_cut: cut,
    }))
}

fn received_on(app: &App, claim: &Claim, terms: &Terms) -> chrono::NaiveDate {
    app.city.today(terms.submitted_at.unwrap_or(claim.created_at))
}

/// On what a claim rests that is there already.
fn ground_of(tx: &mut Tx, claim: &Claim) -> Result<Ground> {
    let letter = claim.letter_id.map(|id| letters::find(tx, id)).transpose()?.flatten();
    let check = checks::find(tx, claim.check_id)?.ok_or_else(|| Error::internal("a claim without its check"))?;
    let person = merges::way_up(tx, claim.participant_id)?.pop().unwrap_or(claim.participant_id);
    Ok(Ground { letter, check, person, records: merges::with_merged(tx, person)?, replaces: claim.replaces_claim_id })
}
