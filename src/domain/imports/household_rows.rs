//! Rows of households: one for each member, those of one KK next to each other. A family is registered as a whole or not at all.

use super::cells::{Cells, Place};
use super::columns::{Column, Columns};
use super::participant_rows::{ParticipantRow, registration};
use super::rows::{Entry, Row};
use super::{RowCode, RowFault};
use crate::domain::households::MOST_MEMBERS;
use crate::domain::nik::Nik;
use crate::domain::registration::{Registration, Relation};

/// A member; without the card and the JKN that rows of participants may have.
#[derive(Debug)]
pub struct HouseholdRow(pub ParticipantRow);

impl Entry for HouseholdRow {
    const COLUMNS: Columns = Columns {
        required: &[
            Column::KkNumber,
            Column::VillageCode,
            Column::Address,
            Column::Nik,
            Column::Relation,
            Column::Name,
            Column::BirthDate,
            Column::Sex,
            Column::Rt,
            Column::Rw,
            Column::ResidentSince,
        ],
        optional: &[Column::Phone, Column::MotherName, Column::RowKey],
    };

    fn read(cells: &Cells<'_>, place: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let registration = registration(cells, place)?;
        let warnings = registration.warnings(place.regions);
        Ok(Self(ParticipantRow { registration, warnings, card: None, jkn: None }))
    }

    fn nik(&self) -> &Nik {
        &self.0.registration.nik
    }

    const BY_HOUSEHOLD: bool = true;

    fn judge_together(rows: &mut [Row<Self>]) {
        if let Some((column, code)) = fault_of(rows) {
            for row in rows.iter_mut().filter(|row| row.entry().is_some()) {
                row.refuse(Some(column), code);
            }
        }
    }
}

/// What is wrong with a family as a whole.
fn fault_of(rows: &[Row<HouseholdRow>]) -> Option<(Column, RowCode)> {
    let members: Vec<&Registration> = rows.iter().filter_map(|row| row.entry().map(|row| &row.0.registration)).collect();
    if rows.len() > MOST_MEMBERS {
        return Some((Column::KkNumber, RowCode::HouseholdTooLarge));
    }
    if members.len() < rows.len() {
        return Some((Column::KkNumber, RowCode::HouseholdIncomplete));
    }
    let home = |member: &Registration| (member.village_code, member.address.clone());
    if members.windows(2).any(|two| home(two[0]) != home(two[1])) {
        return Some((Column::Address, RowCode::HouseholdDiffers));
    }
    (members.iter().filter(|member| member.relation == Relation::Head).count() != 1).then_some((Column::Relation, RowCode::HeadCount))
}
