//! The population office (Dukcapil) behind one interface: asked by the last file of it, at its web service, or not at all.

use chrono::FixedOffset;

use crate::config;
use crate::domain::circuit_breaker::BreakerState;
use crate::domain::population_office::{Away, Finding, OfficeDriver, OfficeSource, Question, by_file};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::store;
use crate::store::db::Db;
use crate::store::reading::Reading;

pub mod report;
pub mod standings;
pub mod web_service;

use web_service::WebService;

pub enum Office {
    Off,
    Snapshot,
    WebService(Box<WebService>),
}

/// What became of a question.
pub struct Asked {
    pub finding: std::result::Result<Finding, Away>,
    pub source: OfficeSource,
    pub duration_ms: i64,
}

impl Office {
    /// Opens it as the settings say. What is missing is told to whoever starts the service.
    pub fn open(settings: &config::PopulationOffice) -> std::result::Result<Self, String> {
        Ok(match settings.driver {
            OfficeDriver::Off => Self::Off,
            OfficeDriver::Snapshot => Self::Snapshot,
            OfficeDriver::WebService => Self::WebService(Box::new(WebService::open(settings)?)),
        })
    }

    pub fn driver(&self) -> OfficeDriver {
        match self {
            Self::Off => OfficeDriver::Off,
            Self::Snapshot => OfficeDriver::Snapshot,
            Self::WebService(_) => OfficeDriver::WebService,
        }
    }

    pub fn web_service(&self) -> Option<&WebService> {
        match self {
            Self::Off | Self::Snapshot => None,
            Self::WebService(service) => Some(service),
        }
    }

    pub fn breaker(&self) -> Option<BreakerState> {
        self.web_service().map(WebService::breaker)
    }
}

/// The start of a file's date: nothing later is promised by it.
pub fn instant_of(as_of: chrono::NaiveDate, offset: FixedOffset) -> UtcTime {
    let day_before = as_of.pred_opt().and_then(|before| UtcTime::end_of_date(before, offset));
    // A date without a day before it is as old as a date can be.
    day_before.map_or(UtcTime::new(chrono::DateTime::<chrono::Utc>::MIN_UTC), |end| end.plus(chrono::Duration::microseconds(1)))
}

/// Asks the last file; none while there is no file.
pub fn ask_file(db: &mut Db, reading: &Reading, question: &Question, offset: FixedOffset) -> Result<Option<Finding>> {
    let Some(snapshot) = store::population::current(db)? else { return Ok(None) };
    let index = db.keyring().nik_index(&question.nik)?.value;
    let people = store::population::find(db, reading, index)?.map(|record| record.people);
    let (verdict, name, birth_date) = by_file(people.as_deref(), question.name.as_deref(), question.birth_date);
    Ok(Some(Finding { verdict, name, birth_date, as_of: instant_of(snapshot.as_of, offset), source: OfficeSource::Snapshot }))
}
