//! The program: arguments, and the command that they name.

fn main() {}
