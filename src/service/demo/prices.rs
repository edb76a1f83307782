//! The prices of the demo: made up, and of the size that such care costs.

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::FacilityClass;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::{Entry, Key};
use crate::domain::time::DateRange;
use crate::error::{Error, Result};
use crate::service::idempotency::Once;
use crate::service::tariffs::{self, Head};
use crate::store::db::Db;

/// Groups of inpatient cases, with the price of the third class in a hospital of class B, in thousands.
const STAYS: [(&str, &str, i64); 4] = [
    ("A-4-14-I", "Contoh: penyakit infeksi (ringan)", 2_000),
    ("A-4-14-II", "Contoh: penyakit infeksi (sedang)", 3_100),
    ("J-4-16-I", "Contoh: radang paru (ringan)", 2_900),
    ("O-6-13-I", "Contoh: persalinan biasa (ringan)", 1_950),
];

/// What a ward class costs against the third, in per cent.
const WARDS: [(WardClass, i64); 3] = [(WardClass::I, 140), (WardClass::II, 120), (WardClass::III, 100)];

/// What a hospital's class costs against class B; none stands for all others.
const CLASSES: [(Option<FacilityClass>, i64); 3] = [(Some(FacilityClass::B), 100), (Some(FacilityClass::C), 92), (None, 85)];

/// Single services, in thousands.
const SERVICES: [(&str, &str, CareType, i64); 14] = [
    ("Q-5-44-0", "Contoh: penyakit kronis kecil", CareType::Outpatient, 190),
    ("RJ-001", "Contoh: konsultasi dokter spesialis", CareType::Outpatient, 120),
    ("RJ-002", "Contoh: foto rontgen dada", CareType::Outpatient, 95),
    ("RJ-003", "Contoh: darah lengkap", CareType::Outpatient, 65),
    ("RJ-004", "Contoh: ultrasonografi", CareType::Outpatient, 180),
    ("RJ-005", "Contoh: cuci darah", CareType::Outpatient, 870),
    ("IGD-001", "Contoh: pemeriksaan gawat darurat", CareType::Emergency, 150),
    ("IGD-002", "Contoh: jahit luka", CareType::Emergency, 210),
    ("IGD-003", "Contoh: pasang gips", CareType::Emergency, 420),
    ("PKM-001", "Contoh: konsultasi dokter umum", CareType::Primary, 25),
    ("PKM-002", "Contoh: pemeriksaan kehamilan", CareType::Primary, 40),
    ("PKM-003", "Contoh: cabut gigi", CareType::Primary, 60),
    ("PKM-004", "Contoh: imunisasi", CareType::Primary, 30),
    ("PKM-005", "Contoh: gula darah", CareType::Primary, 20),
];

/// Writes the schedule as one admin and publishes it as the other, as a city would.
pub fn publish(db: &mut Db, founding: &Context, writer: Id, publisher: Id) -> Result<()> {
    let valid_from = NaiveDate::from_ymd_opt(2017, 1, 1).ok_or_else(|| Error::internal("a year without a first day"))?;
    let range = DateRange { from: valid_from, to: None };
    let head = Head { name: "Tarif contoh (tidak untuk dipakai)".into(), range, payment_percent: 100 };
    let acting = |user_id| founding.clone().as_caller(Caller { user_id, role: Role::Admin, facility_id: None, session_id: None });
    let added = tariffs::add_to_named(db, &acting(writer), &head, &entries()?)?;
    tariffs::publish(db, &acting(publisher), added.schedule.id, None, &Once::plain())?;
    Ok(())
}

fn entries() -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (code, description, thousands) in STAYS {
        for (ward_class, by_ward) in WARDS {
            for (facility_class, by_class) in CLASSES {
                let amount = Rupiah(thousands * by_ward * by_class / 10);
                entries.push(entry(code, description, CareType::Inpatient, (Some(ward_class), facility_class), amount)?);
            }
        }
    }
    for (code, description, care_type, thousands) in SERVICES {
        entries.push(entry(code, description, care_type, (None, None), Rupiah(thousands * 1_000))?);
    }
    Ok(entries)
}

fn entry(
    code: &str,
    description: &str,
    care_type: CareType,
    (ward_class, facility_class): (Option<WardClass>, Option<FacilityClass>),
    amount: Rupiah,
) -> Result<Entry> {
    let code = code.parse().map_err(|_| Error::internal("a made-up code that is none"))?;
    let key = Key { code, care_type, ward_class, facility_class, ownership: None, region: None };
    Ok(Entry { key, description: description.to_owned(), amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_prices_each_of_which_is_there_once() {
        let entries = entries().unwrap();
        let mut keys: Vec<_> = entries.iter().map(|entry| &entry.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((keys.len(), entries.len()), (50, 50));
        assert_eq!(entries[6].amount, Rupiah(2_000_000), "the third class of class B");
    }
}
