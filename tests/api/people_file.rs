//! Files of made-up families, as a sender would write them.

pub const HEADER: &str = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since,mother_name,card_number,card_issued_on,jkn_segment,jkn_state,jkn_valid_from,row_key";

const NAMES: [&str; 10] = ["Nol", "Satu", "Dua", "Tiga", "Empat", "Lima", "Enam", "Tujuh", "Delapan", "Sembilan"];

/// A couple and a child, with the card of the head and the JKN of the child. Each number gives other people.
#[derive(Debug, Clone)]
pub struct Family {
    number: u32,
    pub address: String,
    pub head_birth_year: u32,
}

impl Family {
    pub fn new(number: u32) -> Self {
        Self { number, address: "Jl. Melati 3".into(), head_birth_year: 1960 + number % 10 }
    }

    /// Serials lie between 9000 and 9999, which no day's births reach; further families were born on other days.
    fn nik(&self, woman: bool, year: u32, tail: u32) -> String {
        let (day, serial) = (5 + self.number / 250, 9_000 + self.number % 250 * 4 + tail);
        format!("327501{:02}02{:02}{serial}", day + if woman { 40 } else { 0 }, year % 100)
    }

    fn day(&self) -> u32 {
        5 + self.number / 250
    }

    pub fn head_nik(&self) -> String {
        self.nik(false, self.head_birth_year, 1)
    }

    fn name(&self) -> &'static str {
        NAMES[(self.number % 10) as usize]
    }

    fn rows(&self) -> String {
        let Self { number, address, head_birth_year, .. } = self;
        let kk = format!("32750120{:02}15{:04}", 1 + number / 900, 9_100 + number % 900);
        let (day, name) = (self.day(), self.name());
        let person = |nik: String, relation: &str, name: String, year: u32, sex: &str, rest: &str| {
            format!("{nik},{kk},{relation},{name},{year}-02-{day:02},{sex},3275011001,3,12,{address},,2016-03-01,{rest},\n")
        };
        [
            person(self.head_nik(), "head", format!("Kepala {name}"), *head_birth_year, "M", &format!(",KS-{:06},2018-01-01,,,", 900_000 + number)),
            person(self.nik(true, 1984, 2), "spouse", format!("Istri {name}"), 1984, "F", ",,,,,"),
            person(self.nik(false, 2014, 3), "child", format!("Anak {name}"), 2014, "M", &format!("Istri {name},,,PPU,active,2019-01-01")),
        ]
        .concat()
    }
}

pub fn file(families: &[Family]) -> String {
    families.iter().fold(format!("{HEADER}\n"), |text, family| text + &family.rows())
}

/// The heads of the first so many families.
pub fn niks(families: u32) -> impl Iterator<Item = String> {
    (0..families).map(|number| Family::new(number).head_nik())
}
