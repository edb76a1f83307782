//! What becomes of a recorded check. The check never changes; how it stands follows from what came after it and from the clock.

use super::eligibility::{Decision, Paper};
use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// How a check stands that waits for papers, or that is void.
    CheckStanding { Open = "open", Completed = "completed", Lapsed = "lapsed", Void = "void" }
}

text_enum! {
    /// Why a check is not to be counted.
    VoidReason { WrongPerson = "wrong_person", Duplicate = "duplicate", Left = "left" }
}

/// How a check stands at an instant; none where its decision is what it is. `complete_by` is the time that is allowed with its extension.
pub fn standing(decision: Decision, complete_by: Option<UtcTime>, (is_void, is_completed): (bool, bool), now: UtcTime) -> Option<CheckStanding> {
    if is_void {
        return Some(CheckStanding::Void);
    }
    match decision {
        Decision::Provisional if is_completed => Some(CheckStanding::Completed),
        Decision::Provisional if complete_by.is_some_and(|by| now <= by) => Some(CheckStanding::Open),
        Decision::Provisional => Some(CheckStanding::Lapsed),
        Decision::Eligible | Decision::NotEligible | Decision::Undetermined => None,
    }
}

/// What the number of a paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperNumber {
    Nik,
    Kk,
    /// Of a letter, as whoever wrote it counts them.
    Letter,
}

impl PaperNumber {
    pub const fn of(kind: Paper) -> Self {
        match kind {
            Paper::KtpEl => Self::Nik,
            Paper::Kk => Self::Kk,
            Paper::Sktm
            | Paper::DinsosLetter
            | Paper::PoliceReport
            | Paper::KelurahanLetter
            | Paper::DeathLetter
            | Paper::PuskesmasLetter
            | Paper::UnemploymentLetter => Self::Letter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provisional_check_is_open_to_its_last_instant() {
        use CheckStanding::{Completed, Lapsed, Open, Void};
        let by: UtcTime = "2026-11-24T03:00:00Z".parse().expect("an instant");
        let (last, after) = (by, by.plus(chrono::Duration::microseconds(1)));
        for (decision, marks, now, expected) in [
            (Decision::Provisional, (false, false), last, Some(Open)),
            (Decision::Provisional, (false, false), after, Some(Lapsed)),
            (Decision::Provisional, (false, true), last, Some(Completed)),
            (Decision::Provisional, (false, true), after, Some(Completed)),
            (Decision::Provisional, (true, true), last, Some(Void)),
            (Decision::Provisional, (true, false), after, Some(Void)),
            (Decision::Eligible, (false, true), after, None),
            (Decision::NotEligible, (false, true), last, None),
            (Decision::Undetermined, (false, false), after, None),
            (Decision::Eligible, (true, false), last, Some(Void)),
        ] {
            assert_eq!(standing(decision, Some(by), marks, now), expected, "{decision} {marks:?} {now}");
        }
    }
}
