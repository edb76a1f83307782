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
        KtpEl = "ktp_el", Kk = "kk", Card = "card", Sktm = "sktm", DinsosLetter = "dinsos_letter", PoliceReport = "police_report",
        KelurahanLetter = "kelurahan_letter", DeathLetter = "death_letter", PuskesmasLetter = "puskesmas_letter",
        UnemploymentLetter = "unemployment_letter",
    }
}

text_enum! {
    /// How the person was named in the question.
    IdentifiedBy { Nik = "nik", Card = "card", Participant = "participant", Kk = "kk" }
}

text_enum! {
    /// What the facility was told beside what is registered.
    IdentityMatch { NotGiven = "not_given", Same = "same", Differs = "differs" }
}

text_enum! {
    /// Where facts come from.
    Source { Registry = "registry", Jkn = "jkn" }
}
