//! Users and the systems of facilities: who may sign in, and what must be true of them.

use super::facilities::FacilityKind;
use super::id::Id;
use super::roles::Role;
use super::time::UtcTime;

pub const USERNAME_SHORTEST: usize = 3;
pub const USERNAME_LONGEST: usize = 64;

/// A person who signs in. The password's hash is no part of it, so it cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::users)]
pub struct User {
    pub id: Id,
    pub version: i32,
    pub username: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub must_change_password: bool,
    pub active: bool,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// A facility's system, which signs in with a secret that we made.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::service_accounts)]
pub struct ServiceAccount {
    pub id: Id,
    pub version: i32,
    pub client_id: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub active: bool,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// The one spelling of a username under which it is stored and looked for.
pub fn username(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Letters of the alphabet, digits, and `.`, `_`, `-`, `@` after the first.
pub fn is_username(text: &str) -> bool {
    let bytes = text.as_bytes();
    (USERNAME_SHORTEST..=USERNAME_LONGEST).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(byte))
}

/// What is wrong with a role and a facility together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    NeedsFacility,
    HasNoFacility,
    /// The facility is not of a kind where this role works.
    WrongKind,
}

/// Do they belong together? The kind is that of the facility, if one is named.
pub fn misplaced(role: Role, facility: Option<FacilityKind>) -> Option<Misplaced> {
    match facility {
        None => role.needs_facility().then_some(Misplaced::NeedsFacility),
        Some(_) if !role.may_have_facility() => Some(Misplaced::HasNoFacility),
        Some(kind) => (!works_at(role, kind)).then_some(Misplaced::WrongKind),
    }
}

fn works_at(role: Role, kind: FacilityKind) -> bool {
    match role {
        Role::Clinic => matches!(kind, FacilityKind::Clinic | FacilityKind::Puskesmas),
        Role::Hospital => kind == FacilityKind::Hospital,
        Role::Registrar => kind == FacilityKind::Puskesmas,
        Role::Admin | Role::Verifier | Role::Finance | Role::Manager | Role::Auditor | Role::Dpo => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_stands_where_it_works() {
        use FacilityKind::*;
        for (role, facility, expected) in [
            (Role::Admin, None, None),
            (Role::Admin, Some(Hospital), Some(Misplaced::HasNoFacility)),
            (Role::Auditor, Some(Clinic), Some(Misplaced::HasNoFacility)),
            (Role::Clinic, None, Some(Misplaced::NeedsFacility)),
            (Role::Clinic, Some(Clinic), None),
            (Role::Clinic, Some(Puskesmas), None),
            (Role::Clinic, Some(Hospital), Some(Misplaced::WrongKind)),
            (Role::Hospital, None, Some(Misplaced::NeedsFacility)),
            (Role::Hospital, Some(Hospital), None),
            (Role::Hospital, Some(Puskesmas), Some(Misplaced::WrongKind)),
            (Role::Registrar, None, None),
            (Role::Registrar, Some(Puskesmas), None),
            (Role::Registrar, Some(Clinic), Some(Misplaced::WrongKind)),
        ] {
            assert_eq!(misplaced(role, facility), expected, "{role} at {facility:?}");
        }
    }

    #[test]
    fn usernames_have_one_spelling() {
        assert_eq!(username("  Siti.Aminah "), "siti.aminah");
        for (text, fits) in [
            ("abc", true),
            ("7eleven", true),
            ("siti.aminah@puskesmas-1", true),
            ("ab", false),
            (".abc", false),
            ("Siti", false),
            ("siti aminah", false),
            ("sitî", false),
            ("", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(is_username(text), fits, "{text}");
        }
    }
}
