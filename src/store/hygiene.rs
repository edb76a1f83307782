//! What is wrong with the registry and was noticed, counted from the rows of a period: they are few, and found by an index on their time.

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use super::db::Db;
use crate::domain::participants::{CaseOutcome, CaseState, ParticipantState};
use crate::domain::population::{FindingCategory, FindingState};
use crate::domain::signals::{SignalKind, SignalState};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{merges, participants, reconciliation_findings, registry_cases, signals, temporary_identities};

/// Instants after the first of which, and up to the second of which, something was noticed.
#[derive(Debug, Clone, Copy)]
pub struct Noticed {
    pub after: UtcTime,
    pub until: UtcTime,
}

pub fn signals(db: &mut Db, noticed: Noticed) -> Result<Vec<(SignalKind, SignalState, i64)>> {
    Ok(signals::table
        .filter(signals::raised_at.gt(noticed.after))
        .filter(signals::raised_at.le(noticed.until))
        .group_by((signals::kind, signals::state))
        .select((signals::kind, signals::state, count_star()))
        .load(&mut db.connection)?)
}

pub fn open_signals(db: &mut Db) -> Result<i64> {
    Ok(signals::table.filter(signals::state.eq(SignalState::Open)).count().get_result(&mut db.connection)?)
}

pub fn findings(db: &mut Db, noticed: Noticed) -> Result<Vec<(FindingCategory, FindingState, i64)>> {
    use reconciliation_findings as findings;
    Ok(findings::table
        .filter(findings::found_at.gt(noticed.after))
        .filter(findings::found_at.le(noticed.until))
        .group_by((findings::category, findings::state))
        .select((findings::category, findings::state, count_star()))
        .load(&mut db.connection)?)
}

pub fn registry_cases(db: &mut Db, noticed: Noticed) -> Result<Vec<(CaseState, Option<CaseOutcome>, i64)>> {
    Ok(registry_cases::table
        .filter(registry_cases::opened_at.gt(noticed.after))
        .filter(registry_cases::opened_at.le(noticed.until))
        .group_by((registry_cases::state, registry_cases::outcome))
        .select((registry_cases::state, registry_cases::outcome, count_star()))
        .load(&mut db.connection)?)
}

/// People who came without a NIK, by how they stand now.
pub fn temporary_identities(db: &mut Db, noticed: Noticed) -> Result<Vec<(ParticipantState, i64)>> {
    Ok(temporary_identities::table
        .inner_join(participants::table.on(participants::id.eq(temporary_identities::participant_id)))
        .filter(temporary_identities::made_at.gt(noticed.after))
        .filter(temporary_identities::made_at.le(noticed.until))
        .group_by(participants::state)
        .select((participants::state, count(participants::id)))
        .load(&mut db.connection)?)
}

pub fn merged(db: &mut Db, noticed: Noticed) -> Result<i64> {
    let merged = merges::table.filter(merges::merged_at.gt(noticed.after)).filter(merges::merged_at.le(noticed.until));
    Ok(merged.count().get_result(&mut db.connection)?)
}
