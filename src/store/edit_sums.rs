//! What edits found on decided claims of each hospital and month of admission, and what people said to it.
//!
//! What counts is what `domain::adjudication::precision` says, as for the precision of edits over a time of decisions.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claim_months::{Counted, decided};
use super::claim_parts::{ClaimHit, ClaimLine};
use super::db::{Db, Tx, total};
use super::summaries::{of_care, of_facility, replace};
use crate::domain::adjudication::edits::find;
use crate::domain::adjudication::precision::{DecidedLine, Spoken, Tally};
use crate::domain::eligibility::CareType;
use crate::domain::figures::Scope;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::{Error, Result};
use crate::schema::{claim_adjustments, claim_hits, edit_sums};

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = edit_sums, primary_key(month, facility_id, care_type, edit, shadow))]
pub(super) struct Row {
    month: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    edit: String,
    shadow: bool,
    #[diesel(embed)]
    found: Found,
}

/// What an edit found.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[diesel(table_name = edit_sums)]
pub struct Found {
    /// All that one edit found on one claim is one.
    pub findings: i64,
    pub pended: i64,
    /// By a person, who either agreed or did not.
    pub decided: i64,
    pub agreed: i64,
    pub overturned: i64,
    pub at_stake: i64,
    pub cut: i64,
    /// What the edit itself took, and nobody gave back.
    pub adjusted: i64,
}

impl Found {
    pub fn add(&mut self, other: &Self) {
        self.findings += other.findings;
        self.pended += other.pended;
        self.decided += other.decided;
        self.agreed += other.agreed;
        self.overturned += other.overturned;
        self.at_stake += other.at_stake;
        self.cut += other.cut;
        self.adjusted += other.adjusted;
    }

    fn of(tally: &Tally, adjusted: i64) -> Self {
        Self {
            findings: tally.hits.into(),
            pended: tally.pended.into(),
            decided: tally.decided.into(),
            agreed: tally.upheld.into(),
            overturned: tally.overridden.into(),
            at_stake: tally.at_stake.0,
            cut: tally.cut.0,
            adjusted,
        }
    }
}

/// Counts a hospital's month; `lines` are those of its decided claims.
pub(super) fn count(db: &mut Db, facility: Id, month: NaiveDate, rows: &[Counted], lines: &[ClaimLine]) -> Result<Vec<Row>> {
    let connection = &mut db.connection;
    let mut of_claims: HashMap<Id, Vec<DecidedLine>> = HashMap::new();
    for line in lines {
        of_claims.entry(line.claim_id).or_default().push(DecidedLine::from(line));
    }
    let mut hits: BTreeMap<(Id, String, bool), Vec<Spoken>> = BTreeMap::new();
    for hit in decided!(claim_hits, facility, month).select(ClaimHit::as_select()).load::<ClaimHit>(connection)? {
        let spoken = Spoken::from(&hit);
        hits.entry((hit.claim_id, hit.edit, hit.shadow)).or_default().push(spoken);
    }
    let cuts: Vec<(Id, String, Rupiah)> = decided!(claim_adjustments, facility, month)
        .select((claim_adjustments::claim_id, claim_adjustments::source, claim_adjustments::amount))
        .load(connection)?;

    let too_large = |_| Error::internal("a sum over claims that does not fit");
    let claims: HashMap<Id, &Counted> = rows.iter().filter(|claim| claim.decided_at.is_some()).map(|claim| (claim.id, claim)).collect();
    let mut tallies: BTreeMap<(CareType, String, bool), (Tally, i64)> = BTreeMap::new();
    for ((id, edit, shadow), spoken) in hits {
        let Some(claim) = claims.get(&id) else { continue };
        let lines = of_claims.get(&id).map(Vec::as_slice).unwrap_or_default();
        let (tally, _) = tallies.entry((claim.care_type, edit, shadow)).or_default();
        tally.add(&spoken, lines, claim.decided_by.is_some()).map_err(too_large)?;
    }
    // The other cuts are those of a person, under their reason.
    for (id, edit, amount) in cuts.into_iter().filter(|(_, source, _)| find(source).is_some()) {
        let Some(claim) = claims.get(&id) else { continue };
        let (_, adjusted) = tallies.entry((claim.care_type, edit, false)).or_default();
        *adjusted += amount.0;
    }

    let of = |((care_type, edit, shadow), (tally, adjusted))| Row {
        month,
        facility_id: facility,
        care_type,
        edit,
        shadow,
        found: Found::of(&tally, adjusted),
    };
    Ok(tallies.into_iter().map(of).collect())
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, rows: Vec<Row>) -> Result<()> {
    let kept = edit_sums::table.filter(edit_sums::facility_id.eq(facility)).filter(edit_sums::month.eq(month));
    replace!(tx, Row, edit_sums, kept, rows);
    Ok(())
}

macro_rules! found {
    ($db:expr, $scope:expr, $shadow:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        edit_sums::table
            .filter(edit_sums::month.between(scope.from, scope.to))
            .filter(edit_sums::shadow.eq($shadow))
            .filter(of_facility!(scope, edit_sums))
            .filter(of_care!(scope, edit_sums))
            .group_by(edit_sums::$key)
            .select((
                edit_sums::$key,
                (
                    total!("findings"),
                    total!("pended"),
                    total!("decided"),
                    total!("agreed"),
                    total!("overturned"),
                    total!("at_stake"),
                    total!("cut"),
                    total!("adjusted"),
                ),
            ))
            .order(edit_sums::$key)
            .load(&mut $db.connection)?
    }};
}

pub fn by_edit(db: &mut Db, scope: &Scope, shadow: bool) -> Result<Vec<(String, Found)>> {
    Ok(found!(db, scope, shadow, edit))
}

pub fn by_facility(db: &mut Db, scope: &Scope, shadow: bool) -> Result<Vec<(Id, Found)>> {
    Ok(found!(db, scope, shadow, facility_id))
}

pub fn by_care_type(db: &mut Db, scope: &Scope, shadow: bool) -> Result<Vec<(CareType, Found)>> {
    Ok(found!(db, scope, shadow, care_type))
}

pub fn by_month(db: &mut Db, scope: &Scope, shadow: bool) -> Result<Vec<(NaiveDate, Found)>> {
    Ok(found!(db, scope, shadow, month))
}
