//! Registering one participant: from the raw fields of a JSON body or a CSV row to typed ones, with every fault at once and what is odd beside it.

use chrono::{Datelike, NaiveDate};

use super::kk::KkNumber;
use super::nik::{Nik, NikOddity, oddities};
use super::participants::Sex;
use super::regions::Regions;
use super::residency::VillageCode;
use super::text_enum::text_enum;

pub const NAME_MAX_CHARS: usize = 100;
pub const ADDRESS_MAX_CHARS: usize = 200;
/// Nobody alive was born before this year.
pub const EARLIEST_BIRTH_YEAR: i32 = 1900;

text_enum! {
    /// What a member is to the head of the household, as the family card writes it.
    Relation {
        Head = "head", Spouse = "spouse", Child = "child", Parent = "parent", Sibling = "sibling", Grandchild = "grandchild",
        InLaw = "in_law", OtherRelative = "other_relative", Helper = "helper", Other = "other",
    }
}

text_enum! {
    /// The fields of a registration: the same word in JSON and as a CSV column.
    Field {
        Nik = "nik", KkNumber = "kk_number", Relation = "relation", Name = "name", BirthDate = "birth_date", Sex = "sex",
        VillageCode = "village_code", Rt = "rt", Rw = "rw", Address = "address", Phone = "phone", ResidentSince = "resident_since",
        MotherName = "mother_name",
    }
}

text_enum! {
    /// Why a field is refused.
    FaultCode {
        Required = "FIELD_MISSING", NikFormat = "NIK_FORMAT", KkFormat = "KK_FORMAT", ValueNotAllowed = "UNKNOWN_VALUE",
        NameLength = "NAME_LENGTH", NameCharacters = "NAME_CHARACTERS", DateFormat = "NOT_A_DATE", DateImpossible = "DATE_IMPOSSIBLE",
        DateInFuture = "DATE_IN_FUTURE", BirthDateTooEarly = "BIRTH_DATE_TOO_EARLY", ResidentBeforeBirth = "RESIDENT_BEFORE_BIRTH",
        VillageFormat = "VILLAGE_FORMAT", VillageUnknown = "VILLAGE_UNKNOWN", RtRwFormat = "RT_RW_FORMAT",
        AddressLength = "ADDRESS_LENGTH", AddressCharacters = "ADDRESS_CHARACTERS", PhoneFormat = "PHONE_FORMAT",
    }
}

/// A fault of one field. The value is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RegistrationFault {
    pub field: Field,
    pub code: FaultCode,
}

/// The fields as they came; `None` and an empty text are both "not given".
#[derive(Clone, Copy, Default)]
pub struct RawRegistration<'a> {
    pub nik: Option<&'a str>,
    pub kk_number: Option<&'a str>,
    pub relation: Option<&'a str>,
    pub name: Option<&'a str>,
    pub birth_date: Option<&'a str>,
    pub sex: Option<&'a str>,
    pub village_code: Option<&'a str>,
    pub rt: Option<&'a str>,
    pub rw: Option<&'a str>,
    pub address: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub resident_since: Option<&'a str>,
    pub mother_name: Option<&'a str>,
}

/// One participant to register, every field checked. It prints nothing of the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    pub nik: Nik,
    pub kk_number: KkNumber,
    pub relation: Relation,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    /// A village that the city's list has.
    pub village_code: VillageCode,
    /// Three digits.
    pub rt: String,
    pub rw: String,
    pub address: String,
    /// National form, digits only: `0812…`. Children often have none.
    pub phone: Option<String>,
    pub resident_since: NaiveDate,
    pub mother_name: Option<String>,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration").field("nik", &self.nik).finish_non_exhaustive()
    }
}

impl Registration {
    /// Checks every field and tells all faults, never only the first.
    pub fn from_raw(raw: &RawRegistration<'_>, today: NaiveDate, regions: &Regions) -> Result<Self, Vec<RegistrationFault>> {
        let mut check = Check { faults: Vec::new() };
        let nik = check.required(Field::Nik, raw.nik, |text| Nik::parse(text).map_err(|_| FaultCode::NikFormat));
        let kk_number = check.required(Field::KkNumber, raw.kk_number, |text| KkNumber::parse(text).map_err(|_| FaultCode::KkFormat));
        let relation = check.required(Field::Relation, raw.relation, |text| text.parse().map_err(|_| FaultCode::ValueNotAllowed));
        let name = check.required(Field::Name, raw.name, person_name);
        let birth_date = check.required(Field::BirthDate, raw.birth_date, |text| birth_date(text, today));
        let sex = check.required(Field::Sex, raw.sex, |text| text.parse().map_err(|_| FaultCode::ValueNotAllowed));
        let village_code = check.required(Field::VillageCode, raw.village_code, |text| village_code(text, regions));
        let rt = check.required(Field::Rt, raw.rt, neighbourhood);
        let rw = check.required(Field::Rw, raw.rw, neighbourhood);
        let address = check.required(Field::Address, raw.address, address);
        let phone = check.optional(Field::Phone, raw.phone, phone);
        let resident_since = check.required(Field::ResidentSince, raw.resident_since, |text| past_date(text, today));
        let mother_name = check.optional(Field::MotherName, raw.mother_name, person_name);
        if let (Some(birth_date), Some(since)) = (birth_date, resident_since)
            && since < birth_date
        {
            check.faults.push(RegistrationFault { field: Field::ResidentSince, code: FaultCode::ResidentBeforeBirth });
        }
        // A required field is absent only with a fault beside it, so the second arm never loses one.
        match (nik, kk_number, relation, name, birth_date, sex, village_code, rt, rw, address, resident_since) {
            (
                Some(nik),
                Some(kk_number),
                Some(relation),
                Some(name),
                Some(birth_date),
                Some(sex),
                Some(village_code),
                Some(rt),
                Some(rw),
                Some(address),
                Some(resident_since),
            ) if check.faults.is_empty() => {
                Ok(Self { nik, kk_number, relation, name, birth_date, sex, village_code, rt, rw, address, phone, resident_since, mother_name })
            }
            _ => Err(check.faults),
        }
    }

    /// What is odd but allowed.
    pub fn warnings(&self, regions: &Regions) -> Vec<NikOddity> {
        oddities(&self.nik, self.birth_date, self.sex, regions)
    }
}

/// Gathers faults while fields are read.
struct Check {
    faults: Vec<RegistrationFault>,
}

impl Check {
    fn required<T>(&mut self, field: Field, text: Option<&str>, parse: impl FnOnce(&str) -> Result<T, FaultCode>) -> Option<T> {
        match given(text) {
            Some(text) => self.keep(field, parse(text)),
            None => self.keep(field, Err(FaultCode::Required)),
        }
    }

    fn optional<T>(&mut self, field: Field, text: Option<&str>, parse: impl FnOnce(&str) -> Result<T, FaultCode>) -> Option<T> {
        given(text).and_then(|text| self.keep(field, parse(text)))
    }

    fn keep<T>(&mut self, field: Field, outcome: Result<T, FaultCode>) -> Option<T> {
        outcome.map_err(|code| self.faults.push(RegistrationFault { field, code })).ok()
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A person's name: 1 to 100 letters with the marks that names and titles have. Runs of blanks become one.
pub fn person_name(text: &str) -> Result<String, FaultCode> {
    let name = single_spaced(text);
    let is_mark = |letter: char| matches!(letter, ' ' | '.' | ',' | '\'' | '’' | 'ʼ' | '`' | '-' | '/' | '\u{300}'..='\u{36f}');
    if !name.chars().all(|letter| letter.is_alphabetic() || is_mark(letter)) || !name.chars().any(char::is_alphabetic) {
        return Err(FaultCode::NameCharacters);
    }
    if name.chars().count() > NAME_MAX_CHARS { Err(FaultCode::NameLength) } else { Ok(name) }
}

/// Street and number: up to 200 printable characters; line breaks become blanks.
pub fn address(text: &str) -> Result<String, FaultCode> {
    let address = single_spaced(text);
    // Marks that turn the writing direction can make one address look like another.
    let is_hidden = |letter: char| {
        letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if address.chars().any(is_hidden) {
        return Err(FaultCode::AddressCharacters);
    }
    if address.chars().count() > ADDRESS_MAX_CHARS { Err(FaultCode::AddressLength) } else { Ok(address) }
}

/// A telephone number in national form: `+62 812-0000-0001`, `62812…` and a `812…` that lost its zero all become `0812…`.
pub fn phone(text: &str) -> Result<String, FaultCode> {
    let bare: String = text.chars().filter(|mark| !matches!(mark, ' ' | '-' | '.' | '(' | ')')).collect();
    let national = bare.strip_prefix("+62").or_else(|| bare.strip_prefix("62")).or_else(|| bare.strip_prefix('0')).unwrap_or(&bare);
    let starts_well = national.starts_with(|digit: char| ('1'..='9').contains(&digit)) && (national.len() < bare.len() || national.starts_with('8'));
    let all_digits = national.bytes().all(|byte| byte.is_ascii_digit());
    if starts_well && all_digits && (8..=13).contains(&national.len()) { Ok(format!("0{national}")) } else { Err(FaultCode::PhoneFormat) }
}

/// An RT or RW number: up to three digits, padded to three.
pub fn neighbourhood(text: &str) -> Result<String, FaultCode> {
    let is_number = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(format!("{text:0>3}")) } else { Err(FaultCode::RtRwFormat) }
}

/// A village of the city by its ten digits.
pub fn village_code(text: &str, regions: &Regions) -> Result<VillageCode, FaultCode> {
    let code = text.parse().map_err(|_| FaultCode::VillageFormat)?;
    if regions.contains(text) { Ok(code) } else { Err(FaultCode::VillageUnknown) }
}

/// A civil date in its one spelling, `YYYY-MM-DD`.
pub fn date(text: &str) -> Result<NaiveDate, FaultCode> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' || !(digits(0..4) && digits(5..7) && digits(8..10)) {
        return Err(FaultCode::DateFormat);
    }
    text.parse().map_err(|_| FaultCode::DateImpossible)
}

/// A date that has come.
pub fn past_date(text: &str, today: NaiveDate) -> Result<NaiveDate, FaultCode> {
    date(text).and_then(|date| if date > today { Err(FaultCode::DateInFuture) } else { Ok(date) })
}

/// A birth date of someone who may be alive.
pub fn birth_date(text: &str, today: NaiveDate) -> Result<NaiveDate, FaultCode> {
    past_date(text, today).and_then(|date| if date.year() < EARLIEST_BIRTH_YEAR { Err(FaultCode::BirthDateTooEarly) } else { Ok(date) })
}

fn single_spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: RawRegistration<'static> = RawRegistration {
        nik: Some("3275014501909001"),
        kk_number: Some("3275012001159007"),
        relation: Some("head"),
        name: Some("Siti Aminah"),
        birth_date: Some("1990-01-05"),
        sex: Some("F"),
        village_code: Some("3275011001"),
        rt: Some("003"),
        rw: Some("012"),
        address: Some("Jl. Mawar 5"),
        phone: Some("081200000001"),
        resident_since: Some("2015-03-01"),
        mother_name: None,
    };

    fn regions() -> Regions {
        Regions::from_codes(["327501", "3275011001"], [])
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    fn faults(raw: RawRegistration<'_>) -> Vec<(Field, FaultCode)> {
        Registration::from_raw(&raw, today(), &regions())
            .map_or_else(|faults| faults.iter().map(|fault| (fault.field, fault.code)).collect(), |_| vec![])
    }

    #[test]
    fn a_good_registration_is_typed_and_tidied() {
        let raw = RawRegistration { name: Some("  Siti   Aminah "), rt: Some("3"), phone: Some("+62 812-0000-0001"), mother_name: Some(" "), ..GOOD };
        let registration = Registration::from_raw(&raw, today(), &regions()).unwrap();
        assert_eq!(registration.name, "Siti Aminah");
        assert_eq!((registration.rt.as_str(), registration.rw.as_str()), ("003", "012"));
        assert_eq!(registration.phone.as_deref(), Some("081200000001"));
        assert_eq!(registration.mother_name, None);
        assert_eq!(registration.warnings(&regions()), vec![]);
        assert_eq!(format!("{registration:?}"), "Registration { nik: 3275**********01, .. }");
    }

    #[test]
    fn each_field_has_its_faults() {
        use FaultCode::*;
        let long_name = "A".repeat(101);
        let long_address = "A".repeat(201);
        let cases: Vec<(RawRegistration<'_>, Field, FaultCode)> = vec![
            (RawRegistration { nik: None, ..GOOD }, Field::Nik, Required),
            (RawRegistration { nik: Some(""), ..GOOD }, Field::Nik, Required),
            (RawRegistration { nik: Some("327501450190900"), ..GOOD }, Field::Nik, NikFormat),
            (RawRegistration { kk_number: Some("x"), ..GOOD }, Field::KkNumber, KkFormat),
            (RawRegistration { relation: Some("uncle"), ..GOOD }, Field::Relation, ValueNotAllowed),
            (RawRegistration { sex: Some("P"), ..GOOD }, Field::Sex, ValueNotAllowed),
            (RawRegistration { name: Some("R2-D2"), ..GOOD }, Field::Name, NameCharacters),
            (RawRegistration { name: Some("=HYPERLINK()"), ..GOOD }, Field::Name, NameCharacters),
            (RawRegistration { name: Some("..."), ..GOOD }, Field::Name, NameCharacters),
            (RawRegistration { name: Some(&long_name), ..GOOD }, Field::Name, NameLength),
            (RawRegistration { mother_name: Some("\0"), ..GOOD }, Field::MotherName, NameCharacters),
            (RawRegistration { birth_date: Some("05-01-1990"), ..GOOD }, Field::BirthDate, DateFormat),
            (RawRegistration { birth_date: Some("1990-1-5"), ..GOOD }, Field::BirthDate, DateFormat),
            (RawRegistration { birth_date: Some("1990-02-30"), ..GOOD }, Field::BirthDate, DateImpossible),
            (RawRegistration { birth_date: Some("1899-12-31"), ..GOOD }, Field::BirthDate, BirthDateTooEarly),
            (RawRegistration { resident_since: Some("2026-11-22"), ..GOOD }, Field::ResidentSince, DateInFuture),
            (RawRegistration { resident_since: Some("1990-01-04"), ..GOOD }, Field::ResidentSince, ResidentBeforeBirth),
            (RawRegistration { village_code: Some("327501100"), ..GOOD }, Field::VillageCode, VillageFormat),
            (RawRegistration { village_code: Some("3275011099"), ..GOOD }, Field::VillageCode, VillageUnknown),
            (RawRegistration { rt: Some("1000"), ..GOOD }, Field::Rt, RtRwFormat),
            (RawRegistration { rw: Some("1a"), ..GOOD }, Field::Rw, RtRwFormat),
            (RawRegistration { address: Some("Jl.\u{202e}5"), ..GOOD }, Field::Address, AddressCharacters),
            (RawRegistration { address: Some(&long_address), ..GOOD }, Field::Address, AddressLength),
            (RawRegistration { phone: Some("12345"), ..GOOD }, Field::Phone, PhoneFormat),
        ];
        assert_eq!(faults(GOOD), vec![]);
        for (raw, field, code) in cases {
            assert_eq!(faults(raw), vec![(field, code)]);
        }
    }

    #[test]
    fn a_birthday_today_and_a_move_on_it_pass() {
        let raw = RawRegistration { nik: Some("3275016111269001"), birth_date: Some("2026-11-21"), resident_since: Some("2026-11-21"), ..GOOD };
        assert_eq!(faults(raw), vec![]);
    }

    #[test]
    fn all_faults_are_told_at_once_and_in_the_order_of_the_fields() {
        let found = faults(RawRegistration::default());
        let expected: Vec<_> =
            Field::ALL.iter().filter(|field| !matches!(field, Field::Phone | Field::MotherName)).map(|field| (*field, FaultCode::Required)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn phones_come_to_one_form() {
        for (text, expected) in [
            ("081200000001", Some("081200000001")),
            ("6281200000001", Some("081200000001")),
            ("81200000001", Some("081200000001")),
            ("(021) 8840-000", Some("0218840000")),
            ("+1 202 555 0100", None),
            ("0012345678", None),
            ("08120000000123456", None),
            ("0812x0000001", None),
        ] {
            assert_eq!(phone(text).ok().as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_in_any_field_is_judged_and_only_that_field(index in 0..Field::ALL.len(), text in "\\PC{0,24}") {
            let mut raw = GOOD;
            let field = Field::ALL[index];
            let slot = match field {
                Field::Nik => &mut raw.nik, Field::KkNumber => &mut raw.kk_number, Field::Relation => &mut raw.relation, Field::Name => &mut raw.name,
                Field::BirthDate => &mut raw.birth_date, Field::Sex => &mut raw.sex, Field::VillageCode => &mut raw.village_code, Field::Rt => &mut raw.rt,
                Field::Rw => &mut raw.rw, Field::Address => &mut raw.address, Field::Phone => &mut raw.phone,
                Field::ResidentSince => &mut raw.resident_since, Field::MotherName => &mut raw.mother_name,
            };
            *slot = Some(&text);
            prop_assert!(faults(raw).iter().all(|(at, _)| *at == field));
        }

        #[test]
        fn a_normalised_phone_stays_as_it_is(digits in "8[0-9]{8,11}") {
            let once = phone(&digits).unwrap();
            prop_assert_eq!(phone(&once), Ok(once.clone()));
            prop_assert_eq!(phone(&format!("+62{digits}")), Ok(once));
        }
    }
}
