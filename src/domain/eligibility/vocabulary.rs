//! The words of an eligibility check: what is asked, what is answered.

use crate::domain::text_enum::text_enum;

text_enum! {
    CareType { Primary = "primary", Outpatient = "outpatient", Inpatient = "inpatient", Emergency = "emergency" }
}

text_enum! {
    WardClass { I = "I", II = "II", III = "III", Vip = "vip" }
}

text_enum! {
    Decision { Eligible = "eligible", NotEligible = "not_eligible", Provisional = "provisional", Undetermined = "undetermined" }
}

text_enum! {
    /// What a rule says. `unknown` is a fact that nobody could tell; `not_applicable` a rule that does not ask here.
    Outcome { Pass = "pass", Fail = "fail", Warn = "warn", Unknown = "unknown", NotApplicable = "not_applicable" }
}

text_enum! {
    /// Groups with papers of their own: the homeless and other social cases (PMKS), victims of violence or disaster, psychiatric patients (ODGJ),
    /// and patients who have died.
    SpecialGroup { Pmks = "pmks", Violence = "violence", Disaster = "disaster", Odgj = "odgj", Deceased = "deceased" }
}

text_enum! {
    /// Why a private hospital and not a government one.
    PlacementReason { GovernmentFull = "government_full", GovernmentUnable = "government_unable" }
}

text_enum! {
    InjuryCause { Traffic = "traffic", Work = "work", Violence = "violence", SelfHarm = "self", Other = "other" }
}

text_enum! {
    /// Papers that a patient can show.
    Paper {
        KtpEl = "ktp_el", Kk = "kk", Sktm = "sktm", DinsosLetter = "dinsos_letter", PoliceReport = "police_report",
        KelurahanLetter = "kelurahan_letter", DeathLetter = "death_letter", PuskesmasLetter = "puskesmas_letter",
        UnemploymentLetter = "unemployment_letter",
    }
}

text_enum! {
    /// How the person was named in the question.
    IdentifiedBy { Nik = "nik", Card = "card", Participant = "participant", Kk = "kk", Mother = "mother" }
}

text_enum! {
    /// What the facility was told beside what is registered.
    IdentityMatch { NotGiven = "not_given", Same = "same", Differs = "differs" }
}

text_enum! {
    /// Where facts come from: the register of participants, the population office that it is verified against, and JKN.
    Source { Registry = "registry", Population = "population", Jkn = "jkn" }
}

text_enum! {
    /// Every rule of a check, in the order of its answer.
    RuleCode {
        NikFormat = "NIK_FORMAT", NikNotFound = "NIK_NOT_FOUND", NikInactive = "NIK_INACTIVE", DuplicateRecord = "DUPLICATE_RECORD",
        MergedRecord = "MERGED_RECORD", ParticipantSuspended = "PARTICIPANT_SUSPENDED", TemporaryIdentity = "TEMPORARY_IDENTITY",
        NewbornCovered = "NEWBORN_COVERED", IdentityDiffers = "IDENTITY_DIFFERS", PopulationDiffers = "POPULATION_DIFFERS", Deceased = "DECEASED", MovedOut = "MOVED_OUT", NotResident = "NOT_RESIDENT",
        ResidencyTooShort = "RESIDENCY_TOO_SHORT", JknActive = "JKN_ACTIVE", NotEnrolled = "NOT_ENROLLED", CardSuspended = "CARD_SUSPENDED",
        PapersMissing = "PAPERS_MISSING", SpecialGroup = "SPECIAL_GROUP", IncomeAboveLimit = "INCOME_ABOVE_LIMIT", NoReferral = "NO_REFERRAL",
        ReferralExpired = "REFERRAL_EXPIRED", ClassNotCovered = "CLASS_NOT_COVERED", FacilityNotContracted = "FACILITY_NOT_CONTRACTED",
        FacilityNotGovernment = "FACILITY_NOT_GOVERNMENT", PrimaryCareDiagnosis = "PRIMARY_CARE_DIAGNOSIS", ServiceExcluded = "SERVICE_EXCLUDED",
        RegistryDown = "REGISTRY_DOWN", PopulationDown = "POPULATION_DOWN", JknDown = "JKN_DOWN", EmergencyProvisional = "EMERGENCY_PROVISIONAL",
        ReviewGranted = "REVIEW_GRANTED",
    }
}

text_enum! {
    /// What a value and its limit count.
    Unit { Months = "months", Days = "days", Hours = "hours", Rupiah = "rupiah" }
}
