//! Households: the people on one family card. The card's number changes when a household splits, moves or gets another head.

use super::participants::ParticipantState;
use super::registration::Relation;
use super::residency::VillageCode;
use super::text_enum::text_enum;

/// The largest family that is believed; a home for the aged has no family card.
pub const MOST_MEMBERS: usize = 50;

text_enum! {
    /// What happens to a household.
    HouseholdEventKind { Split = "split", Renumbered = "renumbered", Merged = "merged", HeadChanged = "head_changed" }
}

text_enum! {
    /// What is odd about a household as it stands. It is recorded as the family card has it, and somebody should look.
    HouseholdWarning {
        /// The head has died, left or was merged into another record, and nobody else is head.
        NoHead = "no_head", SeveralHeads = "several_heads", MembersInDifferentVillages = "members_in_different_villages",
    }
}

/// One who is on the family card now.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub relation: Relation,
    pub state: ParticipantState,
    pub village_code: VillageCode,
}

/// What is odd about the living members of a household. One without any is only a number that is still found.
pub fn warnings(members: &[Member]) -> Vec<HouseholdWarning> {
    let here = |member: &&Member| match member.state {
        ParticipantState::Deceased | ParticipantState::Merged => false,
        ParticipantState::Active
        | ParticipantState::MovedOut
        | ParticipantState::Suspended
        | ParticipantState::NikInactive
        | ParticipantState::Duplicate
        | ParticipantState::Temporary => true,
    };
    let living: Vec<&Member> = members.iter().filter(here).collect();
    let heads = living.iter().filter(|member| member.relation == Relation::Head).count();
    // Where someone lives who has moved out is not known.
    let mut villages = living.iter().filter(|member| member.state != ParticipantState::MovedOut).map(|member| member.village_code);
    let first = villages.next();
    let found = [
        (!living.is_empty() && heads == 0, HouseholdWarning::NoHead),
        (heads > 1, HouseholdWarning::SeveralHeads),
        (villages.any(|village| Some(village) != first), HouseholdWarning::MembersInDifferentVillages),
    ];
    found.into_iter().filter_map(|(holds, warning)| holds.then_some(warning)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_card_has_one_living_head_and_one_village() {
        use HouseholdWarning as W;
        use ParticipantState as P;
        let member = |relation, state, village: &str| Member { relation, state, village_code: village.parse().unwrap() };
        let (here, there) = ("3275011001", "3275011002");
        for (members, expected) in [
            (vec![], vec![]),
            (vec![member(Relation::Head, P::Active, here), member(Relation::Child, P::Temporary, here)], vec![]),
            (vec![member(Relation::Spouse, P::Active, here)], vec![W::NoHead]),
            (vec![member(Relation::Head, P::Deceased, here), member(Relation::Spouse, P::Active, here)], vec![W::NoHead]),
            (vec![member(Relation::Head, P::Deceased, here)], vec![]),
            (vec![member(Relation::Head, P::Merged, here), member(Relation::Head, P::Active, here)], vec![]),
            (vec![member(Relation::Head, P::Active, here), member(Relation::Head, P::Suspended, here)], vec![W::SeveralHeads]),
            (vec![member(Relation::Head, P::Active, here), member(Relation::Child, P::Active, there)], vec![W::MembersInDifferentVillages]),
            (vec![member(Relation::Head, P::Active, here), member(Relation::Child, P::MovedOut, there)], vec![]),
        ] {
            assert_eq!(warnings(&members), expected, "{members:?}");
        }
    }
}
