//! The edits of claims as they stand: in the shadow or active, what two admins say of that, how often people agreed with them, and what one would have
//! done on past claims.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::App;
use super::claims::look_back;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::adjudication::edits::{ALL, find};
use crate::domain::adjudication::precision::{DecidedLine, Spoken, Tally};
use crate::domain::adjudication::{Edit, EditMode, EditOutcome};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::{Period, UtcTime};
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::claim_analysis;
use crate::store::claim_parts::ClaimHit;
use crate::store::db::{Db, Tx, snapshot, write};
use crate::store::edit_modes::{self, BackTest, Standing};
use crate::store::gate::Priority;

/// An edit and how it stands.
#[derive(Clone)]
pub struct Known {
    pub edit: &'static Edit,
    pub standing: Standing,
}

fn as_it_begins(edit: &Edit, now: UtcTime) -> Standing {
    Standing {
        edit: edit.code.to_owned(),
        version: 1,
        mode: edit.begins,
        changed_by: None,
        confirmed_by: None,
        changed_at: now,
        asked_mode: None,
        asked_by: None,
        asked_at: None,
    }
}

fn edit_of(code: &str) -> Result<&'static Edit> {
    find(code).ok_or_else(|| Error::refused(Code::NotFound))
}

/// The codes of the edits that only tell what they would do.
pub fn in_shadow(db: &mut Db) -> Result<BTreeSet<String>> {
    let stored: BTreeMap<String, EditMode> = edit_modes::all(db)?.into_iter().map(|standing| (standing.edit, standing.mode)).collect();
    let mode = |edit: &Edit| stored.get(edit.code).copied().unwrap_or(edit.begins);
    Ok(ALL.iter().filter(|edit| mode(edit) == EditMode::Shadow).map(|edit| edit.code.to_owned()).collect())
}

/// Every edit in the order in which they are told. Those who are judged by them are not told of any that does not count yet.
pub fn list(db: &mut Db, context: &Context, sees_shadows: bool) -> Result<Vec<Known>> {
    let mut stored: BTreeMap<String, Standing> = edit_modes::all(db)?.into_iter().map(|standing| (standing.edit.clone(), standing)).collect();
    let known = ALL.iter().map(|edit| Known { edit, standing: stored.remove(edit.code).unwrap_or_else(|| as_it_begins(edit, context.now)) });
    Ok(known.filter(|known| sees_shadows || known.standing.mode == EditMode::Active).collect())
}

pub fn show(db: &mut Db, context: &Context, code: &str) -> Result<Known> {
    let edit = edit_of(code)?;
    let stored = edit_modes::all(db)?.into_iter().find(|standing| standing.edit == code);
    Ok(Known { edit, standing: stored.unwrap_or_else(|| as_it_begins(edit, context.now)) })
}

/// How one admin asks that an edit stands, or how another confirms it: nobody alone decides what is refused, or that it no longer is. To ask for how it
/// stands already takes back what was asked.
pub fn set_mode(db: &mut Db, context: &Context, code: &str, seen: i32, mode: EditMode) -> Result<Known> {
    let (edit, by) = (edit_of(code)?, context.signed_in()?.user_id);
    write(db, Priority::People, |tx| {
        let mut standing = edit_modes::lock(tx, &as_it_begins(edit, context.now))?;
        if standing.version != seen {
            return Err(Error::refused(Code::IfMatchStale));
        }
        if mode == EditMode::Active && standing.mode == EditMode::Shadow {
            refuse_untested(tx, edit)?;
        }
        let confirms = standing.asked_mode == Some(mode);
        let kind = if mode == standing.mode {
            (standing.asked_mode, standing.asked_by, standing.asked_at) = (None, None, None);
            "edit.mode_kept"
        } else if !confirms {
            (standing.asked_mode, standing.asked_by, standing.asked_at) = (Some(mode), Some(by), Some(context.now));
            "edit.mode_asked"
        } else if standing.asked_by == Some(by) {
            return Err(Error::refused(Code::DecidesOwnRequest));
        } else {
            (standing.mode, standing.changed_by, standing.confirmed_by) = (mode, standing.asked_by, Some(by));
            standing.changed_at = context.now;
            (standing.asked_mode, standing.asked_by, standing.asked_at) = (None, None, None);
            "edit.mode_changed"
        };
        standing.version += 1;
        edit_modes::update(tx, &standing)?;
        tx.record(Event::new(context, kind).with("edit", code).with("mode", mode).with("version", edit.version));
        Ok(Known { edit, standing })
    })
}

/// What refuses money does so only once it was seen what it would have refused.
fn refuse_untested(tx: &mut Tx, edit: &Edit) -> Result<()> {
    if edit.outcome == EditOutcome::Reject && !edit_modes::is_back_tested(tx, edit.code, i32::from(edit.version))? {
        return Err(Error::refused(Code::EditNotBackTested));
    }
    Ok(())
}

/// Claims that are read at once.
const PAGE: i64 = 500;

/// How often people agreed with each edit. Those in the shadow are counted apart.
pub struct Precision {
    /// Claims that were decided in this time, and how many of them by a person.
    pub claims: u32,
    pub by_a_person: u32,
    /// In the order of the edits; what it found while active, and while in the shadow.
    pub edits: Vec<(&'static Edit, Tally, Tally)>,
}

pub fn precision(db: &mut Db, period: Period) -> Result<Precision> {
    let too_large = |_| Error::internal("a sum over claims that does not fit");
    snapshot(db, |db| {
        let mut tallies: BTreeMap<(String, bool), Tally> = BTreeMap::new();
        let (mut claims, mut by_a_person, mut after) = (0, 0, None);
        loop {
            let page = claim_analysis::decided(db, period, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.decided_at, last.id));
            let ids: Vec<Id> = page.iter().map(|claim| claim.id).collect();
            let (lines, hits) = (claim_analysis::lines_of(db, &ids)?, claim_analysis::hits_of(db, &ids)?);
            for claim in &page {
                claims += 1;
                by_a_person += u32::from(claim.decided_by.is_some());
                let lines: Vec<DecidedLine> = lines.get(&claim.id).into_iter().flatten().map(DecidedLine::from).collect();
                for (edit, spoken) in by_edit(hits.get(&claim.id).map(Vec::as_slice).unwrap_or_default()) {
                    tallies.entry(edit).or_default().add(&spoken, &lines, claim.decided_by.is_some()).map_err(too_large)?;
                }
            }
        }
        let mut of = |edit: &Edit, shadow: bool| tallies.remove(&(edit.code.to_owned(), shadow)).unwrap_or_default();
        Ok(Precision { claims, by_a_person, edits: ALL.iter().map(|edit| (*edit, of(edit, false), of(edit, true))).collect() })
    })
}

/// What each edit found on a claim, whether in the shadow or not.
fn by_edit(hits: &[ClaimHit]) -> BTreeMap<(String, bool), Vec<Spoken>> {
    let mut found: BTreeMap<(String, bool), Vec<Spoken>> = BTreeMap::new();
    for hit in hits {
        found.entry((hit.edit.clone(), hit.shadow)).or_default().push(Spoken::from(hit));
    }
    found
}

/// So many claims are looked at, the newest; what is left out is told.
const MOST: usize = 2_000;
/// So many in one transaction, so that whoever waits to write comes between.
const AT_ONCE: i64 = 25;

/// Runs an edit over claims of these days of admission and keeps what it would have done. No claim is changed.
pub fn back_test(
    app: &App,
    db: &mut Db,
    context: &Context,
    (code, period): (&str, (NaiveDate, NaiveDate)),
    once: &Once<'_, BackTest>,
) -> Result<BackTest> {
    let (edit, run_by) = (edit_of(code)?, context.signed_in()?.user_id);
    let all = claim_analysis::count_handed_in(db, period)?;
    let mut sums = Sums::default();
    let mut before = None;
    while sums.looked_at < MOST {
        let page = claim_analysis::handed_in(db, period, before, AT_ONCE)?;
        let Some(last) = page.last() else { break };
        before = Some(*last);
        let read = write(db, Priority::Bulk, |tx| {
            let mut read = sums;
            let mut people = Vec::new();
            for id in &page {
                people.extend(read.look(app, tx, context, edit, *id)?);
            }
            tx.record(Event::new(context, "edit.looked_back").about(people).with("edit", code).with("claims", page.len()));
            Ok(read)
        })?;
        sums = read;
    }
    let whole = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let judged = sums.looked_at - sums.passed_over;
    let test = BackTest {
        id: context.new_id(),
        edit: code.to_owned(),
        edit_version: i32::from(edit.version),
        first_day: period.0,
        last_day: period.1,
        claims: i32::try_from(judged).unwrap_or(i32::MAX),
        left_out: i32::try_from(all.saturating_sub(i64::try_from(judged).unwrap_or(all)).max(0)).unwrap_or(i32::MAX),
        hits: whole(sums.tally.hits),
        pended: whole(sums.tally.pended),
        decided: whole(sums.tally.decided),
        upheld: whole(sums.tally.upheld),
        overridden: whole(sums.tally.overridden),
        at_stake: sums.tally.at_stake,
        would_cut: sums.would_cut,
        cut: sums.tally.cut,
        run_by,
        run_at: context.now,
    };
    once.write(db, Priority::People, |tx| {
        edit_modes::insert_back_test(tx, &test)?;
        let event = Event::new(context, "edit.back_tested").object(test.id).with("edit", code).with("version", edit.version);
        tx.record(event.with("claims", test.claims).with("hits", test.hits).with("would_cut", test.would_cut));
        Ok(test.clone())
    })
}

/// What was counted so far.
#[derive(Clone, Copy, Default)]
struct Sums {
    looked_at: usize,
    passed_over: usize,
    tally: Tally,
    would_cut: Rupiah,
}

impl Sums {
    /// Takes a claim in, and tells whose it is.
    fn look(&mut self, app: &App, tx: &mut Tx, context: &Context, edit: &'static Edit, id: Id) -> Result<Option<Id>> {
        let too_large = |_| Error::internal("a sum over claims that does not fit");
        self.looked_at += 1;
        let Some(past) = look_back(app, tx, context, edit, id)? else {
            self.passed_over += 1;
            return Ok(None);
        };
        self.tally.add(&past.spoken, &past.lines, past.by_a_person).map_err(too_large)?;
        self.would_cut = self.would_cut.plus(past.would_cut).map_err(too_large)?;
        Ok(Some(past.person))
    }
}

/// An edit's back-tests, newest first.
pub fn back_tests(db: &mut Db, code: &str, before: Option<Id>, limit: i64) -> Result<Vec<BackTest>> {
    edit_modes::back_tests(db, edit_of(code)?.code, before, limit)
}
