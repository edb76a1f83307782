//! Money that a hospital pays back for a claim that was paid: asked for by one person of the finance office, approved by another, and repaid in parts.

use super::rupiah::{Rupiah, TooLarge};
use super::text_enum::text_enum;

text_enum! {
    RecoveryState {
        Proposed = "proposed",
        /// Approved: the hospital owes it.
        Due = "due",
        Repaid = "repaid",
        /// Taken back before anybody approved it.
        Cancelled = "cancelled",
    }
}

text_enum! {
    RecoveryAction { Approve = "approve", Repay = "repay", Cancel = "cancel" }
}

text_enum! {
    /// Why money comes back.
    RecoveryReason {
        /// JKN is found to have covered the care.
        DoubleFunded = "double_funded",
        /// The patient says that the care was not given.
        NotGiven = "not_given",
        Audit = "audit",
        Overpaid = "overpaid",
    }
}

text_enum! {
    RepaymentState {
        /// A payment that is not settled will keep it back.
        Ordered = "ordered",
        Repaid = "repaid",
        /// The payment was taken back, and this with it.
        Released = "released",
    }
}

impl RecoveryState {
    /// The state after this action; none where it is not possible. What is due is due until all of it is repaid.
    pub const fn after(self, action: RecoveryAction) -> Option<Self> {
        match (action, self) {
            (RecoveryAction::Approve, Self::Proposed) => Some(Self::Due),
            (RecoveryAction::Repay, Self::Due) => Some(Self::Due),
            (RecoveryAction::Cancel, Self::Proposed) => Some(Self::Cancelled),
            (RecoveryAction::Approve | RecoveryAction::Repay | RecoveryAction::Cancel, _) => None,
        }
    }
}

/// How much of what is due a payment keeps back: what it can, and never more than it pays.
pub fn kept_back(open: Rupiah, payment: Rupiah, kept: Rupiah) -> Result<Rupiah, TooLarge> {
    Ok(open.min(payment.minus(kept)?).max(Rupiah::ZERO))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_comes_back_that_nobody_approved() {
        assert_eq!(RecoveryState::Proposed.after(RecoveryAction::Repay), None);
        assert_eq!(RecoveryState::Due.after(RecoveryAction::Cancel), None, "what two have asked for, one does not forgive");
        for state in [RecoveryState::Repaid, RecoveryState::Cancelled] {
            assert!(RecoveryAction::ALL.iter().all(|action| state.after(*action).is_none()), "{state}");
        }
    }

    proptest! {
        #[test]
        fn a_payment_keeps_back_what_it_can_and_never_more_than_it_pays(
            payment in 0i64..1_000,
            open in proptest::collection::vec(1i64..400, 0..8),
        ) {
            let mut kept = 0;
            for one in &open {
                let part = kept_back(Rupiah(*one), Rupiah(payment), Rupiah(kept)).unwrap().0;
                prop_assert!((0..=*one).contains(&part));
                kept += part;
            }
            prop_assert_eq!(kept, payment.min(open.iter().sum()));
        }
    }
}
