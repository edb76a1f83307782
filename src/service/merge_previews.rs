//! What a merge would move, before anybody merges: whom the numbers, cards, children and checks of the record that goes would find, what speaks against
//! it, and what is in the way.

use super::{App, merges};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::merges::{MergeObstacle, MergeWarning};
use crate::domain::names;
use crate::domain::registration::Relation;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::eligibility_checks;
use crate::store::enrollment_requests::{self as requests, Request};
use crate::store::participants::Participant;
use crate::store::reading::{Reading, read};

pub struct Preview {
    pub obstacles: Vec<MergeObstacle>,
    pub warnings: Vec<MergeWarning>,
    pub moves: Moves,
}

/// What would find the one that stays, and what the record that goes would lose until an un-merge.
pub struct Moves {
    pub niks: usize,
    /// Records that were merged into the one that goes, and go with it.
    pub merged_records: Vec<Id>,
    /// Children that were registered on the mother's NIK.
    pub newborns: Vec<Id>,
    pub cards: usize,
    pub checks: i64,
    pub enrollments: Enrollments,
    /// The family card that it leaves.
    pub left_household: Option<Id>,
    pub temporary_identity: bool,
}

/// The live enrolments of the record that goes and of the one that stays. Of two, one expires.
pub struct Enrollments {
    pub moves: Option<Request>,
    pub stays: Option<Request>,
}

impl Enrollments {
    pub fn expires(&self) -> Option<Id> {
        let (moves, stays) = (self.moves.as_ref()?, self.stays.as_ref()?);
        Some(if moves.state.outweighs(stays.state) { stays.id } else { moves.id })
    }
}

pub fn preview(_: &App, db: &mut Db, context: &Context, id: Id, into: Id) -> Result<Preview> {
    let event = Event::new(context, "participant.merge_previewed").object(id).with("to_participant_id", into);
    read(db, event, |db, reading| {
        let gone = store::participants::find(db, reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        let stays = store::participants::find(db, reading, into)?.ok_or_else(|| Fault::at("/to_participant_id", "MERGE_TARGET"))?;
        let obstacles = merges::obstacles(db, &gone, &stays)?;
        let (records, kept) = (store::merges::with_merged(db, id)?, store::merges::with_merged(db, into)?);
        let enrollments = Enrollments { moves: requests::live_of(db, &records)?, stays: requests::live_of(db, &kept)? };
        let moves = moves(db, reading, &gone, &records, enrollments)?;
        let warnings = warnings(db, &gone, &stays, &moves)?;
        Ok(Preview { obstacles, warnings, moves })
    })
}

fn moves(db: &mut Db, reading: &Reading, gone: &Participant, records: &[Id], enrollments: Enrollments) -> Result<Moves> {
    let cards = store::enrollments::of(db, reading, records)?.iter().filter(|enrollment| enrollment.card_number.is_some()).count();
    Ok(Moves {
        niks: store::participants::niks_of(db, gone.id)?.len(),
        merged_records: records.iter().filter(|record| **record != gone.id).copied().collect(),
        newborns: store::newborns::children_of(db, records)?,
        cards,
        checks: eligibility_checks::count_of(db, records)?,
        enrollments,
        left_household: store::households::open_memberships(db, &[gone.id])?.first().map(|membership| membership.household_id),
        temporary_identity: gone.identity.nik.is_empty(),
    })
}

fn warnings(db: &mut Db, gone: &Participant, stays: &Participant, moves: &Moves) -> Result<Vec<MergeWarning>> {
    let (one, other) = (&gone.identity, &stays.identity);
    let born = one.known_birth_date().zip(other.known_birth_date());
    let named = one.known_name().zip(other.known_name());
    let memberships = store::households::open_memberships(db, &[gone.id, stays.id])?;
    let leaves_as_head = memberships.iter().any(|membership| membership.participant_id == gone.id && membership.relation == Relation::Head);
    let jkn = store::jkn::of(db, &[gone.id, stays.id])?;
    let (left, kept): (Vec<_>, Vec<_>) = jkn.iter().map(|row| (row.participant_id, row.period())).partition(|(whose, _)| *whose == gone.id);
    let overlap = left.iter().any(|(_, left)| kept.iter().any(|(_, kept)| left.range().overlaps(&kept.range())));
    let found = [
        (gone.sex != stays.sex, MergeWarning::SexDiffers),
        (born.is_some_and(|(one, other)| one != other), MergeWarning::BirthDateDiffers),
        (named.is_some_and(|(one, other)| !names::same(one, other)), MergeWarning::NameDiffers),
        (moves.enrollments.expires().is_some(), MergeWarning::BothEnrolled),
        (memberships.len() > 1, MergeWarning::BothInHouseholds),
        (leaves_as_head, MergeWarning::HeadLeaves),
        (overlap, MergeWarning::JknPeriodsOverlap),
    ];
    Ok(found.into_iter().filter_map(|(holds, warning)| holds.then_some(warning)).collect())
}
