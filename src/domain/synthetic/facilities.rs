//! Facilities with fictional names: a Puskesmas in each district, clinics, and hospitals of every class, some outside the city. Contracts follow the
//! history of the scheme: private ones end with March 2022, when it withdrew to government hospitals.

use chrono::NaiveDate;

use super::histories::day;
use crate::domain::facilities::{FacilityClass, FacilityKind};
use crate::domain::regions::Regions;
use crate::domain::residency::VillageCode;
use crate::domain::time::DateRange;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityPlan {
    pub code: String,
    pub name: String,
    pub kind: FacilityKind,
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    pub village_code: Option<VillageCode>,
    pub beds: Option<u32>,
    pub address: String,
    /// In order and without overlap; none for a facility that never had one.
    pub contracts: Vec<DateRange>,
}

/// When a facility was under contract.
#[derive(Clone, Copy)]
enum Contract {
    Since((i32, u32, u32)),
    Until2022((i32, u32, u32)),
    /// Ended with 2019, renewed for the years after, and gone with March 2022.
    Renewed((i32, u32, u32)),
    During2018,
    Never,
}

use Contract::{During2018, Never, Renewed, Since, Until2022};
use FacilityClass::{A, B, C, D};

const START: (i32, u32, u32) = (2017, 1, 16);

const PUSKESMAS: [&str; 12] = [
    "Flamboyan",
    "Cempaka Putih",
    "Lembayung",
    "Puspa Selatan",
    "Rawa Teratai",
    "Satria Husada",
    "Bantar Sari",
    "Gede Asri",
    "Jati Waras",
    "Sampurna Bhakti",
    "Mustika Warga",
    "Melati Indah",
];

const CLINICS: [(&str, Contract); 10] = [
    ("Klinik Senja Waras", Since(START)),
    ("Klinik Tunas Cempaka", Since((2018, 2, 1))),
    ("Klinik Embun Pagi", Since((2018, 11, 1))),
    ("Klinik Kasih Anggrek", Since((2019, 2, 1))),
    ("Klinik Bina Rawa", Since((2020, 1, 1))),
    ("Klinik Dua Merpati", Until2022((2018, 11, 1))),
    ("Klinik Kenari Husada", Until2022((2019, 2, 1))),
    ("Klinik Samudra Kecil", Renewed((2018, 1, 1))),
    ("Klinik Pelita Jati", During2018),
    ("Klinik Lentera Timur", Never),
];

/// Name, class, government, district or none outside the city, beds, contract.
type Hospital = (&'static str, FacilityClass, bool, Option<u32>, u32, Contract);

const HOSPITALS: [Hospital; 14] = [
    ("RSUD Taman Patriot", B, true, Some(4), 450, Since(START)),
    ("RSUD Telaga Utara", D, true, Some(3), 60, Since((2019, 2, 1))),
    ("RSUD Kebun Jati", D, true, Some(10), 55, Since((2019, 2, 1))),
    ("RSUD Bukit Gede", D, true, Some(8), 70, Since((2019, 2, 1))),
    ("RSUD Gerbang Bantar", D, true, Some(7), 65, Since((2020, 1, 1))),
    ("RSUP Cakra Nusantara, Jakarta", A, true, None, 900, Since((2017, 6, 1))),
    ("RS Jiwa Lembah Tenang, Bogor", A, true, None, 400, Since((2018, 1, 1))),
    ("RS Bunga Teratai", B, false, Some(4), 220, Until2022(START)),
    ("RS Sinar Kenanga", C, false, Some(1), 110, Until2022((2017, 3, 1))),
    ("RS Harapan Senja", C, false, Some(2), 100, Renewed((2017, 3, 1))),
    ("RS Ibu dan Anak Pelangi Kecil", C, false, Some(5), 60, Renewed((2017, 8, 1))),
    ("RS Mutiara Rawa", D, false, Some(11), 50, During2018),
    ("RS Anggrek Timur, Jakarta", B, false, None, 250, Until2022((2018, 1, 1))),
    ("RS Langit Biru", C, false, Some(6), 105, Never),
];

/// All facilities, in a fixed order; `code` is the city's.
pub fn facilities(code: &str, regions: &Regions) -> Vec<FacilityPlan> {
    let village = |district: u32| {
        let district = format!("{code}{district:02}");
        regions.villages_of(&district).next().and_then(|(village, _)| village.parse().ok())
    };
    let puskesmas = (1u32..).zip(PUSKESMAS).map(|(number, name)| FacilityPlan {
        code: format!("PKM-{number:02}"),
        name: format!("Puskesmas {name}"),
        kind: FacilityKind::Puskesmas,
        class: None,
        government: true,
        inside_city: true,
        village_code: village(number),
        beds: None,
        address: format!("Jl. Sehat {number}"),
        contracts: Since(START).periods(),
    });
    let clinics = (1u32..).zip(CLINICS).map(|(number, (name, contract))| FacilityPlan {
        code: format!("KLN-{number:02}"),
        name: name.to_owned(),
        kind: FacilityKind::Clinic,
        class: None,
        government: false,
        inside_city: true,
        village_code: village(number),
        beds: None,
        address: format!("Ruko Pratama Blok {number}"),
        contracts: contract.periods(),
    });
    let hospitals = (1u32..).zip(HOSPITALS).map(|(number, (name, class, government, district, beds, contract))| FacilityPlan {
        code: format!("RS-{number:02}"),
        name: name.to_owned(),
        kind: FacilityKind::Hospital,
        class: Some(class),
        government,
        inside_city: district.is_some(),
        village_code: district.and_then(village),
        beds: Some(beds),
        address: format!("Jl. Raya Rumah Sakit {number}"),
        contracts: contract.periods(),
    });
    puskesmas.chain(clinics).chain(hospitals).collect()
}

impl Contract {
    fn periods(self) -> Vec<DateRange> {
        let date = |(year, month, date): (i32, u32, u32)| day(year, month, date);
        let range = |from: NaiveDate, to: Option<NaiveDate>| DateRange { from, to };
        let end_of_private_ones = day(2022, 3, 31);
        match self {
            Since(from) => vec![range(date(from), None)],
            Until2022(from) => vec![range(date(from), Some(end_of_private_ones))],
            Renewed(from) => vec![range(date(from), Some(day(2019, 12, 31))), range(day(2020, 1, 1), Some(end_of_private_ones))],
            During2018 => vec![range(day(2018, 1, 1), Some(day(2018, 12, 31)))],
            Never => Vec::new(),
        }
    }
}
