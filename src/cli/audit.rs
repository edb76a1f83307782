//! `ksnik audit verify`: proves that the audit log is whole, or names the first event that is not. It exits with 1 when the log is broken.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Common, assemble};
use crate::error::{Error, Result};
use crate::service::audit::{Break, verify};
use crate::service::{checkpoints, keys};
use crate::store::audit_checkpoints::Checkpoint;
use crate::store::migrate;

#[derive(Subcommand)]
pub enum Audit {
    /// Walks every chain of the audit log. It needs no key, unless it goes deep.
    Verify {
        /// Opens every sealed payload too; needs the root key.
        #[arg(long)]
        deep: bool,
        /// Checkpoints that were kept outside the database: answers of GET /audit/checkpoints, or lines of the service's log. Only they betray
        /// an operator who cut the end off and put the heads back.
        #[arg(long)]
        against: Option<PathBuf>,
    },
}

impl Audit {
    pub fn run(self, common: &Common) -> std::result::Result<(), String> {
        let Self::Verify { deep, against } = self;
        let app = assemble(common.settings(&[])?)?;
        let mut db = app.pool.connect()?;
        let text = |error: Error| error.to_string();
        if !migrate::is_current(&mut db).map_err(text)? {
            return Err("the schema is not this program's: run `ksnik migrate`".into());
        }
        if deep {
            keys::reload(&mut db, &app.settings).map_err(text)?;
        }
        let mut outside: Box<dyn Iterator<Item = Result<Checkpoint>>> = match &against {
            Some(path) => kept(path)?,
            None => Box::new(std::iter::empty()),
        };
        let verdict = verify(&mut db, deep, &mut *outside).map_err(text)?;
        match verdict.broken {
            Some(broken) => Err(format!("the audit log is BROKEN: {}", told(&broken))),
            None => {
                println!("the audit log is whole: {} events, {} checkpoints", verdict.events, verdict.checkpoints);
                Ok(())
            }
        }
    }
}

/// The checkpoints of a file, line by line: a log of years does not fit into memory.
fn kept(path: &Path) -> std::result::Result<Box<dyn Iterator<Item = Result<Checkpoint>>>, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", path.display());
    let lines = || File::open(path).map(|file| BufReader::new(file).lines()).map_err(unreadable);
    if lines()?.map_while(std::result::Result::ok).any(|line| !checkpoints::kept_in(&line).is_empty()) {
        let read = lines()?.flat_map(|line| match line {
            Ok(line) => checkpoints::kept_in(&line).into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(Error::internal(format!("the file of checkpoints: {error}")))],
        });
        return Ok(Box::new(read));
    }
    // One answer of the API, indented over several lines.
    let all = checkpoints::kept_in(&std::fs::read_to_string(path).map_err(unreadable)?);
    if all.is_empty() {
        return Err(format!("{}: there is no checkpoint in it", path.display()));
    }
    Ok(Box::new(all.into_iter().map(Ok)))
}

fn told(broken: &Break) -> String {
    let Break { kind, stripe, seq, id, checkpoint_id, column } = broken;
    let mut text = kind.to_string();
    let parts = [
        ("stripe", stripe.map(|stripe| stripe.to_string())),
        ("seq", seq.map(|seq| seq.to_string())),
        ("event", id.map(|id| id.to_string())),
        ("checkpoint", checkpoint_id.map(|id| id.to_string())),
        ("column", column.map(str::to_owned)),
    ];
    for (name, value) in parts {
        text += &value.map(|value| format!(", {name} {value}")).unwrap_or_default();
    }
    text
}
