//! Unlocking a database at start, and rotating its keys while it is used.

use std::path::Path;

use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::privacy::PrivacyFault;
pub use crate::privacy::keyring::KeyPurpose;
use crate::privacy::keyring::{self, Keyring};
use crate::privacy::root::RootKey;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;

/// Opens the database's keys with the root key. An empty database gets its first keys, and where no root key is configured a new one is made.
pub fn unlock(db: &mut Db, settings: &Settings, context: &Context) -> Result<()> {
    let stored = store::keys::all(db)?;
    let root = root_key(settings, stored.is_empty())?;
    if !stored.is_empty() {
        db.shared().set_keyring(Keyring::open(&root, &stored).map_err(unusable)?);
        let missing = |purpose: KeyPurpose| !stored.iter().any(|key| key.purpose == purpose);
        for purpose in [KeyPurpose::Card, KeyPurpose::Letter].into_iter().filter(|purpose| missing(*purpose)) {
            add_key(db, settings, &root, context, purpose)?;
        }
        return Ok(());
    }
    let purposes = [KeyPurpose::Data, KeyPurpose::Index, KeyPurpose::Token, KeyPurpose::Checkpoint, KeyPurpose::Card, KeyPurpose::Letter];
    let first = (1..).zip(purposes).map(|(id, purpose)| keyring::make(&root, id, purpose)).collect::<std::result::Result<Vec<_>, _>>()?;
    // The first event is sealed with the first key, so the ring is in use before the keys are stored; if storing fails nothing was sealed for good.
    db.shared().set_keyring(Keyring::open(&root, &first)?);
    write(db, Priority::People, |tx| {
        store::audit::begin(tx)?;
        for key in &first {
            store::keys::insert(tx, key, context.now)?;
        }
        tx.record(Event::new(context, "keys.made"));
        Ok(())
    })
}

/// A database from before this was signed gets the key for it. Of two nodes that start at once the second finds it made.
fn add_key(db: &mut Db, settings: &Settings, root: &RootKey, context: &Context, purpose: KeyPurpose) -> Result<()> {
    write(db, Priority::People, |tx| {
        store::keys::bump_keys(tx)?;
        let stored = store::keys::all(tx)?;
        let id = stored.iter().map(|key| key.id).max().unwrap_or(0) + 1;
        let is_new = !stored.iter().any(|key| key.purpose == purpose);
        if is_new {
            store::keys::insert(tx, &keyring::make(root, id, purpose)?, context.now)?;
        }
        tx.record(Event::new(context, "keys.completed").with("purpose", purpose.as_str()).with("made", is_new));
        Ok(())
    })?;
    reload(db, settings)
}

/// Makes a new active key of a purpose; the old one goes on opening and verifying what it made. Nobody is signed out.
pub fn rotate(db: &mut Db, settings: &Settings, context: &Context, purpose: KeyPurpose) -> Result<i32> {
    let stored = store::keys::all(db)?;
    let root = root_key(settings, false)?;
    let id = stored.iter().map(|key| key.id).max().unwrap_or(0) + 1;
    let key = keyring::make(&root, id, purpose)?;
    write(db, Priority::People, |tx| {
        store::keys::demote(tx, purpose)?;
        store::keys::insert(tx, &key, context.now)?;
        store::keys::bump_keys(tx)?;
        tx.record(Event::new(context, "keys.rotated").with("key_id", id).with("purpose", purpose.as_str()));
        Ok(())
    })?;
    reload(db, settings)?;
    Ok(id)
}

/// Reads the keys again, after this or another node changed them.
pub fn reload(db: &mut Db, settings: &Settings) -> Result<()> {
    let stored = store::keys::all(db)?;
    let root = root_key(settings, false)?;
    db.shared().set_keyring(Keyring::open(&root, &stored)?);
    Ok(())
}

/// A key that does not open the database now will not open it later.
fn unusable(fault: PrivacyFault) -> Error {
    Error::Unusable(fault.to_string())
}

fn root_key(settings: &Settings, may_make: bool) -> Result<RootKey> {
    let given = settings.keys.root_key.expose_secret();
    if !given.is_empty() {
        return RootKey::from_hex(given).map_err(unusable);
    }
    let path = Path::new(&settings.keys.root_key_file);
    if path.exists() {
        return RootKey::from_file(path).map_err(unusable);
    }
    if !may_make {
        return Err(Error::Unusable(format!(
            "this database has keys, but the root key that opens them is missing: put it at {} or set KSNIK__KEYS__ROOT_KEY",
            path.display()
        )));
    }
    let root = RootKey::create_file(path)?;
    tracing::warn!(file = %path.display(), "a new root key was made: keep it outside the data folder and out of backups, for without it nothing sealed can be read");
    Ok(root)
}
