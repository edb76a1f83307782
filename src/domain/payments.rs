//! Payments to hospitals: a batch is proposed by one person of the finance office, approved by another, and settled when the treasury has paid.

use super::rupiah::Rupiah;
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

/// One per cent of what is owed for each whole month of thirty days after it was due: what the national programme would add. It is shown and not paid.
pub fn late_indicator(amount: Rupiah, days: i64) -> Rupiah {
    let months = i128::from(days.max(0) / 30);
    Rupiah(i64::try_from(i128::from(amount.0) * months / 100).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_grows_by_a_hundredth_a_month() {
        for (amount, days, indicator) in
            [(4_000_000, -1, 0), (4_000_000, 29, 0), (4_000_000, 30, 40_000), (4_000_000, 75, 80_000), (99, 30, 0), (i64::MAX, 1_000_000, i64::MAX)]
        {
            assert_eq!(late_indicator(Rupiah(amount), days), Rupiah(indicator), "{amount} {days}");
        }
    }

    #[test]
    fn nothing_is_paid_that_nobody_approved() {
        assert_eq!(BatchState::Proposed.after(BatchAction::Settle), None);
        for state in [BatchState::Settled, BatchState::Cancelled] {
            assert!(BatchAction::ALL.iter().all(|action| state.after(*action).is_none()), "{state}");
        }
    }
}
