//! Households: families in one go, their members by date, and what happens to them.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::drafts::{self, Draft};
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::participant_views::masked;
use super::query::{PathId, etag};
use super::{Answer, State};
use crate::context::Context;
use crate::domain::households::{HouseholdEventKind, HouseholdWarning, MOST_MEMBERS};
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::participants::Sex;
use crate::domain::registration::{Field, RawRegistration, Registration, Relation};
use crate::error::{Error, Fault, Result};
use crate::service::App;
use crate::service::households::{self, Changed, Family, Told};
use crate::service::idempotency::Once;
use crate::store::db::Db;

/// Lengths are judged here, because validator would keep a copy of every member to tell of them.
fn count_fault(members: usize) -> Option<Fault> {
    match members {
        0 => Some(Fault::at("/members", "TOO_FEW").with("limit", 1)),
        1..=MOST_MEMBERS => None,
        _ => Some(Fault::at("/members", "TOO_MANY").with("limit", MOST_MEMBERS)),
    }
}

/// A member of a household that is being registered: what a registration asks, but for what all members share.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    #[schema(pattern = "^[0-9]{16}$")]
    pub nik: String,
    pub relation: Relation,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub rt: String,
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub rw: String,
    #[schema(max_length = 30)]
    pub phone: Option<String>,
    pub resident_since: NaiveDate,
    #[schema(max_length = 100)]
    pub mother_name: Option<String>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct HouseholdRequest {
    #[schema(pattern = "^[0-9]{16}$")]
    pub kk_number: String,
    #[schema(pattern = "^[0-9]{10}$")]
    pub village_code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub address: String,
    /// Exactly one of them is the head.
    #[schema(min_items = 1, max_items = 50)]
    pub members: Vec<NewMember>,
}

#[derive(Serialize, ToSchema)]
pub struct MemberView {
    pub participant_id: Id,
    pub name: String,
    pub nik_masked: Option<String>,
    pub relation: Relation,
    pub from: NaiveDate,
    /// The last day; null for who still belongs to the household.
    pub to: Option<NaiveDate>,
}

#[derive(Serialize, ToSchema)]
pub struct HouseholdView {
    pub id: Id,
    pub kk_number: String,
    pub former_kk_numbers: Vec<String>,
    pub village_code: String,
    pub address: String,
    pub members: Vec<MemberView>,
    /// What is odd about it: somebody should look.
    pub warnings: Vec<HouseholdWarning>,
}

fn view(family: &Family) -> HouseholdView {
    let Family { household, members, warnings } = family;
    let members = members.iter().map(|(membership, identity)| MemberView {
        participant_id: membership.participant_id,
        nik_masked: masked(&identity.nik),
        name: identity.name.clone(),
        relation: membership.relation,
        from: membership.valid_from,
        to: membership.valid_to,
    });
    HouseholdView {
        id: household.id,
        kk_number: household.cell.kk_number.clone(),
        former_kk_numbers: household.cell.former_kk_numbers.clone(),
        village_code: household.village_code.to_string(),
        address: household.cell.address.clone(),
        members: members.collect(),
        warnings: warnings.clone(),
    }
}

/// Registers a family in one go: everyone, or nobody.
#[utoipa::path(post, path = "/api/v1/households", tag = "registry", request_body = HouseholdRequest,
    responses((status = 201, body = HouseholdView), (status = 409, description = "the KK or a NIK is registered already; `existing.pointers` names the NIKs")))]
pub async fn register(state: web::Data<State>, asked: Asked, key: Key, draft: Draft<HouseholdRequest>) -> Answer<HttpResponse> {
    let (members, faults) = members(&state, &asked, &draft.value);
    draft.accept(faults)?;
    let reply = |family: &Family| {
        let location = format!("/api/v1/households/{}", family.household.id);
        created(Some(location), Some(family.household.version), &view(family))
    };
    let work = move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Family>| households::register(app, db, context, &members, once);
    state.once(asked, key, draft.bytes, reply, work).await
}

/// Judges every member, with what all of them share told once.
fn members(state: &State, asked: &Asked, body: &Value) -> (Vec<Registration>, Vec<Fault>) {
    let city = &state.0.city;
    let today = city.today(asked.context.now);
    let shared = drafts::raw(body);
    let sent = body["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(fault) = count_fault(sent.len()) {
        return (Vec::new(), vec![fault]);
    }
    let mut faults: Vec<Fault> = Vec::new();
    let mut members: Vec<Registration> = Vec::new();
    for (at, member) in sent.iter().enumerate() {
        let RawRegistration { kk_number, village_code, address, .. } = shared;
        let raw = RawRegistration { kk_number, village_code, address, ..drafts::raw(member) };
        if raw.nik.is_some() && sent[..at].iter().any(|before| before["nik"].as_str() == raw.nik) {
            faults.push(Fault::at(format!("/members/{at}/nik"), "NIK_REPEATED"));
        }
        match Registration::from_raw(&raw, today, &city.regions) {
            Ok(registration) => members.push(registration),
            Err(found) => faults.extend(found.into_iter().map(|fault| {
                let is_shared = matches!(fault.field, Field::KkNumber | Field::VillageCode | Field::Address);
                drafts::told(&if is_shared { String::new() } else { format!("/members/{at}") }, fault)
            })),
        }
    }
    let mut told: Vec<Fault> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !told.contains(&fault) {
            told.push(fault);
        }
    }
    if told.is_empty() && members.iter().filter(|member| member.relation == Relation::Head).count() != 1 {
        told.push(Fault::at("/members", "HEAD_COUNT"));
    }
    (members, told)
}

/// A household with everyone who belongs or belonged to it.
#[utoipa::path(get, path = "/api/v1/households/{id}", tag = "registry", params(("id" = Id, Path)), responses((status = 200, body = HouseholdView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let family = state.db(move |app, db| households::show(app, db, &asked.context, id.0)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(family.household.version)).json(view(&family)))
}

/// A member and what they are to the head from now on.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EventMember {
    pub participant_id: Id,
    pub relation: Relation,
}

/// `split` needs `new_kk_number` and the `members` who leave; `renumbered` the number; `merged` `to_household_id`; `head_changed` the `members` whose
/// relation changes, the new head among them.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct HouseholdEventRequest {
    pub kind: HouseholdEventKind,
    /// The first day of the new standing.
    pub date: NaiveDate,
    #[schema(pattern = "^[0-9]{16}$")]
    pub new_kk_number: Option<String>,
    #[schema(min_items = 1, max_items = 50)]
    pub members: Option<Vec<EventMember>>,
    pub to_household_id: Option<Id>,
}

#[derive(Serialize, ToSchema)]
pub struct HouseholdEventView {
    pub kind: HouseholdEventKind,
    pub date: NaiveDate,
    pub household: HouseholdView,
    /// The household that a split made, or that this one was merged into.
    pub other_household: Option<HouseholdView>,
}

/// Records what happened to a household. A number that it had still finds it.
#[utoipa::path(post, path = "/api/v1/households/{id}/events", tag = "registry", params(("id" = Id, Path)), request_body = HouseholdEventRequest,
    responses((status = 201, body = HouseholdEventView), (status = 409, description = "the new KK number is another household's")))]
pub async fn record(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<HouseholdEventRequest>) -> Answer<HttpResponse> {
    let told = told(body.value)?;
    let (kind, date) = (told.kind, told.date);
    let reply = move |changed: &Changed| {
        let (household, other_household) = (view(&changed.household), changed.other.as_ref().map(view));
        created(None, Some(changed.household.household.version), &HouseholdEventView { kind, date, household, other_household })
    };
    let work = move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Changed>| households::record(app, db, context, id.0, &told, once);
    state.once(asked, key, body.bytes, reply, work).await
}

fn told(request: HouseholdEventRequest) -> Result<Told> {
    let HouseholdEventRequest { kind, date, new_kk_number, members, to_household_id } = request;
    let new_kk_number =
        new_kk_number.map(|text| KkNumber::parse(&text).map_err(|_| Error::from(Fault::at("/new_kk_number", "KK_FORMAT")))).transpose()?;
    if let Some(fault) = members.as_ref().and_then(|members| count_fault(members.len())) {
        return Err(fault.into());
    }
    let members = members.map(|members| members.into_iter().map(|member| (member.participant_id, member.relation)).collect());
    Ok(Told { kind, date, new_kk_number, members, to_household_id })
}
