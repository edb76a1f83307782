//! Households: the people on one family card. The card's number changes when a household splits, moves or gets another head.

use super::text_enum::text_enum;

/// The largest family that is believed; a home for the aged has no family card.
pub const MOST_MEMBERS: usize = 50;

text_enum! {
    /// What happens to a household.
    HouseholdEventKind { Split = "split", Renumbered = "renumbered", Merged = "merged", HeadChanged = "head_changed" }
}
