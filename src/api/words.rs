//! How the domain's own types look in the OpenAPI document: the domain itself knows nothing of it.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::population_office::ReportFormat;
use crate::context::Purpose;
use crate::domain::{
    adjudication, budget, cards, changes, check_progress, circuit_breaker, claims, documents, eligibility, enrollments, exports, facilities, figures,
    households, id, imports, jkn, letters, merges, messages, participants, payments, population, population_office, recoveries, referrals,
    registration, reports, roles, rupiah, sheets, signals, tariffs, time,
};
use crate::service::audit::BreakKind;

/// A text enum is a string with its words.
macro_rules! words {
    ($($name:ty),+ $(,)?) => {
        $(impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(<$name>::ALL.iter().map(|word| word.as_str()))).into()
            }
        }
        impl ToSchema for $name {})+
    };
}

words!(
    BreakKind,
    Purpose,
    ReportFormat,
    budget::Approval,
    budget::NoForecast,
    budget::Pot,
    check_progress::CheckStanding,
    check_progress::VoidReason,
    circuit_breaker::BreakerState,
    documents::DocumentKind,
    documents::contents::MediaType,
    eligibility::CareType,
    eligibility::Decision,
    eligibility::IdentityMatch,
    eligibility::InjuryCause,
    eligibility::Outcome,
    eligibility::Paper,
    eligibility::PlacementReason,
    eligibility::SpecialGroup,
    eligibility::Unit,
    eligibility::WardClass,
    cards::BlockReason,
    cards::CardEventKind,
    cards::CardState,
    enrollments::Channel,
    enrollments::EnrollmentAction,
    enrollments::EnrollmentState,
    enrollments::FilerKind,
    exports::ExportKind,
    exports::Identifiers,
    facilities::FacilityClass,
    facilities::FacilityKind,
    figures::Breakdown,
    figures::DateBasis,
    figures::FigureName,
    figures::MeasureUnit,
    households::HouseholdEventKind,
    households::HouseholdWarning,
    imports::ImportFailure,
    imports::ImportKind,
    imports::ImportState,
    jkn::JknSegment,
    jkn::JknState,
    letters::DischargeStatus,
    letters::LetterAction,
    letters::LetterState,
    messages::Answer,
    messages::MessageDriver,
    messages::MessageKind,
    messages::MessageState,
    merges::MergeObstacle,
    merges::MergeWarning,
    participants::CaseOutcome,
    participants::CaseState,
    participants::Guess,
    participants::ParticipantState,
    participants::Sex,
    participants::StatusEventKind,
    participants::TemporaryReason,
    population::ComparedField,
    population::FindingCategory,
    population::FindingState,
    population::RunState,
    population_office::CallResult,
    population_office::OfficeDriver,
    population_office::OfficeSource,
    population_office::Verdict,
    referrals::Direction,
    referrals::ReferralFit,
    referrals::ReferralSource,
    registration::Relation,
    reports::ReportKind,
    roles::Role,
    sheets::SheetFormat,
    signals::SignalKind,
    signals::SignalState,
    tariffs::Ownership,
    tariffs::ScheduleState,
    adjudication::EditMode,
    adjudication::EditOutcome,
    adjudication::Scope,
    changes::ChangeKind,
    claims::ClaimAction,
    claims::ClaimState,
    claims::DiagnosisKind,
    claims::DisputeOutcome,
    claims::LineState,
    claims::ReasonCode,
    claims::WaitingFor,
    payments::BatchState,
    payments::ItemState,
    recoveries::RecoveryReason,
    recoveries::RecoveryState,
    recoveries::RepaymentState,
    crate::service::card_tokens::CardFinding,
    crate::service::claims::DecisionKind,
    crate::service::letter_tokens::TokenFinding,
    crate::service::letters::LetterWarning,
    crate::store::card_batches::PrintOutcome,
    crate::service::reconciliations::FindingDecision,
    crate::service::reconciliations::RecordAs,
    crate::store::eligibility_reviews::ReviewState,
);

fn text(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format))).into()
}

impl PartialSchema for id::Id {
    fn schema() -> RefOr<Schema> {
        text(KnownFormat::Uuid)
    }
}
impl ToSchema for id::Id {}

impl PartialSchema for time::UtcTime {
    fn schema() -> RefOr<Schema> {
        text(KnownFormat::DateTime)
    }
}
impl ToSchema for time::UtcTime {}

impl PartialSchema for rupiah::Rupiah {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).into()
    }
}
impl ToSchema for rupiah::Rupiah {}
