//! What each figure can be asked for, and in which measures it answers.

use super::{
    ageing, budget, checks, claims, diagnoses, edits, facilities, hygiene, participants, service_levels, summary, tariff_gap, turnaround, utilization,
};
use crate::domain::figures::{FigureName, MeasureUnit};

/// All measures that a figure may tell, whatever it is broken down by.
pub fn measures(figure: FigureName) -> &'static [(&'static str, MeasureUnit)] {
    match figure {
        FigureName::Ageing => ageing::MEASURES,
        FigureName::Budget => budget::MEASURES,
        FigureName::Checks => checks::MEASURES,
        FigureName::Claims => claims::MEASURES,
        FigureName::Diagnoses => diagnoses::MEASURES,
        FigureName::Edits => edits::WITH_SHADOWS,
        FigureName::Facilities => facilities::MEASURES,
        FigureName::Hygiene => hygiene::MEASURES,
        FigureName::Participants => participants::ALL,
        FigureName::ServiceLevels => service_levels::MEASURES,
        FigureName::Summary => summary::MEASURES,
        FigureName::TariffGap => tariff_gap::MEASURES,
        FigureName::Turnaround => turnaround::ALL,
        FigureName::Utilization => utilization::MEASURES,
    }
}
