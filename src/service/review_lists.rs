//! Lists of reviews, narrowed as asked. Whose reviews these are about is an event.

use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::Result;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::eligibility_reviews::{self as reviews, Filter, Review, Whose};
use crate::store::reading::read;

/// A page of reviews without what was said, and one review more if there is one.
pub fn list(db: &mut Db, context: &Context, caller: &Caller, filter: &Filter, (before, limit): (Option<Id>, i64)) -> Result<Vec<Review>> {
    read(db, Event::new(context, "reviews.listed").with("filter", filter), |db, reading| {
        let found = reviews::page(db, Whose::of(caller), filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(found.iter().take(page).filter_map(|review| review.participant_id));
        Ok(found)
    })
}
