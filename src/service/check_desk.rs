//! The check desk: questions that arrive together are answered from one read and recorded in one transaction, each answered only when its turn is
//! durable. A lone question does not wait for company.
//!
//! Two bounded queues: single questions go first, batches enter in slices. One clerk on SQLite, several on PostgreSQL. What does not fit is answered
//! 503 at once: a queue that grows without end helps nobody at a counter.

mod inquiries;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::oneshot;

use self::inquiries::Inquiries;
use super::App;
use super::check_questions::Question;
use super::check_turn::{self, Answered, Recorded};
use crate::config::database_url::Backend;
use crate::error::{Error, Result, StorageFault};
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;

struct Ticket {
    question: Question,
    reply: oneshot::Sender<Result<Recorded>>,
    arrived: Instant,
}

#[derive(Default)]
struct Waiting {
    singles: VecDeque<Ticket>,
    slices: VecDeque<Vec<Ticket>>,
    /// Nobody is let in any more.
    going: bool,
    /// And nothing comes back from the population office: the clerks may go.
    closed: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

impl Queue {
    // Every change of the two queues is one push or one drain, so a panic elsewhere leaves them whole.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A question that was let in before; the limit of those who come does not count for it.
    fn put_back(&self, ticket: Ticket) {
        self.lock().singles.push_back(ticket);
        self.arrived.notify_one();
    }
}

pub struct CheckDesk {
    queue: Arc<Queue>,
    single_limit: usize,
    slice_limit: usize,
    slice: usize,
    inquiries: Arc<Inquiries>,
    inquirers: Mutex<Vec<JoinHandle<()>>>,
    clerks: Mutex<Vec<JoinHandle<()>>>,
}

impl CheckDesk {
    /// Opens the desk with its clerks.
    pub fn open(app: &Arc<App>) -> Result<Self> {
        let settings = &app.settings.desk;
        let queue = Arc::new(Queue { waiting: Mutex::default(), arrived: Condvar::new() });
        let inquiries = Arc::new(Inquiries::new(queue.clone()));
        let inquirers = Inquiries::begin(app, &inquiries)?;
        let clerks = match app.pool.shared().backend() {
            Backend::Sqlite => 1,
            Backend::Postgres => settings.clerks,
        };
        let clerks = (0..clerks)
            .map(|number| {
                let (app, queue, inquiries) = (app.clone(), queue.clone(), inquiries.clone());
                std::thread::Builder::new().name(format!("clerk-{number}")).spawn(move || serve(&app, &queue, &inquiries))
            })
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|error| Error::internal(format!("a clerk's thread could not be made: {error}")))?;
        Ok(Self {
            queue,
            single_limit: settings.single_queue,
            slice_limit: settings.batch_queue,
            slice: settings.slice,
            inquiries,
            inquirers: Mutex::new(inquirers),
            clerks: Mutex::new(clerks),
        })
    }

    /// Asks one question. The answer is recorded and durable when it comes.
    pub async fn ask(&self, question: Question) -> Result<Recorded> {
        let (reply, answer) = oneshot::channel();
        {
            let mut waiting = self.queue.lock();
            if waiting.going {
                return Err(Error::Busy("the service is going down"));
            }
            if waiting.singles.len() >= self.single_limit {
                metrics::counter!("ksnik_desk_turned_away_total").increment(1);
                return Err(Error::Busy("the check desk is full"));
            }
            waiting.singles.push_back(Ticket { question, reply, arrived: Instant::now() });
            metrics::gauge!("ksnik_desk_waiting").set(u32::try_from(waiting.singles.len()).unwrap_or(u32::MAX));
        }
        self.queue.arrived.notify_one();
        answer.await.unwrap_or(Err(Error::Busy("the check desk was interrupted")))
    }

    /// Asks many, answered in order. All of them enter, or none does.
    pub async fn ask_all(&self, questions: Vec<Question>) -> Result<Vec<Result<Recorded>>> {
        let mut answers = Vec::with_capacity(questions.len());
        {
            let mut waiting = self.queue.lock();
            if waiting.going {
                return Err(Error::Busy("the service is going down"));
            }
            if waiting.slices.len() + questions.len().div_ceil(self.slice) > self.slice_limit {
                metrics::counter!("ksnik_desk_turned_away_total").increment(1);
                return Err(Error::Busy("the check desk is full"));
            }
            let mut questions = questions.into_iter().peekable();
            while questions.peek().is_some() {
                let slice = questions.by_ref().take(self.slice).map(|question| {
                    let (reply, answer) = oneshot::channel();
                    answers.push(answer);
                    Ticket { question, reply, arrived: Instant::now() }
                });
                let slice = slice.collect();
                waiting.slices.push_back(slice);
            }
        }
        self.queue.arrived.notify_all();
        let mut all = Vec::with_capacity(answers.len());
        for answer in answers {
            all.push(answer.await.unwrap_or(Err(Error::Busy("the check desk was interrupted"))));
        }
        Ok(all)
    }

    /// Takes no more questions, answers those that wait, and lets the clerks go.
    pub fn close(&self) {
        self.queue.lock().going = true;
        // First those who ask the office: what they hold goes back to the clerks, who must still be there.
        self.inquiries.close();
        for inquirer in std::mem::take(&mut *self.inquirers.lock().unwrap_or_else(PoisonError::into_inner)) {
            // It catches its panics, so there is nothing to hear from it.
            let _ = inquirer.join();
        }
        self.queue.lock().closed = true;
        self.queue.arrived.notify_all();
        let clerks = std::mem::take(&mut *self.clerks.lock().unwrap_or_else(PoisonError::into_inner));
        for clerk in clerks {
            // A clerk catches its panics, so there is nothing to hear from it.
            let _ = clerk.join();
        }
    }
}

/// The next turn: all single questions that fit, then one slice of a batch if there is room. None when the desk is closed and empty.
fn next_turn(queue: &Queue, largest: usize, slice: usize) -> Option<Vec<Ticket>> {
    let mut waiting = queue.lock();
    loop {
        if !waiting.singles.is_empty() || !waiting.slices.is_empty() {
            let take = waiting.singles.len().min(largest);
            let mut turn: Vec<Ticket> = waiting.singles.drain(..take).collect();
            if turn.len() + slice <= largest || turn.is_empty() {
                turn.extend(waiting.slices.pop_front().into_iter().flatten());
            }
            metrics::gauge!("ksnik_desk_waiting").set(u32::try_from(waiting.singles.len()).unwrap_or(u32::MAX));
            return Some(turn);
        }
        if waiting.closed {
            return None;
        }
        waiting = queue.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
}

fn serve(app: &Arc<App>, queue: &Queue, inquiries: &Inquiries) {
    let mut db: Option<Db> = None;
    while let Some(turn) = next_turn(queue, app.settings.desk.largest_turn, app.settings.desk.slice) {
        metrics::histogram!("ksnik_desk_turn_size").record(u32::try_from(turn.len()).unwrap_or(u32::MAX));
        let questions: Vec<Question> = turn.iter().map(|ticket| ticket.question.clone()).collect();
        // A panic must cost its turn and not the clerk; the connection may be inside a transaction, so it goes too.
        let answers = std::panic::catch_unwind(AssertUnwindSafe(|| answers(app, &mut db, &questions))).unwrap_or_else(|_| {
            db = None;
            questions.iter().map(|_| Err(Error::internal("a turn of the check desk panicked"))).collect()
        });
        for (ticket, answer) in turn.into_iter().zip(answers) {
            let answer = match answer {
                Ok(Answered::AsksFirst(participant)) => {
                    inquiries.take(ticket, participant);
                    continue;
                }
                Ok(Answered::Recorded(recorded)) => Ok(*recorded),
                Err(error) => Err(error),
            };
            metrics::histogram!("ksnik_check_seconds").record(ticket.arrived.elapsed().as_secs_f64());
            // Whoever asked may have gone; the record stays.
            let _ = ticket.reply.send(answer);
        }
    }
}

fn answers(app: &Arc<App>, db: &mut Option<Db>, questions: &[Question]) -> Vec<Result<Answered>> {
    match turn(app, db, questions) {
        Ok(answers) => answers,
        // The database is away: no question is at fault, and trying each would only take longer.
        Err(Error::Storage(StorageFault::Gone(text))) => {
            *db = None;
            tracing::warn!(reason = text, "the check desk lost its connection");
            questions.iter().map(|_| Err(Error::Busy("the database does not answer"))).collect()
        }
        Err(error) if questions.len() == 1 => vec![Err(error)],
        // One bad question must not take the others with it.
        Err(error) => {
            tracing::warn!(%error, questions = questions.len(), "a turn of the check desk failed; its questions are asked one by one");
            questions
                .iter()
                .map(|question| {
                    turn(app, db, std::slice::from_ref(question)).and_then(|mut answers| answers.pop().unwrap_or(Err(Error::internal("no answer"))))
                })
                .collect()
        }
    }
}

fn turn(app: &Arc<App>, db: &mut Option<Db>, questions: &[Question]) -> Result<Vec<Result<Answered>>> {
    if db.is_none() {
        *db = Some(app.pool.connect().map_err(|reason| Error::Storage(StorageFault::Gone(reason)))?);
    }
    let Some(connection) = db.as_mut() else { return Err(Error::internal("the connection was just made")) };
    let answers = write_quietly(connection, Priority::Desk, "each recorded check brings its own event; a turn of refusals records nothing", |tx| {
        check_turn::answer(app, tx, questions)
    })?;
    // Counted when it is durable: a turn that had to be tried again counts once.
    for recorded in answers.iter().flatten().filter_map(Answered::new_record) {
        metrics::counter!("ksnik_checks_total", "decision" => recorded.check.decision.as_str()).increment(1);
    }
    Ok(answers)
}
