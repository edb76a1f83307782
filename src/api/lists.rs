//! Lists: newest first, stable under inserts, with an opaque cursor.

use chrono::{FixedOffset, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::Id;
use crate::domain::time::{Period, UtcTime};
use crate::error::{Error, Fault};

pub const DEFAULT: i64 = 50;
pub const MOST: i64 = 200;

/// Where a page begins and how long it is.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub limit: i64,
    /// The last id of the page before: ids are ordered by time, so this stays right while rows arrive.
    pub before: Option<Id>,
}

impl Page {
    pub fn new(limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let limit = limit.unwrap_or(DEFAULT);
        if !(1..=MOST).contains(&limit) {
            faults.push(Fault::parameter("limit", "OUT_OF_RANGE").with("limit", format!("1 - {MOST}")));
        }
        let before = match cursor.map(str::parse::<Id>) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => {
                faults.push(Fault::parameter("cursor", "WRONG_FORMAT"));
                None
            }
        };
        if faults.is_empty() { Ok(Self { limit, before }) } else { Err(Error::Invalid(faults)) }
    }
}

/// Refuses a period that ends before it begins.
pub fn in_order(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(), Error> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Fault::parameter("to", "BEFORE_FROM").into()),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// A period of dates, as the city counts days, in instants.
pub fn period(from: Option<NaiveDate>, to: Option<NaiveDate>, offset: FixedOffset) -> Result<Period, Error> {
    in_order(from, to)?;
    // A date so far away that it has no next one bounds nothing.
    let end_of = |date: NaiveDate| UtcTime::end_of_date(date, offset).map(|end| end.plus(chrono::Duration::microseconds(1)));
    Ok(Period { from: from.and_then(|date| end_of(date.pred_opt()?)), until: to.and_then(end_of) })
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// Give it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// From rows fetched with one more than asked for.
    pub fn from_rows<R>(mut rows: Vec<R>, page: Page, id: impl Fn(&R) -> Id, view: impl Fn(R) -> T) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(|row| id(row).to_string()) } else { None };
        Self { items: rows.into_iter().map(view).collect(), next_cursor }
    }
}
