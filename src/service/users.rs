//! Users: who may sign in, as what, and where.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::App;
use super::idempotency::Once;
use super::passwords::Turn;
use super::throttles::{self, Door};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::sessions::EndReason;
use crate::domain::throttles::Scope;
use crate::domain::users::{self, Misplaced, User};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;

pub struct NewUser {
    pub username: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub password: SecretString,
    pub must_change_password: bool,
}

/// What an admin may change. `None` leaves a field as it is.
#[derive(Default)]
pub struct Change {
    pub name: Option<String>,
    pub role: Option<Role>,
    /// `Some(None)` takes the facility away.
    pub facility_id: Option<Option<Id>>,
    pub active: Option<bool>,
    pub must_change_password: Option<bool>,
}

/// A user who is ready to be made: hashing is done before a connection is taken.
pub struct Prepared {
    user: User,
    password_hash: String,
    faults: Vec<Fault>,
}

/// Judges and hashes what needs no database.
pub fn prepare(app: &App, context: &Context, new: NewUser) -> Result<Prepared> {
    let NewUser { username, name, role, facility_id, password, must_change_password } = new;
    let username = users::username(&username);
    let mut faults: Vec<Fault> = app.weakness("/password", &password, &username).into_iter().collect();
    if !users::is_username(&username) {
        faults.push(Fault::at("/username", "USERNAME_FORMAT"));
    }
    let password_hash = app.passwords.turn()?.hash(&password, context.random())?;
    let user = User {
        id: context.new_id(),
        version: 1,
        username,
        name,
        role,
        facility_id,
        must_change_password,
        active: true,
        created_at: context.now,
        updated_at: context.now,
    };
    Ok(Prepared { user, password_hash, faults })
}

/// Makes a user.
pub fn create(app: &App, db: &mut Db, context: &Context, prepared: &Prepared, once: &Once<'_, User>) -> Result<User> {
    let Prepared { user, password_hash, faults } = prepared;
    let made = once.write(db, Priority::People, |tx| {
        let faults: Vec<Fault> = faults.iter().cloned().chain(misplaced(tx, user.role, user.facility_id)?).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        if !store::users::insert(tx, user, password_hash)? {
            return Err(Error::refused(Code::UsernameTaken));
        }
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "user.created").object(user.id).with("user", told(user)));
        Ok(user.clone())
    })?;
    app.refresh(db)?;
    Ok(made)
}

/// The same for those who ask without HTTP.
pub fn create_at_once(app: &App, db: &mut Db, context: &Context, new: NewUser) -> Result<User> {
    create(app, db, context, &prepare(app, context, new)?, &Once::plain())
}

/// Changes what an admin may change, if the version is still the one that was seen.
pub fn change(app: &App, db: &mut Db, context: &Context, id: Id, seen: i32, change: &Change) -> Result<User> {
    let changed = write(db, Priority::People, |tx| {
        let admins = store::users::lock_active_admins(tx)?;
        let (before, _) = store::users::lock_with_password(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if before.version != seen {
            return Err(Error::refused(Code::IfMatchStale));
        }
        let after = User {
            version: seen + 1,
            name: change.name.clone().unwrap_or_else(|| before.name.clone()),
            role: change.role.unwrap_or(before.role),
            facility_id: change.facility_id.unwrap_or(before.facility_id),
            active: change.active.unwrap_or(before.active),
            must_change_password: change.must_change_password.unwrap_or(before.must_change_password),
            updated_at: context.now,
            ..before.clone()
        };
        if let Some(fault) = misplaced(tx, after.role, after.facility_id)? {
            return Err(fault.into());
        }
        let stays_admin = after.active && after.role == Role::Admin;
        if admins == [id] && !stays_admin {
            return Err(Error::refused(Code::LastAdmin));
        }
        if !store::users::update(tx, &after, seen, context.now)? {
            return Err(Error::refused(Code::IfMatchStale));
        }
        if before.active && !after.active {
            store::sessions::end_all(tx, id, None, EndReason::UserDisabled, context.now)?;
        }
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "user.changed").object(id).with("before", told(&before)).with("after", told(&after)));
        Ok(after)
    })?;
    app.refresh(db)?;
    Ok(changed)
}

/// An admin gives a user a password, which must or need not be changed. All sessions of the user end.
pub fn set_password(
    app: &App,
    turn: Turn<'_>,
    db: &mut Db,
    context: &Context,
    id: Id,
    (password, must_change): (&SecretString, bool),
    once: &Once<'_, ()>,
) -> Result<()> {
    let user = store::users::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    if let Some(fault) = app.weakness("/password", password, &user.username) {
        return Err(fault.into());
    }
    let hash = turn.hash(password, context.random())?;
    drop(turn);
    once.write(db, Priority::People, |tx| {
        store::users::set_password(tx, id, &hash, must_change, context.now)?;
        let ended = store::sessions::end_all(tx, id, None, EndReason::PasswordSet, context.now)?;
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "user.password_set").object(id).with("must_change", must_change).with("sessions_ended", ended));
        Ok(())
    })?;
    app.refresh(db)
}

/// A user changes their own password from the current to a new one. Their other sessions end.
pub fn change_own_password(
    app: &App,
    turn: Turn<'_>,
    db: &mut Db,
    context: &Context,
    caller: Caller,
    (current, new): (&SecretString, &SecretString),
    once: &Once<'_, ()>,
) -> Result<()> {
    let id = caller.user_id;
    // A stolen session must not become a way to guess the password.
    let door = app.door(db, Scope::OwnPassword, &id.to_string())?;
    let found = write_quietly(db, Priority::People, "a guess is counted before it is judged; a change is recorded", |tx| {
        let found = store::users::lock_with_password(tx, id)?;
        throttles::count(tx, &[door], Code::SignInLocked, context.now)?;
        Ok(found)
    })?;
    // A system has no password.
    let (user, hash) = found.ok_or_else(|| Error::refused(Code::NotAllowed))?;
    if !turn.verify(current, Some(&hash))? {
        return Err(Fault::at("/current_password", "PASSWORD_WRONG").into());
    }
    let unchanged = turn.verify(new, Some(&hash))?.then(|| Fault::at("/new_password", "PASSWORD_UNCHANGED"));
    let new_hash = match unchanged.or_else(|| app.weakness("/new_password", new, &user.username)) {
        None => turn.hash(new, context.random())?,
        Some(fault) => {
            forget(db, &door)?;
            return Err(fault.into());
        }
    };
    drop(turn);
    once.write(db, Priority::People, |tx| {
        if store::users::lock_with_password(tx, id)?.is_none_or(|(_, stored)| stored != hash) {
            return Err(Error::refused(Code::StateConflict));
        }
        store::throttles::forget(tx, &door.counted)?;
        store::users::set_password(tx, id, &new_hash, false, context.now)?;
        let ended = store::sessions::end_all(tx, id, caller.session_id, EndReason::PasswordChanged, context.now)?;
        store::keys::bump_sessions(tx)?;
        tx.record(Event::new(context, "user.password_changed").object(id).with("sessions_ended", ended));
        Ok(())
    })?;
    app.refresh(db)
}

fn forget(db: &mut Db, door: &Door) -> Result<()> {
    write_quietly(db, Priority::People, "the guess was right, so nothing happened", |tx| store::throttles::forget(tx, &door.counted))
}

/// The fault of a role and a facility that do not belong together.
pub(super) fn misplaced(tx: &mut Tx, role: Role, facility: Option<Id>) -> Result<Option<Fault>> {
    let kind = match facility {
        None => None,
        Some(id) => match store::facilities::find(tx, id)? {
            Some(facility) => Some(facility.kind),
            None => return Ok(Some(Fault::at("/facility_id", "FACILITY_UNKNOWN"))),
        },
    };
    Ok(users::misplaced(role, kind).map(|misplaced| {
        let code = match misplaced {
            Misplaced::NeedsFacility => "FACILITY_NEEDED",
            Misplaced::HasNoFacility => "FACILITY_NOT_FOR_ROLE",
            Misplaced::WrongKind => "FACILITY_KIND_NOT_FOR_ROLE",
        };
        Fault::at("/facility_id", code).with("role", role)
    }))
}

/// A user as the audit log keeps it.
fn told(user: &User) -> Value {
    json!({
        "username": user.username, "name": user.name, "role": user.role, "facility_id": user.facility_id,
        "active": user.active, "must_change_password": user.must_change_password,
    })
}
