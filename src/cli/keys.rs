//! `ksnik keys`: new keys while the service runs. A running server hears of them within a second, and nobody is signed out.

use std::process::ExitCode;

use super::{Common, assemble, context, open, print, told};
use crate::service::keys::{self, KeyPurpose};

#[derive(clap::Args)]
pub struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Makes a new key; the old one goes on opening and verifying what it made.
    Rotate {
        #[arg(long)]
        purpose: Purpose,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Purpose {
    /// What seals personal data.
    Data,
    /// What signs access tokens.
    Token,
    /// What signs the codes on cards. Cards that were printed stay ours.
    Card,
    /// What signs guarantee letters. Letters that were issued stay genuine.
    Letter,
}

impl Keys {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let Action::Rotate { purpose } = self.action;
        let purpose = match purpose {
            Purpose::Data => KeyPurpose::Data,
            Purpose::Token => KeyPurpose::Token,
            Purpose::Card => KeyPurpose::Card,
            Purpose::Letter => KeyPurpose::Letter,
        };
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let mut db = open(&app)?;
        let id = keys::rotate(&mut db, &app.settings, &context(&app), purpose).map_err(|error| told(&app, &error))?;
        print(&format!("key {id} is the {purpose} key now"))
    }
}
