//! The fair gate before SQLite's one write lock: the check desk first, then people, then bulk work, each in the order of arrival.
//! SQLite's own waiting is by polling and knows neither order nor urgency.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

/// Who goes first when several want to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    Desk,
    People,
    Bulk,
}

#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    taken: bool,
    next_ticket: u64,
    /// How many came who were not bulk work.
    others: u64,
    waiting: BTreeSet<(Priority, u64)>,
}

/// The right to write, given back when dropped.
pub struct Pass<'a>(&'a Gate);

impl Gate {
    pub fn enter(&self, priority: Priority) -> Pass<'_> {
        let mut state = self.lock();
        let ticket = (priority, state.next_ticket);
        state.next_ticket += 1;
        state.others += u64::from(priority != Priority::Bulk);
        state.waiting.insert(ticket);
        while state.taken || state.waiting.first() != Some(&ticket) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.remove(&ticket);
        state.taken = true;
        Pass(self)
    }

    /// How many have come for the desk or for people so far: bulk work that sees this number grow makes room.
    pub fn others_who_came(&self) -> u64 {
        self.lock().others
    }

    // A panic while the gate is held leaves only these few fields, which are right at every moment; so a poisoned lock is as good as a whole one.
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.lock().taken = false;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_desk_goes_before_people_and_bulk_whatever_the_order_of_arrival() {
        let gate = Arc::new(Gate::default());
        let (done, order) = mpsc::channel();
        let held = gate.enter(Priority::People);
        let threads: Vec<_> =
            [(Priority::Bulk, "bulk"), (Priority::People, "first person"), (Priority::People, "second person"), (Priority::Desk, "desk")]
                .into_iter()
                .enumerate()
                .map(|(index, (priority, name))| {
                    let (gate_there, done) = (gate.clone(), done.clone());
                    let thread = std::thread::spawn(move || {
                        let _pass = gate_there.enter(priority);
                        done.send(name).unwrap();
                    });
                    // Arrival is what the test is about: the next one comes when this one stands in the queue.
                    while gate.lock().waiting.len() <= index {
                        std::thread::yield_now();
                    }
                    thread
                })
                .collect();
        drop(held);
        for thread in threads {
            thread.join().unwrap();
        }
        drop(done);
        assert_eq!(order.iter().collect::<Vec<_>>(), ["desk", "first person", "second person", "bulk"]);
    }
}
