//! What past claims say about prices: what a schedule would have paid for them, and by how much tariffs fall short of costs. Sums only, nobody's data.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::App;
use crate::domain::adjudication::Priced;
use crate::domain::claim_analysis::{PaidLine, Simulated};
use crate::domain::claims::{ClaimState, LineState};
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::tariffs::{Fit, Item, closest};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::claim_analysis::{self as store_of, LineSums, PAID_FOR, Priceable};
use crate::store::claim_parts::ClaimLine;
use crate::store::db::{Db, snapshot};
use crate::store::tariffs::Schedule;

/// Claims that are read at once.
const PAGE: i64 = 500;

/// What a schedule would have paid for the claims of some days.
pub struct Simulation {
    pub schedule: Schedule,
    pub facilities: Vec<(Id, Simulated)>,
    pub total: Simulated,
    /// Claims of these days that no amount was decided for, by state: how many, and what they claimed.
    pub left_out: Vec<(ClaimState, i64, Rupiah)>,
}

fn too_large(_: TooLarge) -> Error {
    Error::internal("a sum over claims that does not fit")
}

/// Prices every decided claim of these days of admission anew. Whether the schedule is a draft, and for which days it is, does not matter: it is asked what
/// it would have paid.
pub fn simulate(app: &App, db: &mut Db, id: Id, period: (NaiveDate, NaiveDate)) -> Result<Simulation> {
    snapshot(db, |db| {
        let schedule = store::tariffs::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let mut prices: HashMap<String, Vec<Item>> = HashMap::new();
        for item in store::tariffs::all_items(db, id)? {
            prices.entry(item.key.code.to_string()).or_default().push(item);
        }
        let mut facilities: BTreeMap<Id, Simulated> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = store_of::priceable(db, period, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.admitted_on, last.id));
            let mut lines = store_of::lines_of(db, &page.iter().map(|claim| claim.id).collect::<Vec<_>>())?;
            for claim in &page {
                let facility = app.memory.facility(claim.facility_id).ok_or_else(|| Error::internal("a claim of no facility"))?;
                let sums = facilities.entry(claim.facility_id).or_default();
                sums.claims += 1;
                for line in lines.remove(&claim.id).unwrap_or_default() {
                    let price = price_of(app, &prices, &schedule, (&facility, claim), &line);
                    sums.add(&paid(claim, &line), price).map_err(too_large)?;
                }
            }
        }
        let total = facilities.values().try_fold(Simulated::default(), |total, sums| total.with(*sums)).map_err(too_large)?;
        let mut left_out = store_of::by_state(db, period)?;
        left_out.retain(|(state, ..)| !PAID_FOR.contains(state));
        Ok(Simulation { schedule, facilities: facilities.into_iter().collect(), total, left_out })
    })
}

/// The closest item, as a claim is priced.
fn price_of(
    app: &App,
    prices: &HashMap<String, Vec<Item>>,
    schedule: &Schedule,
    (facility, claim): (&Arc<Facility>, &Priceable),
    line: &ClaimLine,
) -> Option<Priced> {
    let fit = Fit::at(facility, &app.city.code, Some(claim.care_type), claim.ward_class);
    let item = closest(prices.get(&line.tariff_code)?, &fit)?;
    Some(Priced { amount: item.amount, payment_percent: schedule.payment_percent })
}

fn paid(claim: &Priceable, line: &ClaimLine) -> PaidLine {
    PaidLine {
        quantity: line.quantity,
        claimed: line.claimed_amount,
        hospital_cost: line.hospital_cost,
        tariff: line.tariff_amount,
        payment_percent: claim.payment_percent,
        approved: line.approved_amount,
        refused: line.state == LineState::Rejected,
    }
}

/// By how much what was approved falls short of what it cost.
pub struct Shortfall {
    pub total: LineSums,
    pub facilities: Vec<(Id, LineSums)>,
    /// Those that fall shortest, most of all first.
    pub codes: Vec<(String, LineSums)>,
}

/// A hospital is told of itself.
pub fn shortfall(db: &mut Db, caller: &Caller, period: (NaiveDate, NaiveDate), facility: Option<Id>, most_codes: i64) -> Result<Shortfall> {
    let facility = match caller.role {
        Role::Admin | Role::Auditor | Role::Finance | Role::Manager => facility,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Verifier | Role::Dpo => {
            let own = caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?;
            if facility.is_some_and(|asked| asked != own) {
                return Err(Error::refused(Code::NotFound));
            }
            Some(own)
        }
    };
    snapshot(db, |db| {
        Ok(Shortfall {
            total: store_of::sums(db, period, facility)?,
            facilities: store_of::sums_by_facility(db, period, facility)?,
            codes: store_of::sums_by_code(db, period, facility, most_codes)?,
        })
    })
}
