//! HTTP and JSON: the routes on one page, who may call them, and how requests are read and answers written. No rule and no query lives here.

use std::sync::Arc;

use actix_web::error::BlockingError;
use actix_web::web;

use crate::error::{Error, Result};
use crate::service::App;
use crate::store::db::Db;

mod accept;
pub mod affected_checks;
mod affected_claims;
pub mod arrivals;
pub mod audit;
pub mod auth;
pub mod bill_sheets;
pub mod body;
pub mod budget_alerts;
pub mod budget_positions;
pub mod budgets;
pub mod card_batches;
pub mod card_sheets;
pub mod cards;
mod changes;
pub mod check_progress;
pub mod check_questions;
pub mod check_views;
mod claim_analysis;
pub mod claim_batches;
pub mod claim_decisions;
mod claim_disputes;
mod claim_evidence;
mod claim_views;
mod claims;
mod codes;
mod confirmations;
pub mod connections;
pub mod contracts;
mod dashboard;
mod dashboard_stream;
pub mod debts;
pub mod documents;
pub mod drafts;
pub mod edge;
mod edit_history;
mod edits;
pub mod eligibility_checks;
pub mod eligibility_reviews;
pub mod enrollment_batches;
pub mod enrollment_tracking;
pub mod enrollments;
pub mod exports;
pub mod facilities;
mod glossary;
pub mod guard;
pub mod households;
pub mod idempotency;
pub mod imports;
pub mod jkn_statuses;
pub mod language;
mod letter_pdf;
mod letters;
pub mod lists;
pub mod me;
pub mod merge_previews;
mod messages;
pub mod newborns;
pub mod openapi;
pub mod operations;
pub mod overdue_claims;
pub mod participant_events;
pub mod participant_history;
pub mod participant_views;
pub mod participants;
pub mod payments;
mod pdf;
mod population_office;
pub mod problem;
pub mod query;
pub mod reconciliation_findings;
pub mod reconciliations;
pub mod recoveries;
pub mod referrals;
pub mod registry_cases;
pub mod remittances;
mod report_pdf;
mod reports;
pub mod routes;
pub mod rule_sets;
pub mod searches;
pub mod secret;
pub mod server;
pub mod service_accounts;
pub mod signals;
pub mod streams;
mod table_pdf;
pub mod tariff_schedules;
pub mod tariffs;
pub mod temporary_identities;
pub mod upload_form;
pub mod users;
pub mod verifications;
pub mod visitor;
pub mod words;

/// What every handler gets.
#[derive(Clone)]
pub struct State(pub Arc<App>);

impl State {
    /// Where the asynchronous world ends: one closure, one connection, one blocking thread.
    pub async fn db<T: Send + 'static>(&self, work: impl FnOnce(&App, &mut Db) -> Result<T> + Send + 'static) -> Result<T> {
        self.app(move |app| work(app, &mut *app.pool.get()?)).await
    }

    /// The same for work that must wait for something else before it takes a connection.
    pub async fn app<T: Send + 'static>(&self, work: impl FnOnce(&App) -> Result<T> + Send + 'static) -> Result<T> {
        let app = self.0.clone();
        block(move || {
            app.ready()?;
            work(&app)
        })
        .await
        .map_err(|_| Error::internal("the blocking threads are gone"))?
    }
}

/// Work for a blocking thread, begun at once, within the span of the request that asks for it: what it logs tells whose it is.
pub fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = std::result::Result<T, BlockingError>> {
    let span = tracing::Span::current();
    #[expect(clippy::disallowed_methods, reason = "all others go through here")]
    web::block(move || span.in_scope(work))
}

/// What a handler returns when it fails.
pub type Answer<T> = std::result::Result<T, problem::Problem>;
