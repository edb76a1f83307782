//! Facilities under contract, and one user of every role with a password that is made up on the spot.

use std::collections::HashMap;

use secrecy::SecretString;

use super::SignIn;
use crate::context::Context;
use crate::domain::facilities::{Contract, Facility};
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::synthetic;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::users::{self, NewUser};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;

/// Who works in the demo: username, name, role, and the code of the facility. The first one is the admin, who enters the people; the
/// second publishes and decides what the first one wrote. What two decide has two verifiers and two of finance.
const STAFF: [(&str, &str, Role, Option<&str>); 14] = [
    ("admin", "Ratna Dinas", Role::Admin, None),
    ("admin-2", "Agus Dinas", Role::Admin, None),
    ("clinic", "Sari Klinik", Role::Clinic, Some("KLN-01")),
    ("puskesmas", "Wati Puskesmas", Role::Registrar, Some("PKM-01")),
    ("hospital", "Bayu RSUD", Role::Hospital, Some("RS-01")),
    ("hospital-private", "Dian Swasta", Role::Hospital, Some("RS-08")),
    ("registrar", "Tono Kelurahan", Role::Registrar, None),
    ("verifier", "Yanti Verifikator", Role::Verifier, None),
    ("verifier-2", "Joni Verifikator", Role::Verifier, None),
    ("finance", "Hadi Keuangan", Role::Finance, None),
    ("finance-2", "Rina Keuangan", Role::Finance, None),
    ("manager", "Maya Kepala", Role::Manager, None),
    ("auditor", "Rudi Auditor", Role::Auditor, None),
    ("dpo", "Lina Pelindung Data", Role::Dpo, None),
];

/// Letters and digits that nobody mistakes for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Enters the facilities of the plan with their contracts, and gives them by code.
pub fn found_facilities(app: &App, db: &mut Db, context: &Context) -> Result<HashMap<String, Facility>> {
    let planned = synthetic::facilities(&app.city.code, &app.city.regions);
    let facilities: Vec<Facility> = planned.into_iter().map(|plan| facility(context, plan)).collect();
    write(db, Priority::Bulk, |tx| {
        store::keys::bump_catalogue(tx)?;
        for facility in &facilities {
            store::facilities::insert(tx, facility, context.now)?;
            for contract in &facility.contracts {
                store::facilities::insert_contract(tx, contract, context.now)?;
            }
            tx.record(Event::new(context, "facility.registered").object(facility.id));
        }
        Ok(())
    })?;
    app.refresh(db)?;
    Ok(facilities.into_iter().filter_map(|facility| Some((facility.code.clone()?, facility))).collect())
}

fn facility(context: &Context, plan: synthetic::FacilityPlan) -> Facility {
    let id = context.new_id();
    let contracts = plan.contracts.iter().enumerate().map(|(index, range)| Contract {
        id: context.new_id(),
        facility_id: id,
        valid_from: range.from,
        valid_to: range.to,
        contract_number: Some(format!("MoU/{}/{}", plan.code, index + 1)),
        terminated_on: None,
        termination_reason: None,
        termination_document: None,
    });
    Facility {
        id,
        version: 1,
        contracts: contracts.collect(),
        code: Some(plan.code),
        name: plan.name,
        kind: plan.kind,
        class: plan.class,
        government: plan.government,
        inside_city: plan.inside_city,
        village_code: plan.village_code.map(|village| village.to_string()),
        beds: plan.beds.and_then(|beds| i32::try_from(beds).ok()),
        address: Some(plan.address),
    }
}

/// The users, and the ids of those who enter what the demo begins with.
pub struct Hired {
    pub sign_ins: Vec<SignIn>,
    /// One writes and the other publishes.
    pub admins: [Id; 2],
    pub finance: Id,
}

/// Makes the users.
pub fn hire(app: &App, db: &mut Db, context: &Context, facilities: &HashMap<String, Facility>) -> Result<Hired> {
    let mut sign_ins = Vec::with_capacity(STAFF.len());
    let mut ids = HashMap::new();
    for (username, name, role, code) in STAFF {
        let facility =
            code.map(|code| facilities.get(code).ok_or_else(|| Error::internal(format!("the plan has no facility {code}")))).transpose()?;
        let password = password(context);
        let new = NewUser {
            username: username.to_owned(),
            name: name.to_owned(),
            role,
            facility_id: facility.map(|facility| facility.id),
            password: SecretString::from(password.clone()),
            must_change_password: false,
        };
        let user = users::create_at_once(app, db, context, new)?;
        ids.insert(username, user.id);
        let place = facility.map_or_else(|| app.city.name.clone(), |facility| facility.name.clone());
        sign_ins.push(SignIn { username: username.to_owned(), password, role, place });
    }
    let id_of = |username| ids.get(username).copied().ok_or_else(|| Error::internal(format!("the demo has no user {username}")));
    Ok(Hired { admins: [id_of("admin")?, id_of("admin-2")?], finance: id_of("finance")?, sign_ins })
}

/// Three groups of four, 60 bits in all: easy to read out and too many to guess.
fn password(context: &Context) -> String {
    let letters: Vec<char> = context.random::<12>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
