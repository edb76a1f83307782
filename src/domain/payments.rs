//! Payments to hospitals: a batch is proposed by one person of the finance office, approved by another, and settled when the treasury has paid.

use super::text_enum::text_enum;

text_enum! {
    BatchState { Proposed = "proposed", Approved = "approved", Settled = "settled", Cancelled = "cancelled" }
}

text_enum! {
    BatchAction { Approve = "approve", Settle = "settle", Cancel = "cancel" }
}

text_enum! {
    ItemState {
        Ordered = "ordered",
        Paid = "paid",
        /// Taken out of the batch: the claim may be ordered again.
        Released = "released",
    }
}

impl BatchState {
    /// The state after this action; none where it is not possible.
    pub const fn after(self, action: BatchAction) -> Option<Self> {
        match (action, self) {
            (BatchAction::Approve, Self::Proposed) => Some(Self::Approved),
            (BatchAction::Settle, Self::Approved) => Some(Self::Settled),
            (BatchAction::Cancel, Self::Proposed | Self::Approved) => Some(Self::Cancelled),
            (BatchAction::Approve | BatchAction::Settle | BatchAction::Cancel, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_paid_that_nobody_approved() {
        assert_eq!(BatchState::Proposed.after(BatchAction::Settle), None);
        for state in [BatchState::Settled, BatchState::Cancelled] {
            assert!(BatchAction::ALL.iter().all(|action| state.after(*action).is_none()), "{state}");
        }
    }
}
