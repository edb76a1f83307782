//! The principal diagnoses of claims, those first that were seen most.

use super::Told;
use crate::domain::figures::{MeasureUnit, Scope, item, totals};
use crate::domain::summaries::in_fives;
use crate::error::Result;
use crate::store::db::Db;
use crate::store::diagnosis_sums::{self, Seen};

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("claims", MeasureUnit::Count),
    ("people", MeasureUnit::Count),
    ("approved", MeasureUnit::Rupiah),
    // In the totals: the rest is theirs.
    ("codes_not_told", MeasureUnit::Count),
];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let mut told = Vec::new();
    let mut not_told = 0;
    for (code, Seen { claims, people, approved, told_claims, told_people, told_approved }) in diagnosis_sums::by_code(db, scope)? {
        // A hospital knows its patients.
        let (claims, people, approved) = if scope.own { (claims, people, approved) } else { (told_claims, told_people, told_approved) };
        if people == 0 {
            not_told += 1;
        } else {
            told.push((code, claims, people, approved));
        }
    }
    told.sort_by(|(code, claims, ..), (other, more, ..)| more.cmp(claims).then_with(|| code.cmp(other)));
    let cell = |(code, claims, people, approved)| item(code, [("claims", claims), ("people", people), ("approved", approved)]);
    let all: Vec<_> = told.into_iter().map(cell).collect();
    let mut sums = totals(&all);
    sums.insert("codes_not_told".to_owned(), if scope.own { Some(not_told) } else { in_fives(not_told) });
    Ok(Told { measures: MEASURES, items: all.into_iter().take(scope.limit).collect(), totals: sums })
}
