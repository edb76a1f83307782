//! What hospitals have billed, month by month, and what of it should have been paid by a day.

use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate};

use super::App;
use crate::context::Context;
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::bill_sheets::{self, AsOf, Bill, FacilityOverdue, Part, Totals};
use crate::store::claims::{Claim, Terms};
use crate::store::db::Db;
use crate::store::reading::read;

/// The bills of a hospital for the care that ended in a month.
pub struct BillSheet {
    pub facility: Arc<Facility>,
    /// Its first day.
    pub month: NaiveDate,
    pub totals: Totals,
    pub bills: Vec<Bill>,
}

/// A hospital asks for its own; whoever looks at all names one.
pub fn facility_asked(app: &App, caller: &Caller, named: Option<Id>) -> Result<Arc<Facility>> {
    let id = match caller.role {
        Role::Admin | Role::Auditor | Role::Verifier | Role::Finance => named.ok_or_else(|| Fault::parameter("facility_id", "FIELD_MISSING"))?,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Manager | Role::Dpo => {
            let own = caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?;
            if named.is_some_and(|named| named != own) {
                return Err(Error::refused(Code::NotFound));
            }
            own
        }
    };
    app.memory.facility(id).ok_or_else(|| Error::refused(Code::NotFound))
}

/// The bills of a month of discharge. A page has the totals of the whole month.
pub fn of_month(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (month, facility): (NaiveDate, Option<Id>),
    part: Part,
) -> Result<BillSheet> {
    let facility = facility_asked(app, caller, facility)?;
    let ends = month.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
    let days = (month, ends.ok_or_else(|| Error::internal("a month without an end"))?);
    read(db, Event::new(context, "bill_sheet.read").with("facility_id", facility.id).with("month", month), |db, reading| {
        let bills = bill_sheets::of_month(db, facility.id, days, part)?;
        let shown = match part {
            Part::Whole => bills.len(),
            Part::Page { limit, .. } => usize::try_from(limit).unwrap_or_default(),
        };
        reading.shows(bills.iter().take(shown).map(|(claim, ..)| claim.participant_id));
        Ok(BillSheet { totals: bill_sheets::totals_of_month(db, facility.id, days)?, facility, month, bills })
    })
}

/// What should have been paid by a day and was not.
pub struct Overdue {
    pub as_of: NaiveDate,
    pub facilities: Vec<FacilityOverdue>,
    pub claims: i64,
    pub amount: Rupiah,
    pub items: Vec<(Claim, Terms)>,
}

/// What is asked of the overdue list.
pub struct OverdueAsked {
    pub as_of: Option<NaiveDate>,
    pub facility_id: Option<Id>,
    pub after: Option<Id>,
    pub limit: i64,
}

/// Claims that were approved and due before a day, and not paid by it, by hospital.
pub fn overdue(app: &App, db: &mut Db, context: &Context, asked: &OverdueAsked) -> Result<Overdue> {
    let on = asked.as_of.unwrap_or_else(|| app.city.today(context.now));
    let out_of_range = || Error::from(Fault::parameter("as_of", "OUT_OF_RANGE").with("limit", "2000 - 2100"));
    if !(2000..=2100).contains(&on.year()) {
        return Err(out_of_range());
    }
    let as_of = AsOf { on, ends_at: UtcTime::end_of_date(on, app.city.offset).ok_or_else(out_of_range)? };
    read(db, Event::new(context, "overdue_claims.listed").with("as_of", on), |db, reading| {
        let mut facilities = bill_sheets::overdue_by_facility(db, as_of)?;
        facilities.retain(|one| asked.facility_id.is_none_or(|id| id == one.facility_id));
        let items = bill_sheets::overdue(db, as_of, asked.facility_id, asked.after, asked.limit)?;
        reading.shows(items.iter().take(usize::try_from(asked.limit).unwrap_or_default()).map(|(claim, _)| claim.participant_id));
        Ok(Overdue {
            as_of: on,
            claims: facilities.iter().map(|one| one.claims).sum(),
            amount: Rupiah::sum(facilities.iter().map(|one| one.amount)).map_err(|_| Error::internal("more money than there is"))?,
            facilities,
            items,
        })
    })
}
