//! The principal diagnoses of claims, those first that were seen most.

use super::Told;
use crate::domain::figures::{MeasureUnit, Scope, item, totals};
use crate::domain::summaries::FEWEST_PEOPLE;
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
    // To the last one it would tell, beside an exact number of claims, how few people they were.
    let not_told = if scope.own { Some(not_told) } else { Some(not_told / FEWEST_PEOPLE * FEWEST_PEOPLE).filter(|codes| *codes > 0) };
    sums.insert("codes_not_told".to_owned(), not_told);
    Ok(Told { measures: MEASURES, items: all.into_iter().take(scope.limit).collect(), totals: sums })
}
