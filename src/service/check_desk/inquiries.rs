//! Where a question waits while the population office is asked: outside of every transaction, in threads of its own, so that the clerks never wait
//! for a network. As many threads as calls may be under way at once.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Queue, Ticket};
use crate::context::Purpose;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::population_office::web_service::most_by_hand;
use crate::service::verifications::{self, Unverified, Why};

#[derive(Default)]
struct Waiting {
    inquiries: VecDeque<(Ticket, Unverified)>,
    closed: bool,
}

pub struct Inquiries {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// Where a question goes back to.
    queue: Arc<Queue>,
}

impl Inquiries {
    pub fn new(queue: Arc<Queue>) -> Self {
        Self { waiting: Mutex::default(), arrived: Condvar::new(), queue }
    }

    /// Starts the threads; none where the office has no web service.
    pub fn begin(app: &Arc<App>, inquiries: &Arc<Self>) -> Result<Vec<JoinHandle<()>>> {
        if app.office.web_service().is_none() {
            return Ok(Vec::new());
        }
        let settings = &app.settings.population_office;
        let threads = (0..settings.calls_at_once - most_by_hand(settings)).map(|number| {
            let (app, inquiries) = (app.clone(), inquiries.clone());
            std::thread::Builder::new().name(format!("inquirer-{number}")).spawn(move || inquiries.serve(&app))
        });
        threads.collect::<std::io::Result<Vec<_>>>().map_err(|error| Error::internal(format!("an inquirer's thread could not be made: {error}")))
    }

    /// Takes a question whose person the office should be asked about.
    pub fn take(&self, ticket: Ticket, participant: Unverified) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            drop(waiting);
            return self.give_back(ticket);
        }
        waiting.inquiries.push_back((ticket, participant));
        metrics::gauge!("ksnik_population_office_waiting").set(u32::try_from(waiting.inquiries.len()).unwrap_or(u32::MAX));
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Asks no more; what waits goes back to the desk.
    pub fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.arrived.notify_all();
    }

    fn give_back(&self, mut ticket: Ticket) {
        ticket.question.office_asked = true;
        self.queue.put_back(ticket);
    }

    /// The next one, and whether the desk is closing; none when it has closed and nothing waits.
    fn next(&self) -> Option<(Ticket, Unverified, bool)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((ticket, participant)) = waiting.inquiries.pop_front() {
                return Some((ticket, participant, waiting.closed));
            }
            if waiting.closed {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self, app: &App) {
        let patience = Duration::from_millis(app.settings.population_office.patience_ms);
        while let Some((ticket, participant, closing)) = self.next() {
            if !closing && ticket.arrived.elapsed() <= patience {
                let question = &ticket.question;
                let why = Why { purpose: question.context.purpose.unwrap_or(Purpose::Treatment), facility_id: Some(question.facility.id) };
                let asked = std::panic::catch_unwind(AssertUnwindSafe(|| verifications::refresh(app, &question.context, participant, why)));
                // The check is answered all the same, from the office's last word.
                if let Ok(Err(error)) = asked {
                    tracing::warn!(%error, "a verification before a check could not be kept");
                }
            }
            self.give_back(ticket);
        }
    }
}
