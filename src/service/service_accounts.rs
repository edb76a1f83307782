//! The systems of facilities: accounts that sign in with secrets which we make and show once.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::App;
use super::idempotency::Once;
use super::sessions::new_secret;
use super::users::misplaced;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::users::ServiceAccount;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::service_accounts::LiveSecret;

/// Two secrets may live at once, so that a system can change from one to the other without a pause.
const MOST_SECRETS: usize = 2;

pub struct NewAccount {
    pub name: String,
    pub role: Role,
    pub facility_id: Id,
}

#[derive(Default)]
pub struct Change {
    pub name: Option<String>,
    pub active: Option<bool>,
}

/// A secret at the only moment when it can be read.
pub struct NewSecret {
    pub id: Id,
    pub secret: SecretString,
}

/// Makes an account with its first secret.
pub fn create(app: &App, db: &mut Db, context: &Context, new: &NewAccount) -> Result<(ServiceAccount, NewSecret)> {
    let client_id = context.random::<12>().iter().fold("sys-".to_owned(), |text, byte| text + &format!("{byte:02x}"));
    let account = ServiceAccount {
        id: context.new_id(),
        version: 1,
        client_id,
        name: new.name.clone(),
        role: new.role,
        facility_id: Some(new.facility_id),
        active: true,
        created_at: context.now,
        updated_at: context.now,
    };
    let secret = NewSecret { id: context.new_id(), secret: new_secret(context) };
    write(db, Priority::People, |tx| {
        if let Some(fault) = misplaced(tx, new.role, Some(new.facility_id))? {
            return Err(fault.into());
        }
        store::service_accounts::insert(tx, &account)?;
        keep(tx, context, account.id, &secret)?;
        store::keys::bump_sessions(tx)?;
        let told = json!({ "client_id": account.client_id, "name": account.name, "role": account.role, "facility_id": account.facility_id });
        tx.record(Event::new(context, "service_account.created").object(account.id).with("account", told));
        Ok(())
    })?;
    app.refresh(db)?;
    Ok((account, secret))
}

/// Renames, disables or enables, if the version is still the one that was seen.
pub fn change(app: &App, db: &mut Db, context: &Context, id: Id, seen: i32, change: &Change) -> Result<ServiceAccount> {
    let changed = write(db, Priority::People, |tx| {
        let before = store::service_accounts::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let after = ServiceAccount {
            version: seen + 1,
            name: change.name.clone().unwrap_or_else(|| before.name.clone()),
            active: change.active.unwrap_or(before.active),
            updated_at: context.now,
            ..before.clone()
        };
        if !store::service_accounts::update(tx, &after, seen, context.now)? {
            return Err(Error::refused(Code::IfMatchStale));
        }
        store::keys::bump_sessions(tx)?;
        let told = |account: &ServiceAccount| json!({ "name": account.name, "active": account.active });
        tx.record(Event::new(context, "service_account.changed").object(id).with("before", told(&before)).with("after", told(&after)));
        Ok(after)
    })?;
    app.refresh(db)?;
    Ok(changed)
}

/// Makes another secret, if there is room for one.
pub fn add_secret(db: &mut Db, context: &Context, account: Id) -> Result<NewSecret> {
    let secret = NewSecret { id: context.new_id(), secret: new_secret(context) };
    write(db, Priority::People, |tx| {
        store::service_accounts::lock(tx, account)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if store::service_accounts::live_secrets(tx, account)?.len() >= MOST_SECRETS {
            return Err(Error::refused(Code::SecretsExhausted));
        }
        keep(tx, context, account, &secret)
    })?;
    Ok(secret)
}

fn keep(tx: &mut Tx, context: &Context, account: Id, new: &NewSecret) -> Result<()> {
    let hash = tx.keyring().secret_hash(new.secret.expose_secret())?;
    store::service_accounts::insert_secret(tx, account, new.id, &hash, context.now)?;
    tx.record(Event::new(context, "service_account.secret_made").object(account).with("secret", new.id));
    Ok(())
}

/// Ends a secret, and at once every access token that was got with it.
pub fn end_secret(app: &App, db: &mut Db, context: &Context, account: Id, secret: Id, once: &Once<'_, Vec<LiveSecret>>) -> Result<Vec<LiveSecret>> {
    let left = once.write(db, Priority::People, |tx| {
        if !store::service_accounts::end_secret(tx, account, secret, context.now)? {
            return Err(Error::refused(Code::NotFound));
        }
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "service_account.secret_ended").object(account).with("secret", secret));
        store::service_accounts::live_secrets(tx, account)
    })?;
    app.refresh(db)?;
    Ok(left)
}
