//! Reports: figures frozen as they were told, so that the council and the mayor speak of the same numbers ever after.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::figures::{Breakdown, FigureName, FigureSheet};
use super::text_enum::text_enum;

text_enum! {
    /// What a report holds: one figure as it was asked for, or those of a month.
    ReportKind { Figure = "figure", Monthly = "monthly" }
}

/// What is hashed. The version is that of this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub version: u32,
    pub number: String,
    pub kind: ReportKind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub figures: Vec<FigureSheet>,
}

pub const VERSION: u32 = 1;

/// A page of the monthly report: the figure, what it is broken down by, and whether it shows the year until then rather than the month.
#[derive(Debug, Clone, Copy)]
pub struct Chapter {
    pub figure: FigureName,
    pub by: Breakdown,
    pub of_year: bool,
}

/// The monthly report, in its order.
pub const MONTHLY: &[Chapter] = &[
    Chapter { figure: FigureName::Summary, by: Breakdown::Measure, of_year: false },
    Chapter { figure: FigureName::Participants, by: Breakdown::Enrollment, of_year: false },
    Chapter { figure: FigureName::Participants, by: Breakdown::Card, of_year: false },
    Chapter { figure: FigureName::Checks, by: Breakdown::Month, of_year: true },
    Chapter { figure: FigureName::Checks, by: Breakdown::Decision, of_year: false },
    Chapter { figure: FigureName::Checks, by: Breakdown::Reason, of_year: false },
    Chapter { figure: FigureName::Utilization, by: Breakdown::Month, of_year: true },
    Chapter { figure: FigureName::Utilization, by: Breakdown::Facility, of_year: false },
    Chapter { figure: FigureName::Utilization, by: Breakdown::District, of_year: false },
    Chapter { figure: FigureName::Claims, by: Breakdown::Month, of_year: true },
    Chapter { figure: FigureName::Claims, by: Breakdown::State, of_year: true },
    Chapter { figure: FigureName::Claims, by: Breakdown::Facility, of_year: true },
    Chapter { figure: FigureName::Ageing, by: Breakdown::Bucket, of_year: false },
    Chapter { figure: FigureName::Turnaround, by: Breakdown::Step, of_year: true },
    Chapter { figure: FigureName::Budget, by: Breakdown::Pot, of_year: false },
    Chapter { figure: FigureName::TariffGap, by: Breakdown::Facility, of_year: true },
    Chapter { figure: FigureName::TariffGap, by: Breakdown::Code, of_year: true },
    Chapter { figure: FigureName::Diagnoses, by: Breakdown::Code, of_year: true },
    Chapter { figure: FigureName::Edits, by: Breakdown::Edit, of_year: true },
    Chapter { figure: FigureName::Hygiene, by: Breakdown::Signal, of_year: true },
    Chapter { figure: FigureName::ServiceLevels, by: Breakdown::Month, of_year: true },
];
