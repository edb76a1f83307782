//! How claims are shown: five amounts, every line with its cuts, every finding with its text in the reader's language.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::claim_disputes::DisputeView;
use crate::domain::adjudication::EditOutcome;
use crate::domain::budget::Pot;
use crate::domain::claims::{Bill, ClaimAction, ClaimState, DiagnosisKind, LineState, ReasonCode, WaitingFor};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::letters::DischargeStatus;
use crate::domain::rupiah::Rupiah;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::claims::Told;
use crate::store::claim_parts::{ClaimAdjustment, ClaimEvent, ClaimHit, Revision};
use crate::store::claims::{Claim, Terms};

#[derive(Serialize, ToSchema)]
pub struct ClaimView {
    pub id: Id,
    #[schema(example = "CLM-3275-2026-000001")]
    pub number: String,
    pub facility_claim_number: String,
    pub state: ClaimState,
    pub revision: i32,
    /// Handed in after the day by which bills of its month are.
    pub late: bool,
    /// Who has to act; null where nobody has.
    pub waiting_for: Option<WaitingFor>,
    pub facility_id: Id,
    pub participant_id: Id,
    pub letter_number: Option<String>,
    pub check_id: Id,
    pub replaces_claim_id: Option<Id>,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub discharge_status: Option<DischargeStatus>,
    pub ward_class: Option<WardClass>,
    pub diagnoses: Vec<DiagnosisView>,
    pub procedures: Vec<ProcedureView>,
    pub due: DueView,
    pub basis: BasisView,
    pub amounts: AmountsView,
    pub lines: Vec<LineView>,
    /// All cuts of all lines. What is claimed less these is what is payable, always.
    pub adjustments: Vec<AdjustmentView>,
    /// Everything that the edits found.
    pub edits: Vec<EditView>,
    pub submitted_at: Option<UtcTime>,
    pub completed_at: Option<UtcTime>,
    pub decided_at: Option<UtcTime>,
    /// Since when the participant has said that this care was not theirs; null where they have not.
    pub denied_by_participant_at: Option<UtcTime>,
    /// Drawn for the control sample.
    pub sampled: bool,
    /// One has approved an amount that two decide; another has to.
    pub awaits_second_decision: bool,
    /// What the hospital wants whoever looks at it to know, as it said when it handed the claim in last.
    pub note: Option<String>,
    /// Null where nobody objected to the decision.
    pub dispute: Option<DisputeView>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

#[derive(Serialize, ToSchema)]
pub struct DiagnosisView {
    pub code: String,
    pub kind: DiagnosisKind,
}

#[derive(Serialize, ToSchema)]
pub struct ProcedureView {
    pub code: String,
    pub date: Option<NaiveDate>,
}

/// The last days on which each is in time.
#[derive(Serialize, ToSchema)]
pub struct DueView {
    pub complete_by: Option<NaiveDate>,
    pub fix_by: Option<NaiveDate>,
    pub pay_by: Option<NaiveDate>,
    pub dispute_by: Option<NaiveDate>,
    pub expires_on: NaiveDate,
}

/// By what it was judged.
#[derive(Serialize, ToSchema)]
pub struct BasisView {
    pub rule_set: String,
    pub rule_date: NaiveDate,
    pub tariff_schedule_id: Option<Id>,
    pub tariff_date: NaiveDate,
    pub contract_id: Option<Id>,
    pub budget_year: i32,
    pub pot: Pot,
    pub payment_percent: i32,
}

/// In whole rupiah.
#[derive(Serialize, ToSchema)]
pub struct AmountsView {
    pub claimed: Rupiah,
    /// By the tariff, before its percentage.
    pub tariff: Rupiah,
    pub hospital_cost: Rupiah,
    /// What would be paid by what the edits found.
    pub payable: Rupiah,
    /// What was decided; 0 before.
    pub approved: Rupiah,
    pub paid: Rupiah,
}

#[derive(Serialize, ToSchema)]
pub struct LineView {
    pub line: i32,
    pub state: LineState,
    pub tariff_code: String,
    pub date: NaiveDate,
    pub quantity: i32,
    pub claimed_amount: Rupiah,
    /// Null where no price was found.
    pub tariff_amount: Option<Rupiah>,
    pub hospital_cost: Option<Rupiah>,
    pub payable_amount: Rupiah,
    pub approved_amount: Rupiah,
    pub paid_amount: Rupiah,
    /// Of whoever decided otherwise than the edits.
    pub reason_code: Option<ReasonCode>,
    pub adjustments: Vec<AdjustmentView>,
}

#[derive(Clone, Serialize, ToSchema)]
pub struct AdjustmentView {
    pub line: i32,
    /// The edit that cut, or the reason code of whoever decided.
    pub edit: String,
    pub step: Option<String>,
    pub amount: Rupiah,
    pub message: String,
}

#[derive(Serialize, ToSchema)]
pub struct EditView {
    pub code: String,
    pub version: i32,
    pub outcome: EditOutcome,
    /// Null where it concerns the claim as a whole.
    pub line: Option<i32>,
    pub field: String,
    pub value: Option<String>,
    pub limit: Option<String>,
    /// It only tells what it would have done.
    pub shadow: bool,
    pub message: String,
    pub remedy: String,
}

/// What was done with a claim.
#[derive(Serialize, ToSchema)]
pub struct ClaimEventView {
    pub action: ClaimAction,
    pub state: ClaimState,
    pub at: UtcTime,
    /// Null where the program or the clock did it.
    pub by: Option<Id>,
    pub reason_code: Option<ReasonCode>,
    pub note: Option<String>,
    /// Of an objection, the lines that it is to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed_lines: Option<Vec<i32>>,
    /// Of the decision of an objection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes_number: Option<String>,
}

impl ClaimEventView {
    /// The story of a claim, first to last.
    pub fn story(told: &Told) -> Vec<Self> {
        let dispute = told.dispute.as_ref();
        let decided = dispute.and_then(|dispute| dispute.head.decided_at);
        let view = |(event, note): &(ClaimEvent, Option<String>)| Self {
            action: event.action,
            state: event.state,
            at: event.taken_at,
            by: event.taken_by,
            reason_code: event.reason_code,
            note: note.clone(),
            disputed_lines: dispute
                .filter(|_| event.action == ClaimAction::Dispute)
                .map(|dispute| dispute.lines.iter().map(|line| line.line).collect()),
            minutes_number: dispute.filter(|_| decided == Some(event.taken_at)).and_then(|dispute| dispute.head.minutes_number.clone()),
        };
        told.events.iter().map(view).collect()
    }
}

fn text(texts: &Texts, language: Language, key: &str, value: Option<&str>, limit: Option<&str>) -> String {
    texts.get(language, key, &[("value", value.unwrap_or_default()), ("limit", limit.unwrap_or_default())]).unwrap_or_default()
}

fn edit_view(hit: &ClaimHit, texts: &Texts, language: Language) -> EditView {
    let of = |what: &str| text(texts, language, &format!("edits.{}.{what}", hit.edit), hit.value.as_deref(), hit.bound.as_deref());
    EditView {
        code: hit.edit.clone(),
        version: hit.edit_version,
        outcome: hit.outcome,
        line: hit.line,
        field: hit.field.clone(),
        value: hit.value.clone(),
        limit: hit.bound.clone(),
        shadow: hit.shadow,
        message: of("message"),
        remedy: of("remedy"),
    }
}

fn adjustment_view(cut: &ClaimAdjustment, hits: &[ClaimHit], texts: &Texts, language: Language) -> AdjustmentView {
    let by = hits.iter().find(|hit| hit.edit == cut.source && hit.line.is_none_or(|line| line == cut.line));
    let message = match by {
        Some(hit) => edit_view(hit, texts, language).message,
        None => text(texts, language, &format!("claim_reasons.{}", cut.source), None, None),
    };
    AdjustmentView { line: cut.line, edit: cut.source.clone(), step: cut.step.clone(), amount: cut.amount, message }
}

impl ClaimView {
    pub fn of(told: &Told, texts: &Texts, language: Language) -> Self {
        let Told { claim, terms, parts, letter_number, denied_at, events, dispute } = told;
        let adjustments: Vec<AdjustmentView> = parts.adjustments.iter().map(|cut| adjustment_view(cut, &parts.hits, texts, language)).collect();
        let lines = parts.lines.iter().map(|line| LineView {
            line: line.line,
            state: line.state,
            tariff_code: line.tariff_code.clone(),
            date: line.service_date,
            quantity: line.quantity,
            claimed_amount: line.claimed_amount,
            tariff_amount: line.tariff_amount,
            hospital_cost: line.hospital_cost,
            payable_amount: line.payable_amount,
            approved_amount: line.approved_amount,
            paid_amount: line.paid_amount,
            reason_code: line.reason_code,
            adjustments: adjustments.iter().filter(|cut| cut.line == line.line).cloned().collect(),
        });
        let diagnoses = parts.codes.iter().filter_map(|code| {
            let kind = DiagnosisKind::ALL.iter().find(|kind| kind.as_str() == code.kind)?;
            Some(DiagnosisView { code: code.code.clone(), kind: *kind })
        });
        let procedures = parts.codes.iter().filter(|code| code.kind == "procedure");
        Self {
            lines: lines.collect(),
            diagnoses: diagnoses.collect(),
            procedures: procedures.map(|code| ProcedureView { code: code.code.clone(), date: code.service_date }).collect(),
            edits: parts.hits.iter().map(|hit| edit_view(hit, texts, language)).collect(),
            adjustments,
            id: claim.id,
            number: claim.number.clone(),
            facility_claim_number: claim.facility_claim_number.clone(),
            state: claim.state,
            revision: claim.revision,
            late: claim.late,
            waiting_for: claim.state.waiting_for(),
            facility_id: claim.facility_id,
            participant_id: claim.participant_id,
            letter_number: letter_number.clone(),
            check_id: claim.check_id,
            replaces_claim_id: claim.replaces_claim_id,
            care_type: claim.care_type,
            admitted_on: claim.admitted_on,
            discharged_on: claim.discharged_on,
            discharge_status: claim.discharge_status,
            ward_class: claim.ward_class,
            due: due(terms),
            basis: BasisView {
                rule_set: terms.rule_set.clone(),
                rule_date: terms.rule_date,
                tariff_schedule_id: terms.tariff_schedule_id,
                tariff_date: terms.tariff_date,
                contract_id: terms.contract_id,
                budget_year: claim.budget_year,
                pot: claim.pot,
                payment_percent: terms.payment_percent,
            },
            amounts: amounts(claim),
            submitted_at: terms.submitted_at,
            completed_at: terms.completed_at,
            decided_at: terms.decided_at,
            denied_by_participant_at: *denied_at,
            sampled: terms.sampled,
            awaits_second_decision: awaits_second(claim, terms),
            note: handed_in_with(events),
            dispute: dispute.as_ref().map(DisputeView::from),
            created_at: claim.created_at,
            updated_at: claim.updated_at,
        }
    }
}

fn handed_in_with(events: &[(ClaimEvent, Option<String>)]) -> Option<String> {
    let is_handing_in = |(event, _): &&(ClaimEvent, Option<String>)| matches!(event.action, ClaimAction::Submit | ClaimAction::Resubmit);
    events.iter().rev().find(is_handing_in).and_then(|(_, note)| note.clone())
}

fn due(terms: &Terms) -> DueView {
    DueView { complete_by: terms.complete_by, fix_by: terms.fix_by, pay_by: terms.pay_by, dispute_by: terms.dispute_by, expires_on: terms.expires_on }
}

fn amounts(claim: &Claim) -> AmountsView {
    AmountsView {
        claimed: claim.claimed_amount,
        tariff: claim.tariff_amount,
        hospital_cost: claim.hospital_cost,
        payable: claim.payable_amount,
        approved: claim.approved_amount,
        paid: claim.paid_amount,
    }
}

fn awaits_second(claim: &Claim, terms: &Terms) -> bool {
    claim.state.waiting_for() == Some(WaitingFor::Verifier) && terms.first_decided_by.is_some()
}

/// A claim in a list: nobody's name, no lines.
#[derive(Serialize, ToSchema)]
pub struct ClaimSummary {
    pub id: Id,
    pub number: String,
    pub facility_claim_number: String,
    pub state: ClaimState,
    pub revision: i32,
    pub late: bool,
    pub waiting_for: Option<WaitingFor>,
    pub facility_id: Id,
    pub participant_id: Id,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub amounts: AmountsView,
    pub due: DueView,
    /// The most that a look by a person could save.
    pub recoverable_amount: Rupiah,
    pub taken_by: Option<Id>,
    /// One has approved an amount that two decide; another has to.
    pub awaits_second_decision: bool,
    pub submitted_at: Option<UtcTime>,
    pub updated_at: UtcTime,
}

impl From<(Claim, Terms)> for ClaimSummary {
    fn from((claim, terms): (Claim, Terms)) -> Self {
        Self {
            amounts: amounts(&claim),
            due: due(&terms),
            recoverable_amount: terms.recoverable_amount,
            taken_by: claim.taken_by,
            awaits_second_decision: awaits_second(&claim, &terms),
            submitted_at: terms.submitted_at,
            waiting_for: claim.state.waiting_for(),
            id: claim.id,
            number: claim.number,
            facility_claim_number: claim.facility_claim_number,
            state: claim.state,
            revision: claim.revision,
            late: claim.late,
            facility_id: claim.facility_id,
            participant_id: claim.participant_id,
            care_type: claim.care_type,
            admitted_on: claim.admitted_on,
            discharged_on: claim.discharged_on,
            updated_at: claim.updated_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ClaimRevisionView {
    pub revision: i32,
    pub told_at: UtcTime,
    pub told_by: Id,
    /// The fields of the request.
    #[schema(value_type = Object)]
    pub bill: Bill,
}

impl From<Revision> for ClaimRevisionView {
    fn from(Revision { revision, told_at, told_by, bill }: Revision) -> Self {
        Self { revision, told_at, told_by, bill }
    }
}
