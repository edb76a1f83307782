//! What belongs to each rule whatever the case: the field it looks at, and what it can say.

use super::{Outcome, RuleCode};

impl RuleCode {
    /// The field of the question or of the registry that the rule looks at.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NikFormat | Self::NikNotFound => "nik",
            Self::NikInactive
            | Self::DuplicateRecord
            | Self::MergedRecord
            | Self::ParticipantSuspended
            | Self::TemporaryIdentity
            | Self::Deceased
            | Self::MovedOut => "state",
            Self::NewbornCovered => "mother",
            Self::IdentityDiffers => "identity_match",
            Self::PopulationDiffers => "verification",
            Self::NotResident | Self::ResidencyTooShort => "resident_since",
            Self::JknActive => "jkn",
            Self::NotEnrolled | Self::CardSuspended => "enrollment",
            Self::PapersMissing => "facts.papers",
            Self::SpecialGroup => "facts.special_group",
            Self::IncomeAboveLimit => "facts.monthly_income",
            Self::NoReferral | Self::ReferralExpired => "referral_number",
            Self::ClassNotCovered => "ward_class",
            Self::FacilityNotContracted | Self::FacilityNotGovernment => "facility",
            Self::PrimaryCareDiagnosis | Self::ServiceExcluded => "diagnosis_code",
            Self::RegistryDown | Self::PopulationDown | Self::JknDown => "sources",
            Self::EmergencyProvisional => "care_type",
            Self::ReviewGranted => "override_of",
        }
    }

    /// What the rule can say: each of these has its texts.
    pub const fn outcomes(self) -> &'static [Outcome] {
        use Outcome::{Fail, NotApplicable, Pass, Unknown, Warn};
        match self {
            Self::NikFormat | Self::PrimaryCareDiagnosis | Self::EmergencyProvisional => &[Pass, Warn, NotApplicable],
            Self::TemporaryIdentity | Self::IdentityDiffers | Self::PopulationDown | Self::JknDown => &[Pass, Unknown, NotApplicable],
            Self::PopulationDiffers => &[Pass, Warn, Unknown, NotApplicable],
            Self::PapersMissing | Self::FacilityNotContracted => &[Pass, Fail, NotApplicable],
            Self::SpecialGroup | Self::NoReferral | Self::FacilityNotGovernment | Self::ServiceExcluded => &[Pass, Fail, Warn, NotApplicable],
            Self::NikNotFound
            | Self::NikInactive
            | Self::DuplicateRecord
            | Self::MergedRecord
            | Self::ParticipantSuspended
            | Self::MovedOut
            | Self::NotResident
            | Self::ResidencyTooShort
            | Self::JknActive
            | Self::CardSuspended
            | Self::IncomeAboveLimit
            | Self::ReferralExpired
            | Self::ClassNotCovered => &[Pass, Fail, Unknown, NotApplicable],
            Self::Deceased | Self::NotEnrolled | Self::NewbornCovered => &[Pass, Fail, Warn, Unknown, NotApplicable],
            Self::RegistryDown => &[Pass, Unknown, NotApplicable],
            Self::ReviewGranted => &[Warn, NotApplicable],
        }
    }
}
