//! The columns of files: which ones each kind has, and the words among which some of them choose. They carry the JSON names.

use super::rows::Entry;
use super::{DeathRow, EnrollmentRow, HouseholdRow, ImportKind, JknRow, MoverRow, ParticipantRow, PopulationRow};
use crate::domain::enrollments::{Channel, FilerKind};
use crate::domain::jkn::{JknSegment, JknState};
use crate::domain::participants::{Sex, StatusEventKind};
use crate::domain::population::CivilStatus;
use crate::domain::registration::{Field, Relation};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// The columns of all kinds. One name means the same wherever it stands.
    Column {
        Nik = "nik", KkNumber = "kk_number", Relation = "relation", Name = "name", BirthDate = "birth_date", Sex = "sex",
        VillageCode = "village_code", Rt = "rt", Rw = "rw", Address = "address", Phone = "phone", ResidentSince = "resident_since",
        MotherName = "mother_name", CardNumber = "card_number", CardIssuedOn = "card_issued_on", JknSegment = "jkn_segment",
        JknState = "jkn_state", JknValidFrom = "jkn_valid_from", Segment = "segment", State = "state", ValidFrom = "valid_from",
        ValidTo = "valid_to", Kind = "kind", Date = "date", DocumentNumber = "document_number", FilerKind = "filer_kind",
        FilerNik = "filer_nik", FilerName = "filer_name", Channel = "channel", Note = "note", Status = "status", StatusDate = "status_date", RowKey = "row_key",
    }
}

/// The columns of one kind, in the order of its template.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// A file without one of these is refused as a whole; whether a cell may be empty is another matter.
    pub required: &'static [Column],
    pub optional: &'static [Column],
}

impl Columns {
    pub fn all(self) -> impl Iterator<Item = Column> {
        self.required.iter().chain(self.optional).copied()
    }

    pub fn contain(self, column: Column) -> bool {
        self.required.contains(&column) || self.optional.contains(&column)
    }
}

impl ImportKind {
    /// The columns of a file of this kind.
    pub const fn columns(self) -> Columns {
        match self {
            Self::Participants => ParticipantRow::COLUMNS,
            Self::JknStatus => JknRow::COLUMNS,
            Self::Deaths => DeathRow::COLUMNS,
            Self::Movers => MoverRow::COLUMNS,
            Self::Enrollments => EnrollmentRow::COLUMNS,
            Self::Households => HouseholdRow::COLUMNS,
            Self::Population => PopulationRow::COLUMNS,
        }
    }
}

impl Column {
    /// The words among which a column chooses; none where it is free.
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Self::Relation => Relation::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Sex => Sex::ALL.iter().map(|word| word.as_str()).collect(),
            Self::JknSegment | Self::Segment => JknSegment::ALL.iter().map(|word| word.as_str()).collect(),
            Self::JknState | Self::State => JknState::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Kind => MOVES.iter().map(|word| word.as_str()).collect(),
            Self::FilerKind => FilerKind::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Channel => Channel::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Nik | Self::KkNumber | Self::Name | Self::BirthDate | Self::VillageCode | Self::Rt | Self::Rw | Self::Address => Vec::new(),
            Self::Phone | Self::ResidentSince | Self::MotherName | Self::CardNumber | Self::CardIssuedOn | Self::JknValidFrom => Vec::new(),
            Self::ValidFrom | Self::ValidTo | Self::Date | Self::DocumentNumber | Self::FilerNik | Self::FilerName | Self::Note => Vec::new(),
            Self::Status => CivilStatus::ALL.iter().map(|word| word.as_str()).collect(),
            Self::StatusDate | Self::RowKey => Vec::new(),
        }
    }
}

/// What a file of movers tells.
pub const MOVES: [StatusEventKind; 2] = [StatusEventKind::MovedOut, StatusEventKind::MovedIn];

impl From<Field> for Column {
    fn from(field: Field) -> Self {
        match field {
            Field::Nik => Self::Nik,
            Field::KkNumber => Self::KkNumber,
            Field::Relation => Self::Relation,
            Field::Name => Self::Name,
            Field::BirthDate => Self::BirthDate,
            Field::Sex => Self::Sex,
            Field::VillageCode => Self::VillageCode,
            Field::Rt => Self::Rt,
            Field::Rw => Self::Rw,
            Field::Address => Self::Address,
            Field::Phone => Self::Phone,
            Field::ResidentSince => Self::ResidentSince,
            Field::MotherName => Self::MotherName,
        }
    }
}
