//! How a participant looks from outside: whole for those who keep the registry, short for those who give care.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::cards::CardState;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::nik::{Nik, NikOddity};
use crate::domain::participants::{Guess, ParticipantState, Sex};
use crate::domain::registration::Relation;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::profiles::Profile;
use crate::service::searches::Found;
use crate::store::enrollments::Enrollment;
use crate::store::participant_changes::Change;

/// What is odd but allowed.
#[derive(Serialize, ToSchema)]
pub struct WarningView {
    pub code: &'static str,
    pub message: String,
}

#[derive(Serialize, ToSchema)]
pub struct HouseholdReference {
    pub id: Id,
}

#[derive(Serialize, ToSchema)]
pub struct EnrollmentView {
    pub state: EnrollmentState,
    pub card_state: CardState,
    pub card_number: Option<String>,
    pub issued_on: Option<NaiveDate>,
}

#[derive(Serialize, ToSchema)]
pub struct JknView {
    pub segment: JknSegment,
    pub state: JknState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

/// A correction that waits for a second person.
#[derive(Serialize, ToSchema)]
pub struct PendingChangeView {
    pub id: Id,
    pub field: &'static str,
    pub old_value: Option<String>,
    pub new_value: String,
    pub reason: String,
    pub asked_by: Id,
    pub asked_at: UtcTime,
}

#[derive(Serialize, ToSchema)]
pub struct ParticipantView {
    pub id: Id,
    #[schema(pattern = "^[0-9]{16}$")]
    pub nik: Option<String>,
    #[schema(pattern = "^[0-9]{16}$")]
    pub kk_number: Option<String>,
    pub relation: Option<Relation>,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub village_code: String,
    pub district_code: String,
    pub rt: String,
    pub rw: String,
    pub address: String,
    pub phone: Option<String>,
    /// The first day of the unbroken stay in the city.
    pub resident_since: Option<NaiveDate>,
    /// The last day of it, where someone has left or will leave.
    pub resident_until: Option<NaiveDate>,
    pub mother_name: Option<String>,
    /// What holds today.
    pub state: ParticipantState,
    pub household: Option<HouseholdReference>,
    pub enrollment: Option<EnrollmentView>,
    /// The period that holds today.
    pub jkn: Option<JknView>,
    /// The record that stands for this one, where two were one person's.
    pub merged_into: Option<Id>,
    pub warnings: Vec<WarningView>,
    pub pending_changes: Vec<PendingChangeView>,
    /// What nobody knows yet: a stand-in is in its place.
    pub estimated: Vec<Guess>,
}

/// What someone who gives care needs to know who stands before them.
#[derive(Serialize, ToSchema)]
pub struct ShortView {
    pub id: Id,
    pub name: String,
    pub birth_year: i32,
    pub sex: Sex,
    pub nik_masked: Option<String>,
    pub state: ParticipantState,
    /// What nobody knows yet: a stand-in is in its place.
    pub estimated: Vec<Guess>,
}

/// One line of a search.
#[derive(Serialize, ToSchema)]
pub struct SummaryView {
    pub id: Id,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub nik_masked: Option<String>,
    pub village_code: String,
    pub state: ParticipantState,
}

pub fn jkn(period: JknPeriod) -> JknView {
    let JknPeriod { valid_from, valid_to, segment, state } = period;
    JknView { segment, state, valid_from, valid_to }
}

fn enrollment(enrollment: &Enrollment) -> EnrollmentView {
    let Enrollment { standing, card_number, .. } = enrollment;
    let card_number = card_number.clone();
    EnrollmentView { state: standing.state, card_state: standing.card_state, card_number, issued_on: standing.issued_on }
}

fn pending(change: &Change) -> PendingChangeView {
    let Change { id, resident_since, cell, asked_at, asked_by, .. } = change;
    PendingChangeView {
        id: *id,
        field: "resident_since",
        old_value: cell.old_value.clone(),
        new_value: resident_since.to_string(),
        reason: cell.reason.clone(),
        asked_by: *asked_by,
        asked_at: *asked_at,
    }
}

fn warning(oddity: NikOddity, texts: &Texts, language: Language) -> WarningView {
    WarningView { code: oddity.as_str(), message: texts.get(language, &format!("nik_oddities.{oddity}.message"), &[]).unwrap_or_default() }
}

pub fn masked(nik: &str) -> Option<String> {
    Nik::parse(nik).ok().map(|nik| nik.masked())
}

pub fn whole(profile: &Profile, texts: &Texts, language: Language) -> ParticipantView {
    let participant = &profile.participant;
    let (identity, contact) = (&participant.identity, &participant.contact);
    let household = profile.household.as_ref();
    let village_code = participant.village_code.to_string();
    ParticipantView {
        id: participant.id,
        nik: Some(identity.nik.clone()).filter(|nik| !nik.is_empty()),
        kk_number: household.map(|(household, _)| household.cell.kk_number.clone()),
        relation: household.map(|(_, relation)| *relation),
        name: identity.name.clone(),
        birth_date: identity.birth_date,
        sex: participant.sex,
        district_code: village_code[..6].to_owned(),
        village_code,
        rt: contact.rt.clone(),
        rw: contact.rw.clone(),
        address: contact.address.clone(),
        phone: contact.phone.clone(),
        resident_since: profile.resident_since,
        resident_until: profile.resident_until,
        mother_name: contact.mother_name.clone(),
        state: profile.state,
        household: household.map(|(household, _)| HouseholdReference { id: household.id }),
        enrollment: profile.enrollment.as_ref().map(enrollment),
        jkn: profile.jkn.map(jkn),
        merged_into: profile.merged_into,
        warnings: profile.warnings.iter().map(|oddity| warning(*oddity, texts, language)).collect(),
        pending_changes: profile.pending.iter().map(pending).collect(),
        estimated: identity.guessed.clone(),
    }
}

pub fn short(profile: &Profile) -> ShortView {
    let participant = &profile.participant;
    ShortView {
        id: participant.id,
        birth_year: chrono::Datelike::year(&participant.identity.birth_date),
        nik_masked: masked(&participant.identity.nik),
        name: participant.identity.name.clone(),
        sex: participant.sex,
        state: profile.state,
        estimated: participant.identity.guessed.clone(),
    }
}

/// As short as for who gives care.
pub fn brief(found: Found) -> ShortView {
    let Found { row, identity } = found;
    let nik_masked = masked(&identity.nik);
    let estimated = identity.guessed;
    ShortView { id: row.id, name: identity.name, birth_year: row.birth_year, sex: row.sex, nik_masked, state: row.state, estimated }
}

pub fn summary(found: Found) -> SummaryView {
    let Found { row, identity } = found;
    SummaryView {
        id: row.id,
        nik_masked: masked(&identity.nik),
        name: identity.name,
        birth_date: identity.birth_date,
        sex: row.sex,
        village_code: row.village_code.to_string(),
        state: row.state,
    }
}
