//! What each figure can be asked for, and in which measures it answers.

use super::{checks, hygiene, participants, service_levels, summary, utilization};
use crate::domain::figures::{FigureName, MeasureUnit};

/// All measures that a figure may tell, whatever it is broken down by.
pub fn measures(figure: FigureName) -> &'static [(&'static str, MeasureUnit)] {
    match figure {
        FigureName::Checks => checks::MEASURES,
        FigureName::Hygiene => hygiene::MEASURES,
        FigureName::Participants => participants::ALL,
        FigureName::ServiceLevels => service_levels::MEASURES,
        FigureName::Summary => summary::MEASURES,
        FigureName::Utilization => utilization::MEASURES,
    }
}
