//! The verifier of the audit log: walks every stripe in order and names the first event that is not what it was when it was written.
//!
//! Without keys it proves the chain, the open columns and the signed checkpoints; `deep` also opens every payload. Memory stays within a page.

use std::collections::{BTreeMap, HashMap};
use std::sync::TryLockError;

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::error::{Error, Result, StorageFault};
use crate::privacy::keyring::{KeyPurpose, signature_holds};
use crate::store::audit::{Event, Head, Header, Row, digest, link, stripes};
use crate::store::audit_checkpoints::{self, Checkpoint, HeadAt};
use crate::store::audit_log::{self, Place};
use crate::store::db::{Db, snapshot, write};
use crate::store::gate::Priority;
use crate::store::keys;

const PAGE: i64 = 1000;
/// Checkpoints have a head for each stripe, so fewer of them are a page.
const CHECKPOINTS: usize = 50;

text_enum! {
    /// What became of the log.
    BreakKind {
        Altered = "altered", Removed = "removed", Reordered = "reordered", Inserted = "inserted", TailCut = "tail_cut",
        /// A head does not say where its stripe ends.
        HeadAltered = "head_altered",
        /// Who an event is about is entered otherwise than its header says.
        SubjectsAltered = "subjects_altered",
        CheckpointAltered = "checkpoint_altered",
        /// A signed checkpoint saw another event at this place.
        CheckpointContradicts = "checkpoint_contradicts",
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    pub kind: BreakKind,
    pub stripe: Option<i32>,
    pub seq: Option<i64>,
    pub id: Option<Id>,
    pub checkpoint_id: Option<Id>,
    /// The column that differs, where one does.
    pub column: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub events: i64,
    pub checkpoints: i64,
    pub deep: bool,
    pub broken: Option<Break>,
}

/// Why the walk ended before its end.
enum Stop {
    Broken(Break),
    Failed(Error),
}

type Walked<T> = std::result::Result<T, Stop>;

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Break {
    const fn unplaced() -> Self {
        Self { kind: BreakKind::Altered, stripe: None, seq: None, id: None, checkpoint_id: None, column: None }
    }

    fn at(kind: BreakKind, stripe: i32, seq: i64, id: Option<Id>) -> Self {
        Self { kind, stripe: Some(stripe), seq: Some(seq), id, ..Self::unplaced() }
    }

    fn of(kind: BreakKind, row: &Row) -> Self {
        Self::at(kind, row.stripe, row.seq, Some(row.id))
    }

    fn checkpoint(id: Id) -> Self {
        Self { kind: BreakKind::CheckpointAltered, checkpoint_id: Some(id), ..Self::unplaced() }
    }
}

/// Verifies the log as it stands at this moment, and against checkpoints that were kept outside, if any are given.
pub fn verify(db: &mut Db, deep: bool, outside: &mut dyn Iterator<Item = Result<Checkpoint>>) -> Result<Verdict> {
    snapshot(db, |db| {
        let mut verdict = Verdict { events: 0, checkpoints: 0, deep, broken: None };
        match walk(db, &mut verdict, outside) {
            Ok(()) => {}
            Err(Stop::Broken(found)) => verdict.broken = Some(found),
            Err(Stop::Failed(error)) => return Err(error),
        }
        Ok(verdict)
    })
}

/// The same for somebody who asks, which is an event. It may take minutes, so one runs at a time, on a connection of its own.
pub fn verify_as_asked(app: &App, context: &Context, deep: bool) -> Result<Verdict> {
    let _turn = match app.verifying.try_lock() {
        Ok(turn) => turn,
        // It guards nothing that a panic could leave half done.
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Error::Busy("the audit log is being verified for somebody else")),
    };
    let db = &mut app.pool.connect().map_err(StorageFault::Gone)?;
    let verdict = verify(db, deep, &mut std::iter::empty())?;
    let event = Event::new(context, "audit.verified").with("intact", verdict.broken.is_none()).with("deep", deep);
    write(db, Priority::People, |tx| {
        tx.record(event.clone());
        Ok(())
    })?;
    Ok(verdict)
}

fn walk(db: &mut Db, verdict: &mut Verdict, outside: &mut dyn Iterator<Item = Result<Checkpoint>>) -> Walked<()> {
    let expected: Vec<i32> = (0..stripes(db.backend())).collect();
    let heads = audit_log::heads(db)?;
    let mut ends = BTreeMap::new();
    let mut entered = 0;
    for stripe in &expected {
        let head = heads.iter().find(|head| head.stripe == *stripe);
        let head = head.ok_or_else(|| Stop::Broken(Break::at(BreakKind::HeadAltered, *stripe, 0, None)))?;
        entered += walk_stripe(db, head, verdict)?;
        ends.insert(*stripe, head.seq);
    }
    if let Some(head) = heads.iter().find(|head| !expected.contains(&head.stripe)) {
        return Err(Stop::Broken(Break::at(BreakKind::HeadAltered, head.stripe, head.seq, None)));
    }
    if let Some((stripe, seq, id)) = audit_log::stray(db, &expected)? {
        return Err(Stop::Broken(Break::at(BreakKind::Inserted, stripe, seq, Some(id))));
    }
    let public = public_keys(db)?;
    let mut after = None;
    loop {
        let page = audit_checkpoints::page_after(db, after, CHECKPOINTS as i64)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        let page = page.into_iter().map(|(id, checkpoint)| checkpoint.ok_or_else(|| Stop::Broken(Break::checkpoint(id))));
        let page = page.collect::<Walked<Vec<Checkpoint>>>()?;
        verdict.checkpoints += page.len() as i64;
        compare(db, &page, &public, &ends)?;
    }
    loop {
        let page = (&mut *outside).take(CHECKPOINTS).collect::<Result<Vec<Checkpoint>>>()?;
        if page.is_empty() {
            break;
        }
        verdict.checkpoints += page.len() as i64;
        compare(db, &page, &public, &ends)?;
    }
    // Last, because it cannot say where.
    if audit_log::count_entered(db)? != entered {
        return Err(Stop::Broken(Break { kind: BreakKind::SubjectsAltered, ..Break::unplaced() }));
    }
    Ok(())
}

/// Walks one stripe to its head and tells how many people its events are about.
fn walk_stripe(db: &mut Db, head: &Head, verdict: &mut Verdict) -> Walked<i64> {
    let mut last = Head { stripe: head.stripe, seq: 0, link: vec![0; 32] };
    let (mut after, mut entered) = (None, 0);
    loop {
        let rows = readable(db, head.stripe, after)?;
        let Some(end) = rows.last() else { break };
        after = Some((end.seq, end.id));
        let mut people = Vec::new();
        for row in &rows {
            let header = check(db, &last, head, row, verdict.deep)?;
            people.extend(header.subjects.iter().map(|subject| (*subject, row)));
            last = Head { stripe: row.stripe, seq: row.seq, link: row.link.clone() };
        }
        check_people(db, &people)?;
        verdict.events += rows.len() as i64;
        entered += people.len() as i64;
    }
    if last.seq < head.seq {
        return Err(Stop::Broken(Break::at(BreakKind::TailCut, head.stripe, last.seq + 1, None)));
    }
    if last.seq > head.seq || last.link != head.link {
        return Err(Stop::Broken(Break::at(BreakKind::HeadAltered, head.stripe, head.seq, None)));
    }
    Ok(entered)
}

/// A page of whole rows. If one cannot even be read, it is the one that was altered.
fn readable(db: &mut Db, stripe: i32, after: Option<Place>) -> Walked<Vec<Row>> {
    match audit_log::page(db, stripe, after, PAGE) {
        Ok(rows) => Ok(rows),
        Err(error @ Error::Storage(StorageFault::Refused(_))) => {
            let mut rows = Vec::new();
            for (seq, id) in audit_log::places(db, stripe, after, PAGE)? {
                match audit_log::find(db, id) {
                    Ok(row) => rows.extend(row),
                    // What stands before it is checked first: something else may have broken earlier.
                    Err(_) if !rows.is_empty() => return Ok(rows),
                    Err(_) => return Err(Stop::Broken(Break::at(BreakKind::Altered, stripe, seq, Some(id)))),
                }
            }
            if rows.is_empty() { Err(Stop::Failed(error)) } else { Ok(rows) }
        }
        Err(error) => Err(Stop::Failed(error)),
    }
}

/// Is this the event that follows the last one?
fn check(db: &mut Db, last: &Head, head: &Head, row: &Row, deep: bool) -> Walked<Header> {
    if row.seq <= last.seq {
        return Err(Stop::Broken(Break::of(BreakKind::Inserted, row)));
    }
    if row.seq > last.seq + 1 {
        return Err(Stop::Broken(Break::at(BreakKind::Removed, row.stripe, last.seq + 1, None)));
    }
    let column = match differing(row) {
        Ok(header) if link(&last.link, row.stripe, row.seq, &row.header, &row.digest)[..] == row.link => {
            if !deep || audit_log::salted(db, row).is_some_and(|plain| digest(&plain)[..] == row.digest) {
                return Ok(header);
            }
            "payload"
        }
        Ok(_) => "link",
        Err(column) => column,
    };
    let kind = if row.seq > head.seq || audit_log::claimants(db, row.stripe, row.seq)? > 1 {
        BreakKind::Inserted
    } else if column == "link" && was_elsewhere(db, row)? {
        BreakKind::Reordered
    } else {
        BreakKind::Altered
    };
    Err(Stop::Broken(Break { column: Some(column), ..Break::of(kind, row) }))
}

/// The header, if every open column says what it says; else the column that does not.
fn differing(row: &Row) -> std::result::Result<Header, &'static str> {
    let header: Header = serde_json::from_str(&row.header).map_err(|_| "header")?;
    let columns = [
        ("id", header.id == row.id),
        ("at", header.at == row.at),
        ("kind", header.kind == row.kind),
        ("user_id", header.user_id == row.user_id),
        ("facility_id", header.facility_id == row.facility_id),
    ];
    columns.iter().find(|(_, same)| !same).map_or(Ok(header), |(column, _)| Err(*column))
}

/// Does its link fit behind another event of the stripe? Then it was moved here whole.
fn was_elsewhere(db: &mut Db, row: &Row) -> Result<bool> {
    let fits = |seq: i64, before: &[u8]| link(before, row.stripe, seq, &row.header, &row.digest)[..] == row.link;
    let mut after = i64::MIN;
    let mut fitting = fits(1, &[0; 32]);
    loop {
        let page = audit_log::links_after(db, row.stripe, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(fitting) };
        after = *last;
        // Its old neighbour may itself have moved by one.
        fitting |= page.iter().any(|(seq, before)| fits(*seq, before) || seq.checked_add(1).is_some_and(|next| fits(next, before)));
    }
}

/// Is everyone whom an event is about entered for it?
fn check_people(db: &mut Db, people: &[(Id, &Row)]) -> Walked<()> {
    let events = || people.iter().map(|(_, row)| row.id);
    let (Some(first), Some(last)) = (events().min(), events().max()) else { return Ok(()) };
    let mut who: Vec<Id> = people.iter().map(|(subject, _)| *subject).collect();
    who.sort_unstable();
    who.dedup();
    let entered = audit_log::entered(db, &who, first, last)?;
    match people.iter().find(|(subject, row)| !entered.contains(&(*subject, row.id))) {
        Some((_, row)) => Err(Stop::Broken(Break::of(BreakKind::SubjectsAltered, row))),
        None => Ok(()),
    }
}

fn public_keys(db: &mut Db) -> Result<HashMap<i32, Vec<u8>>> {
    let stored = keys::all(db)?.into_iter().filter(|key| key.purpose == KeyPurpose::Checkpoint);
    Ok(stored.filter_map(|key| Some((key.id, key.public_key?))).collect())
}

/// Were they signed by us, and do they see the events that stand here?
fn compare(db: &mut Db, page: &[Checkpoint], public: &HashMap<i32, Vec<u8>>, ends: &BTreeMap<i32, i64>) -> Walked<()> {
    let mut seen = BTreeMap::<i32, Vec<i64>>::new();
    for checkpoint in page {
        let message = Checkpoint::message(checkpoint.id, checkpoint.at, checkpoint.key_id, &checkpoint.heads)?;
        let holds = public
            .get(&checkpoint.key_id)
            .zip(checkpoint.signature_bytes())
            .is_some_and(|(public, signature)| signature_holds(public, message.as_bytes(), &signature));
        if !holds {
            return Err(Stop::Broken(Break::checkpoint(checkpoint.id)));
        }
        checkpoint.heads.iter().filter(|head| head.seq > 0).for_each(|head| seen.entry(head.stripe).or_default().push(head.seq));
    }
    let mut links = HashMap::new();
    for (stripe, mut numbers) in seen {
        numbers.sort_unstable();
        numbers.dedup();
        links.extend(audit_log::links_at(db, stripe, &numbers)?.into_iter().map(|(seq, link)| ((stripe, seq), link)));
    }
    let agrees = |head: &HeadAt| head.seq == 0 || links.get(&(head.stripe, head.seq)).is_some_and(|link| head.is_link(link));
    for checkpoint in page {
        if let Some(head) = checkpoint.heads.iter().find(|head| !agrees(head)) {
            let end = ends.get(&head.stripe).copied().unwrap_or_default();
            let (kind, seq) = if head.seq > end { (BreakKind::TailCut, end + 1) } else { (BreakKind::CheckpointContradicts, head.seq) };
            return Err(Stop::Broken(Break { checkpoint_id: Some(checkpoint.id), ..Break::at(kind, head.stripe, seq, None) }));
        }
    }
    Ok(())
}
