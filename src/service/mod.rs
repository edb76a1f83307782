//! Use cases, one function each: load, ask the domain, save, record, in one transaction. `App` is what they and the edges share.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::config::Settings;
use crate::context::{Context, Surroundings};
use crate::domain::circuit_breaker::BreakerState;
use crate::error::{Error, Result};
use crate::store::db::Pool;

pub mod affected_checks;
pub mod affected_claims;
pub mod audit;
pub mod audit_events;
pub mod bases;
pub mod bill_sheets;
pub mod budget_alerts;
pub mod budget_positions;
pub mod budgets;
pub mod card_batches;
pub mod card_tokens;
pub mod cards;
pub mod changes;
pub mod check_desk;
pub mod check_progress;
pub mod check_questions;
pub mod check_turn;
pub mod checkpoints;
pub mod city;
pub mod claim_analysis;
pub mod claims;
pub mod confirmations;
pub mod corrections;
pub mod dashboard;
pub mod debts;
pub mod demo;
pub mod documents;
pub mod edits;
pub mod eligibility_checks;
pub mod eligibility_reviews;
pub mod enrollment_decisions;
pub mod enrollment_lapses;
pub mod enrollment_tracking;
pub mod enrollments;
pub mod exports;
pub mod facilities;
pub mod first_admin;
pub mod household_files;
pub mod households;
pub mod housekeeping;
pub mod idempotency;
pub mod imports;
pub mod jkn_statuses;
pub mod keys;
pub mod ledger;
pub mod letter_tokens;
pub mod letters;
pub mod lookup_watch;
pub mod memberships;
pub mod memory;
pub mod merge_previews;
pub mod merges;
pub mod messages;
pub mod misses;
pub mod newborns;
pub mod outgoing;
pub mod participant_events;
pub mod participant_history;
pub mod participants;
pub mod passwords;
pub mod payments;
pub mod population_office;
pub mod profiles;
pub mod reconciliations;
pub mod recoveries;
pub mod referrals;
pub mod registrations;
pub mod registry_cases;
pub mod reports;
pub mod searches;
pub mod service_accounts;
pub mod service_levels;
pub mod sessions;
pub mod sign_in;
pub mod signal_scan;
pub mod signal_watch;
pub mod signals;
pub mod summaries;
pub mod tariffs;
pub mod temporary_identities;
pub mod throttles;
pub mod tls;
pub mod tokens;
pub mod upsert_plan;
pub mod upserts;
pub mod users;
pub mod verifications;

/// Everything that one running service holds. Tests hold several in one process.
pub struct App {
    pub settings: Settings,
    pub city: city::City,
    pub office: population_office::Office,
    /// Where the files of documents lie.
    pub documents: Arc<dyn documents::shelf::Shelf>,
    /// By what participants are told.
    pub gateway: messages::gateway::Gateway,
    pub surroundings: Arc<dyn Surroundings>,
    pub pool: Pool,
    pub memory: memory::Memory,
    /// Rung when a file has come.
    pub importer: imports::Bell,
    pub in_flight: idempotency::InFlight,
    pub bases: bases::Bases,
    pub passwords: passwords::Hasher,
    /// How long the answers to checks took.
    pub answer_times: service_levels::AnswerTimes,
    /// What the streams of the dashboard show.
    pub board: dashboard::board::Board,
    /// Held while the audit log is verified for somebody who asked.
    pub verifying: Mutex<()>,
    first_admin: OnceLock<first_admin::FirstAdmin>,
    desk: OnceLock<check_desk::CheckDesk>,
    tokens: tokens::Remembered,
    standing: AtomicU8,
}

const STARTING: u8 = 0;
const SERVING: u8 = 1;
const GOING: u8 = 2;

impl App {
    pub fn new(
        settings: Settings,
        city: city::City,
        office: population_office::Office,
        documents: Arc<dyn documents::shelf::Shelf>,
        gateway: messages::gateway::Gateway,
        surroundings: Arc<dyn Surroundings>,
        pool: Pool,
    ) -> Self {
        Self {
            passwords: passwords::Hasher::new(&settings.sign_in),
            answer_times: service_levels::AnswerTimes::default(),
            board: dashboard::board::Board::default(),
            verifying: Mutex::default(),
            first_admin: OnceLock::new(),
            settings,
            city,
            office,
            documents,
            gateway,
            surroundings,
            pool,
            memory: memory::Memory::default(),
            importer: imports::Bell::default(),
            in_flight: idempotency::InFlight::default(),
            bases: bases::Bases::default(),
            desk: OnceLock::new(),
            tokens: tokens::Remembered::default(),
            standing: AtomicU8::new(STARTING),
        }
    }

    /// May requests be served? Not before the database is there, migrated and unlocked.
    pub fn ready(&self) -> Result<()> {
        if self.standing.load(Ordering::Acquire) == STARTING {
            return Err(Error::Busy("the service is starting: the database is not there yet"));
        }
        self.require_fresh_memory()
    }

    /// The desk that answers checks; there is none before the database is open.
    pub fn desk(&self) -> Result<&check_desk::CheckDesk> {
        self.desk.get().ok_or(Error::Busy("the check desk is not open yet"))
    }

    /// Opens the check desk once.
    pub fn open_desk(self: &Arc<Self>) -> Result<()> {
        if self.desk.get().is_none() {
            // Whoever loses this race closes the desk that nobody knows.
            if let Err(spare) = self.desk.set(check_desk::CheckDesk::open(self)?) {
                spare.close();
            }
        }
        Ok(())
    }

    pub fn open_doors(&self) {
        self.standing.store(SERVING, Ordering::Release);
    }

    /// From now on readiness says no, so that balancers send nobody; requests that still come are served.
    pub fn begin_going(&self) {
        self.standing.store(GOING, Ordering::Release);
    }

    /// May balancers send requests here?
    pub fn welcomes(&self) -> Result<()> {
        self.ready()?;
        if self.standing.load(Ordering::Acquire) == GOING { Err(Error::Busy("the service is going down")) } else { Ok(()) }
    }

    pub fn context(&self) -> Context {
        Context::new(self.surroundings.clone())
    }

    /// Brings gauges up to date just before they are read.
    pub fn measure(&self) {
        let (busy, all) = self.pool.load();
        metrics::gauge!("ksnik_pool_connections", "state" => "busy").set(f64::from(busy));
        metrics::gauge!("ksnik_pool_connections", "state" => "all").set(f64::from(all));
        if let Some(standing) = self.office.breaker() {
            for state in BreakerState::ALL {
                metrics::gauge!("ksnik_population_office_breaker", "state" => state.as_str()).set(if *state == standing { 1.0 } else { 0.0 });
            }
        }
    }
}
