//! The nine roles, and the caller of a use case.

use super::id::Id;
use super::text_enum::text_enum;

text_enum! {
    /// What a user is to the programme. One user, one role.
    Role {
        /// Dinas Kesehatan.
        Admin = "admin",
        /// Kelurahan or RT/RW; with a facility: the counter of a Puskesmas, which may also do what a clinic may.
        Registrar = "registrar",
        Clinic = "clinic", Hospital = "hospital", Verifier = "verifier", Finance = "finance",
        /// Sees aggregates only.
        Manager = "manager",
        /// May read what an admin may, and the access log.
        Auditor = "auditor",
        /// Data protection officer (UU 27/2022 art. 53).
        Dpo = "dpo",
    }
}

impl Role {
    /// Must a user of this role belong to a facility?
    pub const fn needs_facility(self) -> bool {
        match self {
            Self::Clinic | Self::Hospital => true,
            Self::Admin | Self::Registrar | Self::Verifier | Self::Finance | Self::Manager | Self::Auditor | Self::Dpo => false,
        }
    }

    /// May a user of this role belong to a facility?
    pub const fn may_have_facility(self) -> bool {
        match self {
            Self::Clinic | Self::Hospital | Self::Registrar => true,
            Self::Admin | Self::Verifier | Self::Finance | Self::Manager | Self::Auditor | Self::Dpo => false,
        }
    }
}

/// Who is asking, as the token told and the session confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub user_id: Id,
    pub role: Role,
    pub facility_id: Option<Id>,
    /// What the token came from and ends with: the session of a user, the secret of a system.
    pub session_id: Option<Id>,
}
