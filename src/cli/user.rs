//! `ksnik user`: users made by whoever holds the database and the root key.

use std::io::BufRead;
use std::process::ExitCode;

use secrecy::{ExposeSecret, SecretString};

use super::{Common, assemble, context, open, print, told};
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::service::first_admin::generate;
use crate::service::users::{self, NewUser};
use crate::store;
use crate::store::db::Db;

#[derive(clap::Args)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Makes a user, and prints the password if it was generated: this once.
    Add(Add),
}

#[derive(clap::Args)]
struct Add {
    #[arg(long)]
    username: String,
    /// The person's name; without it, the username.
    #[arg(long)]
    name: Option<String>,
    /// admin, registrar, clinic, hospital, verifier, finance, manager, auditor or dpo.
    #[arg(long)]
    role: Role,
    /// The code or the id of the facility where the user works.
    #[arg(long, value_name = "CODE_OR_ID")]
    facility: Option<String>,
    /// Reads the password from the first line of standard input. Without it one is generated, to be changed at the first sign-in.
    #[arg(long)]
    password_stdin: bool,
}

impl User {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let Action::Add(add) = self.action;
        add.run(common)
    }
}

impl Add {
    fn run(self, common: &Common) -> Result<ExitCode, String> {
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let mut db = open(&app)?;
        let context = context(&app);
        let given = if self.password_stdin { Some(first_line()?) } else { None };
        let generated = given.is_none().then(|| generate(&context));
        let password = given.or_else(|| generated.clone()).ok_or("no password")?;
        let facility_id = self.facility.map(|named| facility(&mut db, &named)).transpose()?;
        let must_change_password = generated.is_some();
        let name = self.name.unwrap_or_else(|| self.username.clone());
        let new = NewUser { username: self.username, name, role: self.role, facility_id, password, must_change_password };
        let user = users::create_at_once(&app, &mut db, &context, new).map_err(|error| told(&app, &error))?;
        match generated {
            Some(password) => print(&format!(
                "user {} was made, with the password {}\nIt is shown this once, and must be changed at the first sign-in.",
                user.username,
                password.expose_secret()
            )),
            None => print(&format!("user {} was made", user.username)),
        }
    }
}

fn first_line() -> Result<SecretString, String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| format!("standard input: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

fn facility(db: &mut Db, named: &str) -> Result<Id, String> {
    let all = store::facilities::all(db).map_err(|error| error.to_string())?;
    let found = all.into_iter().find(|facility| facility.code.as_deref() == Some(named) || facility.id.to_string() == named);
    found.map(|facility| facility.id).ok_or_else(|| format!("--facility: there is none with the code or id {named}"))
}
