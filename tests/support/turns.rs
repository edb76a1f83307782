//! A process that runs in short turns and stands still while the test looks at what it has done: what is seen then is how it is, however busy the machine.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const TURN: Duration = Duration::from_millis(2);
const AT_MOST: Duration = Duration::from_secs(120);

/// Lets it run until this holds, and leaves it standing there. False when it ended first or never came so far.
pub fn run_until(child: &mut Child, holds: impl Fn() -> bool) -> bool {
    let pid = Pid::from_child(child);
    let deadline = Instant::now() + AT_MOST;
    while Instant::now() < deadline && child.try_wait().expect("own child").is_none() {
        kill_process(pid, Signal::STOP).expect("own child");
        if holds() {
            return child.try_wait().expect("own child").is_none();
        }
        kill_process(pid, Signal::CONT).expect("own child");
        std::thread::sleep(TURN);
    }
    false
}
