//! Pages: where one begins in a table whose ids grow with time.

use crate::domain::id::Id;

/// Lists are read from their newest end; sheets from their oldest, so that what is added meanwhile is not missed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    NewestFirst { before: Option<Id> },
    OldestFirst { after: Option<Id> },
}
