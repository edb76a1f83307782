//! Everything on which a claim was decided and paid, for whoever has to show it later: to an auditor, in a dispute, before a court.

use super::{Told, open, sees};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::tariffs::Fit;
use crate::error::{Code, Error, Result};
use crate::service::eligibility_checks::{self, Followed};
use crate::service::tariffs::{self, Priced};
use crate::service::{App, documents, letters};
use crate::store::audit::{Event, Row};
use crate::store::audit_checkpoints::{self, Checkpoint};
use crate::store::claim_parts::{self, Revision};
use crate::store::db::Db;
use crate::store::payments::{self, Batch, Item};
use crate::store::reading::read;
use crate::store::{audit_log, claims, eligibility_checks as checks};

pub struct Evidence {
    pub told: Told,
    pub revisions: Vec<Revision>,
    pub letter: Option<letters::Told>,
    pub check: Followed,
    /// The closest price of each code that was billed, in the schedule of the day.
    pub prices: Vec<(String, Option<Priced>)>,
    pub documents: Vec<documents::Told>,
    pub payments: Vec<(Batch, Item)>,
    pub links: Vec<Link>,
    /// The newest signed heads of the log.
    pub checkpoint: Option<Checkpoint>,
}

/// An event of this claim with the link before it: enough to compute its own link again.
pub struct Link {
    pub row: Row,
    pub previous: Option<Vec<u8>>,
}

/// What is looked through of a person's events at a time.
const PAGE: i64 = 500;

/// The documents behind a claim.
pub fn papers(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Vec<documents::Told>> {
    read(db, Event::new(context, "claim.documents_read").object(id), |db, reading| {
        claims::find(db, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))?;
        documents::behind(db, reading, id)
    })
}

pub fn evidence(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Evidence> {
    read(db, Event::new(context, "claim.evidence_read").object(id), |db, reading| {
        let claim = claims::find(db, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))?;
        let terms = claims::terms(db, id)?;
        let letter = claim.letter_id.map(|letter| letters::told_within(app, db, reading, context, letter)).transpose()?;
        let check = checks::find(db, claim.check_id)?.ok_or_else(|| Error::internal("a claim without its check"))?;
        reading.shows(check.participant_id);
        let check = eligibility_checks::followed(app, db, check)?;
        let revisions =
            (1..=claim.revision).filter_map(|revision| claim_parts::revision(db, id, revision).transpose()).collect::<Result<Vec<_>>>()?;
        let told = open(db, reading, claim, terms)?.to(caller.role);
        let facility = app.memory.facility(told.claim.facility_id).ok_or_else(|| Error::internal("a claim of a facility that is not there"))?;
        let fit = Fit::at(&facility, &app.city.code, Some(told.claim.care_type), told.claim.ward_class);
        let mut codes: Vec<&str> = told.parts.lines.iter().map(|line| line.tariff_code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        let found = tariffs::prices(db, told.terms.tariff_date, &codes)?;
        let prices = codes.iter().map(|code| ((*code).to_owned(), found.closest(code, &fit))).collect();
        let papers = documents::behind(db, reading, id)?;
        Ok(Evidence {
            letter,
            check,
            revisions,
            prices,
            documents: papers,
            payments: payments::of_claim(db, id)?,
            links: links(db, &told)?,
            checkpoint: audit_checkpoints::latest(db)?,
            told,
        })
    })
}

/// What was done with the claim, and not who read it: that is for the person and the auditor to know.
fn links(db: &mut Db, told: &Told) -> Result<Vec<Link>> {
    let filter = audit_log::Filter { participant_id: Some(told.claim.participant_id), ..audit_log::Filter::default() };
    let (mut links, mut before) = (Vec::new(), None);
    loop {
        let mut rows = audit_log::list(db, &filter, before, PAGE)?;
        let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > PAGE);
        rows.truncate(usize::try_from(PAGE).unwrap_or_default());
        before = rows.last().map(|row| row.id);
        for row in rows {
            // No event of a claim is older than the claim.
            if row.at < told.claim.created_at {
                return Ok(oldest_first(links));
            }
            let is_of_claim = audit_log::header(&row).is_some_and(|header| header.object == Some(told.claim.id));
            if is_of_claim && !row.kind.ends_with("read") {
                let previous = audit_log::link_before(db, &row)?;
                links.push(Link { row, previous });
            }
        }
        if !more {
            return Ok(oldest_first(links));
        }
    }
}

/// Events of one change have one instant, and their ids do not say which came first.
fn oldest_first(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by_key(|link| (link.row.at, link.row.seq));
    links
}
