//! Checks per second, beside a bare handler and the plain way.

#[path = "../../tests/support/mod.rs"]
mod support;

mod cpu;
mod load;
mod served;

fn main() {}
