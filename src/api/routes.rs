//! The whole API on one page: path, method, who may call, handler. The router, the guard, the OpenAPI document and the tests all read this table.

use actix_web::guard::fn_guard;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web};

use super::guard::{Access, guard};
use super::problem::Problem;
use super::{
    affected_checks, affected_claims, audit, auth, bill_sheets, budget_alerts, budget_positions, budgets, card_batches, cards, changes,
    check_progress, claim_analysis, claim_batches, claim_decisions, claim_disputes, claim_evidence, claims, codes, confirmations, contracts,
    dashboard, dashboard_stream, debts, documents, edit_history, edits, eligibility_checks, eligibility_reviews, enrollment_batches,
    enrollment_tracking, enrollments, exports, facilities, glossary, households, imports, jkn_statuses, letters, me, merge_previews, messages,
    newborns, operations, overdue_claims, participant_events, participant_history, participants, payments, population_office,
    reconciliation_findings, reconciliations, recoveries, referrals, registry_cases, remittances, reports, rule_sets, searches, service_accounts,
    signals, tariff_schedules, tariffs, temporary_identities, users, verifications,
};
use crate::domain::roles::Role::*;
use crate::error::{Code, Error};
use Access::{Anyone, Only, OwnAccount, SignedIn};

const ADMIN: Access = Only(&[Admin]);
/// Those who may know on what terms a facility works; facilities, on what terms they do.
const CONTRACT_READERS: Access = Only(&[Admin, Finance, Manager, Clinic, Hospital]);
/// Those who write referrals and those who receive them.
const REFERRERS: Access = Only(&[Clinic]);
const REFERRAL_READERS: Access = Only(&[Clinic, Hospital]);
/// Those who stand before the patient: what they were told is theirs to dispute.
const CAREGIVERS: Access = Only(&[Clinic, Hospital]);
const HOSPITAL: Access = Only(&[Hospital]);
/// Those who bring documents, and those who judge, pay and oversee the claims behind which they stand.
const DOCUMENT_READERS: Access = Only(&[Clinic, Hospital, Verifier, Finance, Admin]);
/// Those who carry a guarantee letter on: the hospital that has it, and the city.
const LETTER_KEEPERS: Access = Only(&[Hospital, Admin]);
const LETTER_READERS: Access = Only(&[Hospital, Admin, Verifier]);
const VERIFIER: Access = Only(&[Verifier]);
/// Those who bill, look, pay and audit.
/// Whoever holds a claim, and an admin where they cannot let it go any more.
const RELEASERS: Access = Only(&[Verifier, Admin]);
const CLAIM_READERS: Access = Only(&[Hospital, Verifier, Finance, Admin]);
/// Those who see to it that participants are told, and who answer for what they are told.
const MESSAGE_READERS: Access = Only(&[Admin, Dpo]);
const PAYMENT_READERS: Access = Only(&[Finance, Admin]);
/// The same, and the hospitals for their own part.
const PAID_READERS: Access = Only(&[Finance, Admin, Hospital]);
/// Those who draw up tariffs and those who answer for the money; simulating a draft shows sums, not its prices.
const SIMULATORS: Access = Only(&[Admin, Manager]);
/// Those who answer for tariffs, and hospitals for what they cost them.
const SHORTFALL_READERS: Access = Only(&[Admin, Finance, Manager, Hospital]);
/// Those whose it is, and those who pay and see to all.
const FOLLOWERS: Access = Only(&[Clinic, Hospital, Finance, Admin]);
/// Those who may have to take back what JKN should have paid.
const RECOVERERS: Access = Only(&[Admin, Finance, Verifier]);
/// Those who are judged by the edits, and those who judge or answer for it.
const EDIT_READERS: Access = Only(&[Hospital, Verifier, Finance, Manager, Admin]);
const EDIT_JUDGES: Access = Only(&[Verifier, Manager, Admin]);
/// Those who answer for the programme, and hospitals for their own figures.
const DASHBOARD_READERS: Access = Only(&[Manager, Admin, Finance, Auditor, Hospital]);
/// Those who report to the mayor and the council, and those who read what was reported.
const REPORT_MAKERS: Access = Only(&[Manager, Admin, Finance]);
const REPORT_READERS: Access = Only(&[Manager, Admin, Finance, Auditor]);
/// Figures of which no part is a hospital's own.
const CITY_READERS: Access = Only(&[Manager, Admin, Finance, Auditor]);
const AUDITOR: Access = Only(&[Auditor]);
/// Those who answer to the population office for what it is asked.
const REPORTERS: Access = Only(&[Admin, Auditor, Dpo]);
/// Those who keep the programme's money: one proposes, another approves.
const FINANCE: Access = Only(&[Finance]);
const BUDGET_APPROVERS: Access = Only(&[Finance, Admin]);
const BUDGET_READERS: Access = Only(&[Finance, Manager, Admin]);
const LOG_READERS: Access = Only(&[Auditor, Dpo]);
/// Those who ask whether a person is covered.
const ASKERS: Access = Only(&[Clinic, Hospital, Registrar, Admin]);
/// Those who follow signals up. Not registrars: brokers have sat among them, and would learn what was noticed, of whom, and by what. Of one request whoever
/// may decide on it is told the kinds and scores, because they speak against approving; whoever filed it or registered the person is not.
const WATCHERS: Access = Only(&[Admin, Auditor]);
/// Those who bill by tariffs, pay by them, check them or answer for them; auditors read with the admins.
const TARIFF_READERS: Access = Only(&[Admin, Finance, Manager, Verifier, Hospital]);
const REPLAYERS: Access = Only(&[Admin, Auditor]);

/// Those who keep the registry.
const KEEPERS: Access = Only(&[Admin, Registrar]);
/// Those who may know that a number is someone's; those who give care get the short answer.
const LOOKERS: Access = Only(&[Admin, Registrar, Verifier, Auditor, Clinic, Hospital]);
const SEARCHERS: Access = Only(&[Admin, Registrar, Verifier, Auditor]);
/// Those who may take sheets of the registry with them, for a reason.
const EXPORTERS: Access = Only(&[Admin, Auditor]);
const HISTORIANS: Access = Only(&[Admin, Registrar, Auditor]);
/// Those who tell the registry of a birth.
const MIDWIVES: Access = Only(&[Admin, Registrar, Hospital]);
/// Those before whom a patient without a NIK stands.
const RECEIVERS: Access = Only(&[Admin, Registrar, Clinic, Hospital]);

/// One line of the table.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub keys: Keys,
}

/// What becomes of an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// It records something that a retry must not record twice. So does every POST, unless the table says otherwise.
    Taken,
    /// `keyed`: the same, and without a key it is refused: where money follows, nobody may have forgotten it.
    Required,
    /// `unkeyed`: it records nothing, or doing it twice changes nothing, or (sign-in) a retry has a way of its own.
    NotNeeded,
    /// `secret`: what its answer shows once must not lie for thirty days where whoever holds the root key can read it, so the answer is not kept; and a
    /// key that is not honoured is refused rather than passed over.
    Refused,
}

fn keys(method: &Method, marks: &[&str]) -> Keys {
    match marks {
        ["secret"] => Keys::Refused,
        ["keyed"] => Keys::Required,
        [] if method == Method::POST => Keys::Taken,
        _ => Keys::NotNeeded,
    }
}

macro_rules! routes {
    ($($path:literal { $($method:ident $access:ident $module:ident :: $handler:ident $($mark:ident)?),+ $(,)? })+) => {
        /// Every route, for the guard's tests and the document's.
        pub fn table() -> Vec<Route> {
            vec![$($(Route {
                method: Method::$method,
                path: $path,
                access: $access,
                keys: keys(&Method::$method, &[$(stringify!($mark))?]),
            }),+),+]
        }

        pub fn mount(config: &mut web::ServiceConfig) {
            $(config.service({
                let resource = web::resource($path);
                $(let resource = resource.route(
                    web::route()
                        .guard(fn_guard(|context| served_as(&context.head().method) == Method::$method))
                        .to($module::$handler)
                        .wrap(from_fn(|state, request, next| guard($access, state, request, next))),
                );)+
                resource.default_service(web::to(|| async { wrong_method(&[$(stringify!($method)),+]) }))
            });)+
        }

        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($module::$handler),+),+))]
        pub struct Documented;
    };
}

/// Whoever may GET may ask for the head of the answer alone.
pub fn served_as(method: &Method) -> Method {
    if method == Method::HEAD { Method::GET } else { method.clone() }
}

/// 405 names the methods that would do.
fn wrong_method(methods: &[&'static str]) -> HttpResponse {
    let head = methods.contains(&"GET").then_some("HEAD");
    let allowed: Vec<&str> = methods.iter().copied().chain(head).collect();
    let mut response = HttpResponse::from_error(Problem(Error::refused(Code::MethodNotAllowed)));
    if let Ok(value) = header::HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

routes! {
    "/health/live" { GET Anyone operations::live }
    "/health/ready" { GET Anyone operations::ready }
    "/metrics" { GET Anyone operations::metrics }
    "/openapi.json" { GET Anyone operations::openapi_document }
    "/docs" { GET Anyone operations::docs }
    "/.well-known/jwks.json" { GET Anyone operations::jwks }
    "/api/v1/problem-codes" { GET Anyone operations::problem_codes }

    "/api/v1/rule-sets" { GET Anyone rule_sets::list }
    "/api/v1/rule-sets/{code}" { GET Anyone rule_sets::show }
    "/api/v1/codes/diagnoses" { GET SignedIn codes::diagnoses }
    "/api/v1/codes/procedures" { GET SignedIn codes::procedures }

    "/api/v1/auth/token" { POST Anyone auth::token unkeyed }
    "/api/v1/auth/refresh" { POST Anyone auth::refresh unkeyed }
    "/api/v1/auth/logout" { POST OwnAccount auth::logout unkeyed }
    "/api/v1/me" { GET OwnAccount me::show }
    "/api/v1/me/password" { POST OwnAccount me::change_password }
    "/api/v1/users" { GET ADMIN users::list, POST ADMIN users::create }
    "/api/v1/users/{id}" { GET ADMIN users::show, PATCH ADMIN users::change }
    "/api/v1/users/{id}/password" { POST ADMIN users::set_password }
    "/api/v1/service-accounts" { GET ADMIN service_accounts::list, POST ADMIN service_accounts::create secret }
    "/api/v1/service-accounts/{id}" { GET ADMIN service_accounts::show, PATCH ADMIN service_accounts::change }
    "/api/v1/service-accounts/{id}/secrets" { POST ADMIN service_accounts::add_secret secret }
    "/api/v1/service-accounts/{id}/secrets/{secret_id}/end" { POST ADMIN service_accounts::end_secret }

    "/api/v1/facilities" { GET SignedIn facilities::list, POST ADMIN facilities::register }
    "/api/v1/facilities/{id}" { GET SignedIn facilities::show, PATCH ADMIN facilities::correct }
    "/api/v1/facilities/{id}/contracts" { GET CONTRACT_READERS contracts::list, POST ADMIN contracts::add }
    "/api/v1/facilities/{id}/contracts/{cid}/terminate" { POST ADMIN contracts::terminate }

    "/api/v1/tariff-schedules" { GET TARIFF_READERS tariff_schedules::list, POST ADMIN tariff_schedules::create }
    "/api/v1/tariff-schedules/{id}" { GET TARIFF_READERS tariff_schedules::show, PATCH ADMIN tariff_schedules::change }
    "/api/v1/tariff-schedules/{id}/items" { GET TARIFF_READERS tariff_schedules::items, POST ADMIN tariff_schedules::add_items }
    "/api/v1/tariff-schedules/{id}/publish" { POST ADMIN tariff_schedules::publish }
    "/api/v1/tariff-schedules/{id}/simulate" { POST SIMULATORS claim_analysis::simulate unkeyed }
    "/api/v1/tariff-shortfall" { GET SHORTFALL_READERS claim_analysis::shortfall }
    "/api/v1/tariffs/quote" { GET SignedIn tariffs::quote }

    "/api/v1/participants" { POST KEEPERS participants::register }
    "/api/v1/participants/lookup" { POST LOOKERS searches::lookup unkeyed }
    "/api/v1/participants/search" { POST SEARCHERS searches::search unkeyed }
    "/api/v1/participants/newborns" { POST MIDWIVES newborns::register }
    "/api/v1/participants/temporary" { POST RECEIVERS temporary_identities::make }
    "/api/v1/participants/{id}" { GET KEEPERS participants::show, PATCH KEEPERS participants::correct }
    "/api/v1/participants/{id}/changes/{change_id}/decision" { POST KEEPERS participants::decide_change }
    "/api/v1/participants/{id}/events" { POST KEEPERS participant_events::record }
    "/api/v1/participants/{id}/events/preview" { POST KEEPERS participant_events::preview unkeyed }
    "/api/v1/participants/{id}/events/{event_id}/revoke" { POST KEEPERS participant_events::revoke }
    "/api/v1/participants/{id}/affected-checks" { GET HISTORIANS affected_checks::list }
    "/api/v1/participants/{id}/merge-preview" { POST KEEPERS merge_previews::preview unkeyed }
    "/api/v1/participants/{id}/jkn-status" { PUT KEEPERS jkn_statuses::put }
    "/api/v1/participants/{id}/jkn-statuses" { GET KEEPERS jkn_statuses::list }
    "/api/v1/participants/{id}/history" { GET HISTORIANS participant_history::list }
    "/api/v1/participants/{id}/card-events" { POST KEEPERS cards::record }
    "/api/v1/participants/{id}/cards" { GET KEEPERS cards::list }
    "/api/v1/participants/{id}/card.pdf" { GET KEEPERS cards::print }
    "/api/v1/participants/{id}/nik" { POST KEEPERS temporary_identities::give_nik }
    "/api/v1/participants/{id}/verifications" { GET KEEPERS verifications::list, POST KEEPERS verifications::verify }
    "/api/v1/population-office/reports" { GET REPORTERS population_office::reports }
    "/api/v1/population-office/status" { GET REPORTERS population_office::status }
    "/api/v1/registry-cases" { GET HISTORIANS registry_cases::list }
    "/api/v1/registry-cases/{id}/close" { POST KEEPERS registry_cases::close }
    "/api/v1/reconciliations" { GET KEEPERS reconciliations::list }
    "/api/v1/reconciliations/{id}" { GET KEEPERS reconciliations::show }
    "/api/v1/reconciliations/{id}/findings.csv" { GET KEEPERS reconciliation_findings::csv }
    "/api/v1/reconciliation-findings" { GET KEEPERS reconciliation_findings::list }
    "/api/v1/reconciliation-findings/decisions" { POST KEEPERS reconciliation_findings::decide_all }
    "/api/v1/reconciliation-findings/{id}/decision" { POST KEEPERS reconciliation_findings::decide }
    "/api/v1/households" { POST KEEPERS households::register }
    "/api/v1/households/{id}" { GET KEEPERS households::show }
    "/api/v1/households/{id}/events" { POST KEEPERS households::record }

    "/api/v1/enrollments" { GET KEEPERS enrollments::list, POST KEEPERS enrollments::file }
    "/api/v1/enrollments/batch" { POST KEEPERS enrollment_batches::file_all }
    "/api/v1/enrollments/track" { POST Anyone enrollment_tracking::track unkeyed }
    "/api/v1/enrollments/{id}" { GET KEEPERS enrollments::show }
    "/api/v1/enrollments/{id}/decisions" { POST KEEPERS enrollments::decide }

    "/api/v1/exports" { POST EXPORTERS exports::write unkeyed }

    "/api/v1/card-batches" { POST KEEPERS card_batches::make }
    "/api/v1/card-batches/{id}" { GET KEEPERS card_batches::show }
    "/api/v1/card-batches/{id}/sheet.pdf" { GET KEEPERS card_batches::sheet }
    "/api/v1/card-batches/{id}/printed" { POST KEEPERS card_batches::printed }
    "/api/v1/card-batches/{id}/delivered" { POST KEEPERS card_batches::delivered }
    "/api/v1/cards/verify" { POST ASKERS cards::verify unkeyed }

    "/api/v1/imports" { GET ADMIN imports::list, POST ADMIN imports::accept }
    "/api/v1/imports/templates/{kind}.csv" { GET ADMIN imports::template }
    "/api/v1/imports/{id}" { GET ADMIN imports::show }
    "/api/v1/imports/{id}/errors.csv" { GET ADMIN imports::errors }
    "/api/v1/imports/{id}/cancel" { POST ADMIN imports::cancel }

    "/api/v1/eligibility-checks" { GET ASKERS eligibility_checks::list, POST ASKERS eligibility_checks::ask }
    "/api/v1/eligibility-checks/batch" { POST ASKERS eligibility_checks::ask_many }
    "/api/v1/eligibility-checks/{id}" { GET ASKERS eligibility_checks::show }
    "/api/v1/eligibility-checks/{id}/replay" { POST REPLAYERS eligibility_checks::replay unkeyed }
    "/api/v1/eligibility-checks/{id}/papers" { POST ASKERS check_progress::bring }
    "/api/v1/eligibility-checks/{id}/extend" { POST ASKERS check_progress::extend }
    "/api/v1/eligibility-checks/{id}/void" { POST ASKERS check_progress::make_void }
    "/api/v1/eligibility-checks/{id}/reviews" { POST CAREGIVERS eligibility_reviews::ask }
    "/api/v1/eligibility-reviews" { GET ASKERS eligibility_reviews::list }
    "/api/v1/eligibility-reviews/{id}" { GET ASKERS eligibility_reviews::show }
    "/api/v1/eligibility-reviews/{id}/decision" { POST ADMIN eligibility_reviews::decide }

    "/api/v1/referrals" { GET REFERRAL_READERS referrals::list, POST REFERRERS referrals::issue }
    "/api/v1/referrals/lookup" { POST HOSPITAL referrals::look_up unkeyed }
    "/api/v1/referrals/{number}" { GET REFERRAL_READERS referrals::show }

    "/api/v1/documents" { POST CAREGIVERS documents::upload }
    "/api/v1/documents/{id}" { GET DOCUMENT_READERS documents::show }
    "/api/v1/documents/{id}/content" { GET DOCUMENT_READERS documents::content }

    "/api/v1/guarantee-letters" { GET LETTER_READERS letters::list, POST HOSPITAL letters::issue keyed }
    "/api/v1/guarantee-letters/verify" { POST Anyone letters::verify unkeyed }
    "/api/v1/guarantee-letters/{id}" { GET LETTER_READERS letters::show }
    "/api/v1/guarantee-letters/{id}/letter.pdf" { GET LETTER_KEEPERS letters::print }
    "/api/v1/guarantee-letters/{id}/admit" { POST LETTER_KEEPERS letters::admit keyed }
    "/api/v1/guarantee-letters/{id}/discharge" { POST LETTER_KEEPERS letters::discharge keyed }
    "/api/v1/guarantee-letters/{id}/convert" { POST LETTER_KEEPERS letters::convert keyed }
    "/api/v1/guarantee-letters/{id}/extend" { POST LETTER_KEEPERS letters::extend keyed }
    "/api/v1/guarantee-letters/{id}/transfer" { POST LETTER_KEEPERS letters::transfer keyed }
    "/api/v1/guarantee-letters/{id}/cancel" { POST LETTER_KEEPERS letters::cancel keyed }
    "/api/v1/budgets" { GET BUDGET_READERS budgets::list, POST FINANCE budgets::propose }
    "/api/v1/budgets/{id}" { GET BUDGET_READERS budgets::show }
    "/api/v1/budgets/{id}/approve" { POST BUDGET_APPROVERS budgets::approve }
    "/api/v1/budgets/{id}/withdraw" { POST FINANCE budgets::withdraw }
    "/api/v1/budgets/{id}/revisions" { POST FINANCE budgets::revise }
    "/api/v1/budgets/{id}/revisions/{revision_id}/approve" { POST BUDGET_APPROVERS budgets::approve_revision }
    "/api/v1/budgets/{id}/revisions/{revision_id}/withdraw" { POST FINANCE budgets::withdraw_revision }
    "/api/v1/budgets/{id}/position" { GET BUDGET_READERS budget_positions::of_budget }
    "/api/v1/budget-positions/{year}" { GET BUDGET_READERS budget_positions::of_year }
    "/api/v1/budget-alerts" { GET BUDGET_READERS budget_alerts::list }
    "/api/v1/budget-alerts/{id}/acknowledge" { POST FINANCE budget_alerts::acknowledge }

    "/api/v1/claims" { GET CLAIM_READERS claims::list, POST HOSPITAL claims::submit keyed }
    "/api/v1/claims/dry-run" { POST HOSPITAL claims::dry_run unkeyed }
    "/api/v1/claims/batch" { POST HOSPITAL claim_batches::submit_many keyed }
    "/api/v1/claims/{id}" { GET CLAIM_READERS claims::show, PUT HOSPITAL claims::replace }
    "/api/v1/claims/{id}/history" { GET CLAIM_READERS claims::history }
    "/api/v1/claims/{id}/documents" { GET CLAIM_READERS claim_evidence::documents }
    "/api/v1/claims/{id}/evidence" { GET CLAIM_READERS claim_evidence::evidence }
    "/api/v1/claims/{id}/revisions/{n}" { GET CLAIM_READERS claims::revision }
    "/api/v1/claims/{id}/replay" { POST REPLAYERS claim_evidence::replay unkeyed }
    "/api/v1/claims/{id}/submit" { POST HOSPITAL claims::hand_in keyed }
    "/api/v1/claims/{id}/resubmit" { POST HOSPITAL claims::resubmit keyed }
    "/api/v1/claims/{id}/withdraw" { POST HOSPITAL claims::withdraw keyed }
    "/api/v1/claims/{id}/dispute" { POST HOSPITAL claim_disputes::dispute keyed }
    "/api/v1/claims/{id}/dispute-decision" { POST VERIFIER claim_disputes::decide keyed }
    "/api/v1/claims/{id}/take" { POST VERIFIER claim_decisions::take keyed }
    "/api/v1/claims/{id}/release" { POST RELEASERS claim_decisions::release keyed }
    "/api/v1/claims/{id}/decisions" { POST VERIFIER claim_decisions::decide keyed }
    "/api/v1/claims/{id}/recoveries" { POST FINANCE recoveries::ask keyed }
    "/api/v1/review-queue" { GET VERIFIER claim_decisions::queue }
    "/api/v1/changes" { GET FOLLOWERS changes::list }
    "/api/v1/affected-claims" { GET RECOVERERS affected_claims::list }
    "/api/v1/affected-letters" { GET RECOVERERS affected_claims::letters }

    "/api/v1/dashboard/checks" { GET DASHBOARD_READERS dashboard::checks }
    "/api/v1/dashboard/glossary" { GET DASHBOARD_READERS glossary::show }
    "/api/v1/dashboard/hygiene" { GET CITY_READERS dashboard::hygiene }
    "/api/v1/dashboard/participants" { GET CITY_READERS dashboard::participants }
    "/api/v1/dashboard/service-levels" { GET DASHBOARD_READERS dashboard::service_levels }
    "/api/v1/dashboard/stream" { GET DASHBOARD_READERS dashboard_stream::stream }
    "/api/v1/dashboard/summary" { GET DASHBOARD_READERS dashboard::summary }
    "/api/v1/dashboard/utilization" { GET DASHBOARD_READERS dashboard::utilization }
    "/api/v1/public/service-levels" { GET Anyone glossary::service_levels }
    "/api/v1/dashboard/claims" { GET DASHBOARD_READERS dashboard::claims }
    "/api/v1/dashboard/ageing" { GET DASHBOARD_READERS dashboard::ageing }
    "/api/v1/dashboard/turnaround" { GET DASHBOARD_READERS dashboard::turnaround }
    "/api/v1/dashboard/tariff-gap" { GET DASHBOARD_READERS dashboard::tariff_gap }
    "/api/v1/dashboard/diagnoses" { GET DASHBOARD_READERS dashboard::diagnoses }
    "/api/v1/dashboard/edits" { GET DASHBOARD_READERS dashboard::edits }
    "/api/v1/dashboard/budget" { GET BUDGET_READERS dashboard::budget }
    "/api/v1/dashboard/facilities" { GET DASHBOARD_READERS dashboard::facilities }

    "/api/v1/reports" { GET REPORT_READERS reports::list, POST REPORT_MAKERS reports::freeze }
    "/api/v1/reports/{id}" { GET REPORT_READERS reports::show }
    "/api/v1/reports/{id}/content.json" { GET REPORT_READERS reports::content }
    "/api/v1/reports/{id}/report.pdf" { GET REPORT_READERS reports::paper }
    "/api/v1/reports/{id}/report.xlsx" { GET REPORT_READERS reports::workbook }

    "/api/v1/edits" { GET EDIT_READERS edits::list }
    "/api/v1/edits/precision" { GET EDIT_JUDGES edit_history::precision }
    "/api/v1/edits/{code}" { GET EDIT_JUDGES edits::show }
    "/api/v1/edits/{code}/mode" { PUT ADMIN edits::set_mode }
    "/api/v1/edits/{code}/back-tests" { GET EDIT_JUDGES edit_history::back_tests, POST ADMIN edit_history::back_test }

    "/api/v1/payment-batches" { GET PAYMENT_READERS payments::list, POST FINANCE payments::order keyed }
    "/api/v1/payment-batches/{id}" { GET PAID_READERS payments::show }
    "/api/v1/payment-batches/{id}/sheet.csv" { GET PAID_READERS payments::csv }
    "/api/v1/payment-batches/{id}/approve" { POST FINANCE payments::approve keyed }
    "/api/v1/payment-batches/{id}/settle" { POST FINANCE payments::settle keyed }
    "/api/v1/payment-batches/{id}/cancel" { POST FINANCE payments::cancel keyed }
    "/api/v1/remittances" { GET HOSPITAL remittances::list }
    "/api/v1/remittances/{id}/advice.csv" { GET PAID_READERS remittances::csv }
    "/api/v1/remittances/{id}/advice.pdf" { GET PAID_READERS remittances::pdf }
    "/api/v1/bill-sheets/{month}" { GET CLAIM_READERS bill_sheets::show }
    "/api/v1/bill-sheets/{month}/sheet.csv" { GET CLAIM_READERS bill_sheets::csv }
    "/api/v1/bill-sheets/{month}/sheet.xlsx" { GET CLAIM_READERS bill_sheets::xlsx }
    "/api/v1/bill-sheets/{month}/sheet.pdf" { GET CLAIM_READERS bill_sheets::pdf }
    "/api/v1/overdue-claims" { GET PAYMENT_READERS overdue_claims::list }
    "/api/v1/recoveries" { GET PAID_READERS recoveries::list }
    "/api/v1/recoveries/{id}" { GET PAID_READERS recoveries::show }
    "/api/v1/recoveries/{id}/approve" { POST FINANCE recoveries::approve keyed }
    "/api/v1/recoveries/{id}/receive" { POST FINANCE recoveries::receive keyed }
    "/api/v1/recoveries/{id}/cancel" { POST FINANCE recoveries::cancel keyed }
    "/api/v1/debt-acknowledgements" { GET BUDGET_READERS debts::list, POST FINANCE debts::propose keyed }
    "/api/v1/debt-acknowledgements/{id}" { GET BUDGET_READERS debts::show }
    "/api/v1/debt-acknowledgements/{id}/sheet.csv" { GET BUDGET_READERS debts::csv }
    "/api/v1/debt-acknowledgements/{id}/approve" { POST FINANCE debts::approve keyed }

    "/api/v1/messages" { GET MESSAGE_READERS messages::list }
    "/api/v1/messages/{id}" { GET MESSAGE_READERS messages::show }
    "/api/v1/confirmations" { POST Anyone confirmations::answer unkeyed }

    "/api/v1/signals" { GET WATCHERS signals::list }
    "/api/v1/signals/{id}" { GET WATCHERS signals::show }
    "/api/v1/signals/{id}/decision" { POST ADMIN signals::decide }

    "/api/v1/audit/events" { GET LOG_READERS audit::events }
    "/api/v1/audit/verify" { GET AUDITOR audit::verify }
    "/api/v1/audit/checkpoints" { GET AUDITOR audit::checkpoints }
}
