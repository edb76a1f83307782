//! Words that names and addresses are made of. Each is common; put together by chance they name nobody.

use super::chance::Chance;
use crate::domain::participants::Sex;

/// How a part of the city names its children.
pub struct Naming {
    men: &'static [&'static str],
    women: &'static [&'static str],
    men_second: &'static [&'static str],
    women_second: &'static [&'static str],
    /// The second name is the father's family, for sons and daughters alike.
    family: bool,
}

const ARABIC: Naming = Naming {
    men: &[
        "Ahmad", "Muhamad", "Abdul", "Ridwan", "Fauzan", "Ilham", "Rizki", "Zainal", "Hasan", "Husni", "Irfan", "Faisal", "Syahrul", "Anwar",
        "Yusuf", "Ismail", "Umar", "Farhan", "Rasyid", "Khairul", "Lutfi", "Nasrul", "Taufik", "Fikri",
    ],
    women: &[
        "Siti",
        "Nur",
        "Fatimah",
        "Aisyah",
        "Khadijah",
        "Halimah",
        "Zahra",
        "Nadia",
        "Laila",
        "Rahmawati",
        "Salma",
        "Hanifah",
        "Maryam",
        "Nabila",
        "Anisa",
        "Husna",
        "Aminah",
        "Farida",
        "Latifah",
        "Safira",
        "Zulfa",
        "Rohimah",
        "Yasmin",
        "Mutia",
    ],
    men_second: &[
        "Hidayat",
        "Rahman",
        "Hakim",
        "Firdaus",
        "Maulana",
        "Ramadhan",
        "Fadilah",
        "Syahputra",
        "Nugraha",
        "Mubarok",
        "Alamsyah",
        "Kurniawan",
        "Basri",
        "Effendi",
        "Fahmi",
        "Jamaludin",
        "Mustofa",
        "Romli",
        "Saputra",
        "Zakaria",
    ],
    women_second: &[
        "Hasanah",
        "Fauziah",
        "Rahmawati",
        "Handayani",
        "Azizah",
        "Maulida",
        "Safitri",
        "Lestari",
        "Khairunisa",
        "Zulaikha",
        "Sakinah",
        "Nuraini",
        "Fitriani",
        "Mardiah",
        "Ramadhani",
        "Oktaviani",
        "Salamah",
        "Nurjanah",
        "Hafizah",
        "Amalia",
    ],
    family: false,
};

const JAVANESE: Naming = Naming {
    men: &[
        "Bambang", "Joko", "Slamet", "Budi", "Agus", "Eko", "Dwi", "Tri", "Wahyu", "Sugeng", "Suparno", "Hartono", "Sigit", "Teguh", "Yudi", "Gatot",
        "Heru", "Bagus", "Galih", "Prayitno", "Rudi", "Sutrisno", "Danang", "Ari",
    ],
    women: &[
        "Sri", "Endang", "Dwi", "Retno", "Wulan", "Ratna", "Tri", "Puji", "Yuni", "Rini", "Murni", "Tutik", "Wiwik", "Dyah", "Ayu", "Indah", "Sekar",
        "Kartika", "Nanik", "Sulastri", "Titik", "Winarti", "Anjar", "Rini",
    ],
    men_second: &[
        "Santoso",
        "Wibowo",
        "Prasetyo",
        "Nugroho",
        "Susanto",
        "Setiawan",
        "Purnomo",
        "Raharjo",
        "Utomo",
        "Hartanto",
        "Kuncoro",
        "Sasongko",
        "Wicaksono",
        "Pamungkas",
        "Saputro",
        "Hermanto",
        "Suryanto",
        "Wijanarko",
        "Handoko",
        "Basuki",
    ],
    women_second: &[
        "Lestari",
        "Wahyuni",
        "Handayani",
        "Rahayu",
        "Widyastuti",
        "Astuti",
        "Kusumawati",
        "Puspitasari",
        "Wulandari",
        "Setyowati",
        "Utami",
        "Hartini",
        "Ningsih",
        "Purwanti",
        "Suryani",
        "Pratiwi",
        "Anggraini",
        "Maharani",
        "Widowati",
        "Sulistyowati",
    ],
    family: false,
};

const SUNDANESE: Naming = Naming {
    men: &[
        "Asep", "Dadang", "Ujang", "Cecep", "Deden", "Encep", "Iwan", "Yayan", "Tatang", "Dede", "Jajang", "Aep", "Ade", "Nana", "Usep", "Wawan",
        "Dudung", "Maman", "Oman", "Rohmat", "Yana", "Engkos", "Kosasih", "Aceng",
    ],
    women: &[
        "Neng", "Euis", "Lilis", "Iis", "Enung", "Cucu", "Teti", "Yeyen", "Imas", "Nining", "Popon", "Elis", "Ai", "Ida", "Eneng", "Wiwin", "Yati",
        "Rika", "Ani", "Tintin", "Mimin", "Ooy", "Dedeh", "Kokom",
    ],
    men_second: &[
        "Suryana",
        "Sutisna",
        "Hermawan",
        "Permana",
        "Gunawan",
        "Supriatna",
        "Mulyana",
        "Kusnadi",
        "Ruhiyat",
        "Saepudin",
        "Hendrayana",
        "Solihin",
        "Sukmana",
        "Rustandi",
        "Koswara",
        "Suherman",
        "Iskandar",
        "Kurnia",
        "Sopandi",
        "Wahyudin",
    ],
    women_second: &[
        "Suryani",
        "Nurhayati",
        "Komalasari",
        "Rohayati",
        "Mulyani",
        "Sumiati",
        "Rosita",
        "Juariah",
        "Karlina",
        "Sopiah",
        "Rostika",
        "Kurniasih",
        "Hayati",
        "Sumarni",
        "Herlina",
        "Nuraeni",
        "Rukmini",
        "Setiawati",
        "Yulianti",
        "Marliah",
    ],
    family: false,
};

const BATAK: Naming = Naming {
    men: &[
        "Parlindungan",
        "Tigor",
        "Sahat",
        "Binsar",
        "Poltak",
        "Togar",
        "Maruli",
        "Jonggi",
        "Hasoloan",
        "Gomgom",
        "Bonar",
        "Saut",
        "Ramli",
        "Edison",
    ],
    women: &[
        "Tiur",
        "Rotua",
        "Lamtiur",
        "Dameria",
        "Nurmala",
        "Rosmaida",
        "Tiomina",
        "Marlina",
        "Hotmaida",
        "Sondang",
        "Risma",
        "Lasma",
        "Duma",
        "Rumondang",
    ],
    men_second: &[
        "Siregar",
        "Simanjuntak",
        "Nainggolan",
        "Sihombing",
        "Hutapea",
        "Situmorang",
        "Manurung",
        "Sinaga",
        "Panjaitan",
        "Tampubolon",
        "Pasaribu",
        "Silalahi",
    ],
    women_second: &[],
    family: true,
};

const CHRISTIAN: Naming = Naming {
    men: &[
        "Yohanes",
        "Andreas",
        "Stefanus",
        "Petrus",
        "Markus",
        "Daniel",
        "Samuel",
        "Lukas",
        "Matius",
        "Kristian",
        "Ignatius",
        "Antonius",
        "Paulus",
        "Benediktus",
    ],
    women: &[
        "Maria",
        "Yohana",
        "Kristina",
        "Theresia",
        "Ester",
        "Rut",
        "Elisabet",
        "Veronika",
        "Magdalena",
        "Monika",
        "Agnes",
        "Angelina",
        "Marta",
        "Lidia",
    ],
    men_second: &[
        "Wijaya",
        "Halim",
        "Tanujaya",
        "Gunadi",
        "Lesmana",
        "Manuputi",
        "Patiasina",
        "Sahetapi",
        "Wenas",
        "Mandagi",
        "Kurniadi",
        "Hartawan",
    ],
    women_second: &[],
    family: true,
};

const STREETS: &[&str] = &[
    "Mawar",
    "Melati",
    "Kenanga",
    "Anggrek",
    "Flamboyan",
    "Cempaka",
    "Teratai",
    "Dahlia",
    "Bugenvil",
    "Kamboja",
    "Nusa Indah",
    "Seruni",
    "Rambutan",
    "Mangga",
    "Durian",
    "Belimbing",
    "Manggis",
    "Jambu",
    "Merpati",
    "Kutilang",
    "Cendrawasih",
    "Rajawali",
    "Kepodang",
    "Garuda",
    "Bima",
    "Arjuna",
    "Nakula",
    "Srikandi",
];

pub fn naming(chance: &mut Chance) -> &'static Naming {
    chance.weighted(&[(44, &ARABIC), (27, &JAVANESE), (19, &SUNDANESE), (5, &BATAK), (5, &CHRISTIAN)])
}

impl Naming {
    /// A name that a family passes on, or none where families do not.
    pub fn family_name(&self, chance: &mut Chance) -> Option<&'static str> {
        self.family.then(|| chance.pick(self.men_second))
    }

    pub fn name(&self, chance: &mut Chance, sex: Sex, family_name: Option<&str>) -> String {
        let (given, second) = match sex {
            Sex::M => (self.men, self.men_second),
            Sex::F => (self.women, if self.family { self.men_second } else { self.women_second }),
        };
        let mut words = vec![chance.pick(given)];
        if chance.percent(18) {
            let another = chance.pick(given);
            words.extend((words[0] != another).then_some(another));
        }
        match family_name {
            Some(family_name) => words.push(family_name),
            // Many people have one name only.
            None if words.len() == 1 && chance.percent(6) => {}
            None => words.push(chance.pick(second)),
        }
        words.join(" ")
    }
}

pub fn address(chance: &mut Chance) -> String {
    let (street, number) = (chance.pick(STREETS), chance.between(1, 180));
    match chance.below(10) {
        0..=5 => format!("Jl. {street} {number}"),
        6..=7 => format!("Gg. {street} No. {number}"),
        8 => format!("Perum {street} Blok {}{} No. {number}", char::from(b'A' + chance.below(12) as u8), chance.between(1, 9)),
        _ => format!("Kp. {street} No. {number}"),
    }
}
