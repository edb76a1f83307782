//! The first admin of an empty database. Nobody else exists by default.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use secrecy::SecretString;

use super::App;
use super::users::{NewUser, create_at_once};
use crate::context::Context;
use crate::domain::roles::Role;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::db::Db;

pub const USERNAME: &str = "admin";

/// How the first admin gets a password, and who is told of it.
pub struct FirstAdmin {
    /// Given from outside, or else generated and to be changed at the first sign-in.
    pub password: Option<SecretString>,
    /// Called once, with a password that was generated.
    pub tell: Box<dyn Fn(&SecretString) + Send + Sync>,
}

impl App {
    /// From now on an empty database gets its first admin when it is opened.
    pub fn expect_first_admin(&self, first: FirstAdmin) -> std::result::Result<(), String> {
        if let Some(fault) = first.password.as_ref().and_then(|password| self.weakness("", password, USERNAME)) {
            return Err(format!("the first admin's password is refused: {}", fault.code));
        }
        self.first_admin.set(first).map_err(|_| "the first admin was announced twice".to_owned())
    }

    /// Makes the first admin if there is no user at all and somebody expects one.
    pub(super) fn welcome_first_admin(&self, db: &mut Db, context: &Context) -> Result<()> {
        let Some(first) = self.first_admin.get() else { return Ok(()) };
        if store::users::any(db)? {
            return Ok(());
        }
        let generated = first.password.is_none().then(|| generate(context));
        let Some(password) = first.password.clone().or_else(|| generated.clone()) else { return Ok(()) };
        let new = NewUser {
            username: USERNAME.to_owned(),
            name: "Administrator".to_owned(),
            role: Role::Admin,
            facility_id: None,
            password,
            must_change_password: generated.is_some(),
        };
        match create_at_once(self, db, context, new) {
            Ok(_) => {
                if let Some(password) = &generated {
                    (first.tell)(password);
                }
                Ok(())
            }
            // Another node was faster, and has told its own.
            Err(Error::Refused(refusal)) if refusal.code == Code::UsernameTaken => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A password of 144 random bits that nobody has to invent.
pub fn generate(context: &Context) -> SecretString {
    BASE64_URL_SAFE_NO_PAD.encode(context.random::<18>()).into()
}
