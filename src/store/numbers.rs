//! The numbers that people read, taken in the transaction that issues them: gaps are allowed, doubles never, and nothing is kept in memory.
//!
//! Each facility draws from a range of its own, so that facilities do not wait for each other; only a new range is taken from the city's row.

use diesel::prelude::*;

use super::db::{Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::error::{Error, Result};
use crate::schema::number_ranges;

text_enum! {
    /// What is numbered.
    NumberKind { Referral = "referral", Enrollment = "enrollment", Card = "card", Letter = "letter", Claim = "claim", Payment = "payment", Debt = "debt", Report = "report" }
}

/// Stands for the city itself: whoever has no facility draws from its row.
pub const CITY: Id = Id::from_bytes([0; 16]);
/// How many numbers a facility takes at once.
const RANGE: i64 = 100;

/// The numbers that are left: from `next` to `range_end`.
#[derive(Clone, Copy)]
struct Range {
    next: i64,
    range_end: i64,
}

/// The numbers of a kind in a year that a transaction draws for a facility. A copy of it goes back to where it was made.
#[derive(Clone, Copy)]
pub struct Series {
    kind: NumberKind,
    year: i32,
    facility: Id,
    /// None before the first is drawn.
    range: Option<Range>,
}

impl Series {
    pub const fn of(kind: NumberKind, year: i32, facility: Id) -> Self {
        Self { kind, year, facility, range: None }
    }

    /// The next number. It is drawn when `store` has said so.
    pub fn next(&mut self, tx: &mut Tx) -> Result<i64> {
        let Self { kind, year, facility, range } = *self;
        // The facility's row first and the city's second, always, so that two transactions cannot wait for each other.
        let mut range = match range {
            Some(range) => range,
            None => held(tx, kind, year, facility, Range { next: 1, range_end: 0 })?,
        };
        if range.next > range.range_end {
            let city = held(tx, kind, year, CITY, Range { next: 1, range_end: i64::MAX })?;
            range = Range { next: city.next, range_end: city.next + RANGE - 1 };
            store(tx, kind, year, CITY, &Range { next: city.next + RANGE, range_end: city.range_end })?;
        }
        self.range = Some(Range { next: range.next + 1, ..range });
        Ok(range.next)
    }

    /// Stores which numbers are left.
    pub fn store(&self, tx: &mut Tx) -> Result<()> {
        self.range.map_or(Ok(()), |range| store(tx, self.kind, self.year, self.facility, &range))
    }
}

/// The next number of a kind in a year, for this facility.
pub fn take(tx: &mut Tx, kind: NumberKind, year: i32, facility: Id) -> Result<i64> {
    let mut series = Series::of(kind, year, facility);
    let number = series.next(tx)?;
    series.store(tx)?;
    Ok(number)
}

/// The row, locked until the end of the transaction; made first where it is missing.
fn held(tx: &mut Tx, kind: NumberKind, year: i32, facility: Id, fresh: Range) -> Result<Range> {
    if let Some(range) = lock(tx, kind, year, facility)? {
        return Ok(range);
    }
    let row = (
        number_ranges::kind.eq(kind),
        number_ranges::year.eq(year),
        number_ranges::facility_id.eq(facility),
        number_ranges::next.eq(fresh.next),
        number_ranges::range_end.eq(fresh.range_end),
    );
    on_each!(tx.db, |connection| diesel::insert_into(number_ranges::table).values(row).on_conflict_do_nothing().execute(connection))?;
    lock(tx, kind, year, facility)?.ok_or_else(|| Error::internal("a range of numbers is gone"))
}

fn lock(tx: &mut Tx, kind: NumberKind, year: i32, facility: Id) -> Result<Option<Range>> {
    let row = number_ranges::table.find((kind, year, facility)).select((number_ranges::next, number_ranges::range_end));
    let found: Option<(i64, i64)> = locked!(tx, row, first).optional()?;
    Ok(found.map(|(next, range_end)| Range { next, range_end }))
}

fn store(tx: &mut Tx, kind: NumberKind, year: i32, facility: Id, range: &Range) -> Result<()> {
    diesel::update(number_ranges::table.find((kind, year, facility)))
        .set((number_ranges::next.eq(range.next), number_ranges::range_end.eq(range.range_end)))
        .execute(&mut tx.db.connection)?;
    Ok(())
}
