//! The states of a claim, and which action leads from one to another: one function, used to decide and as the guard of every change.

use crate::domain::text_enum::text_enum;

text_enum! {
    ClaimState {
        Draft = "draft",
        /// Received; whether its papers are complete is not judged yet.
        Submitted = "submitted",
        /// Back at the hospital, to be mended.
        Returned = "returned",
        /// Complete, and waiting for somebody to look at it.
        Complete = "complete",
        /// Somebody looks at it.
        InVerification = "in_verification",
        Approved = "approved",
        ApprovedPartial = "approved_partial",
        Rejected = "rejected",
        Disputed = "disputed",
        PaymentOrdered = "payment_ordered",
        Paid = "paid",
        /// Looked at again after it was approved and before it is paid. What was paid is paid back by a recovery.
        Recheck = "recheck",
        /// Nothing came in time.
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What is done with a claim.
    ClaimAction {
        Submit = "submit",
        /// Its papers are all there, by somebody's word or because nobody said otherwise in time.
        Complete = "complete",
        Take = "take",
        /// Whoever took it lets it go.
        Release = "release",
        Return = "return",
        /// Of an amount that two decide, the first has decided.
        FirstApproval = "first_approval",
        Approve = "approve",
        ApprovePartly = "approve_partly",
        Reject = "reject",
        Resubmit = "resubmit",
        Withdraw = "withdraw",
        Dispute = "dispute",
        OrderPayment = "order_payment",
        /// The order is taken back before anything was paid.
        UnorderPayment = "unorder_payment",
        Pay = "pay",
        Recheck = "recheck",
        Expire = "expire",
    }
}

text_enum! {
    /// How a line of a claim was judged.
    LineState { Pending = "pending", Approved = "approved", Reduced = "reduced", Rejected = "rejected" }
}

text_enum! {
    /// Who has to act.
    WaitingFor { Hospital = "hospital", Verifier = "verifier", Finance = "finance" }
}

impl ClaimState {
    /// The state after this action; none where it is not possible.
    pub const fn after(self, action: ClaimAction) -> Option<Self> {
        use ClaimAction as Action;
        match (action, self) {
            (Action::Submit, Self::Draft) | (Action::Resubmit, Self::Returned) => Some(Self::Submitted),
            (Action::Complete, Self::Submitted) | (Action::Release, Self::InVerification) => Some(Self::Complete),
            (Action::Take, Self::Submitted | Self::Complete) => Some(Self::InVerification),
            (Action::Return, Self::Submitted | Self::Complete | Self::InVerification) => Some(Self::Returned),
            (Action::FirstApproval, Self::Submitted | Self::Complete | Self::InVerification) => Some(Self::Complete),
            (Action::FirstApproval, Self::Disputed | Self::Recheck) => Some(self),
            // A dispute is decided by the same words.
            (Action::Approve, Self::Submitted | Self::Complete | Self::InVerification | Self::Disputed | Self::Recheck) => Some(Self::Approved),
            (Action::ApprovePartly, Self::Submitted | Self::Complete | Self::InVerification | Self::Disputed | Self::Recheck) => {
                Some(Self::ApprovedPartial)
            }
            (Action::Reject, Self::Submitted | Self::Complete | Self::InVerification | Self::Disputed | Self::Recheck) => Some(Self::Rejected),
            // What somebody looks at right now is decided, not withdrawn under their hands.
            (Action::Withdraw, Self::Draft | Self::Submitted | Self::Returned | Self::Complete) => Some(Self::Withdrawn),
            (Action::Dispute, Self::ApprovedPartial | Self::Rejected) => Some(Self::Disputed),
            (Action::OrderPayment, Self::Approved | Self::ApprovedPartial) => Some(Self::PaymentOrdered),
            (Action::UnorderPayment, Self::PaymentOrdered) => Some(Self::Approved),
            (Action::Pay, Self::PaymentOrdered) => Some(Self::Paid),
            // Somebody says that the care was not given, or JKN is found to have covered it. What is paid stays paid.
            (Action::Recheck, Self::Approved | Self::ApprovedPartial) => Some(Self::Recheck),
            (Action::Expire, Self::Draft | Self::Returned) => Some(Self::Expired),
            (
                Action::Submit
                | Action::Complete
                | Action::Take
                | Action::Release
                | Action::Return
                | Action::FirstApproval
                | Action::Approve
                | Action::ApprovePartly
                | Action::Reject
                | Action::Resubmit
                | Action::Withdraw
                | Action::Dispute
                | Action::OrderPayment
                | Action::UnorderPayment
                | Action::Pay
                | Action::Recheck
                | Action::Expire,
                _,
            ) => None,
        }
    }

    /// Does it stand in the way of another claim with the same number, letter or check?
    pub const fn is_live(self) -> bool {
        match self {
            Self::Rejected | Self::Expired | Self::Withdrawn => false,
            Self::Draft
            | Self::Submitted
            | Self::Returned
            | Self::Complete
            | Self::InVerification
            | Self::Approved
            | Self::ApprovedPartial
            | Self::Disputed
            | Self::PaymentOrdered
            | Self::Paid
            | Self::Recheck => true,
        }
    }

    pub const fn waiting_for(self) -> Option<WaitingFor> {
        match self {
            Self::Draft | Self::Returned => Some(WaitingFor::Hospital),
            Self::Submitted | Self::Complete | Self::InVerification | Self::Disputed | Self::Recheck => Some(WaitingFor::Verifier),
            Self::Approved | Self::ApprovedPartial | Self::PaymentOrdered => Some(WaitingFor::Finance),
            Self::Rejected | Self::Paid | Self::Expired | Self::Withdrawn => None,
        }
    }

    /// May the hospital change what it says?
    pub const fn is_open_to_hospital(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_ends() {
        // What was paid is not decided again: it is paid back, by a recovery of its own.
        for state in [ClaimState::Expired, ClaimState::Withdrawn, ClaimState::Paid] {
            assert!(ClaimAction::ALL.iter().all(|action| state.after(*action).is_none()), "{state}");
        }
        // Nothing is paid that was not approved first, and nothing is approved twice.
        for state in ClaimState::ALL {
            assert_eq!(state.after(ClaimAction::Pay).is_some(), *state == ClaimState::PaymentOrdered);
            let orders = state.after(ClaimAction::OrderPayment).is_some();
            assert_eq!(orders, matches!(state, ClaimState::Approved | ClaimState::ApprovedPartial));
            assert!(!orders || state.after(ClaimAction::Approve).is_none());
        }
    }

    #[test]
    fn every_state_but_the_first_is_reached() {
        let mut reached = vec![ClaimState::Draft];
        while let Some(more) =
            reached.iter().flat_map(|state| ClaimAction::ALL.iter().filter_map(|action| state.after(*action))).find(|state| !reached.contains(state))
        {
            reached.push(more);
        }
        assert_eq!(reached.len(), ClaimState::ALL.len(), "{reached:?}");
    }
}
