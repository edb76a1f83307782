//! Tells cargo to look at the embedded migrations and settings again when one is added: the macros that embed them do not notice by themselves.
fn main() {
    for watched in ["src/build.rs", "migrations", "config"] {
        println!("cargo:rerun-if-changed={watched}");
    }
}
