//! Arguments in, a command of `cli` out.

use clap::Parser;

fn main() -> std::process::ExitCode {
    match ksnik::cli::run(ksnik::cli::Arguments::parse()) {
        Ok(code) => code,
        Err(text) => {
            eprintln!("ksnik: {text}");
            std::process::ExitCode::FAILURE
        }
    }
}
