//! Corrections: some fields of a registered participant, checked as a registration checks them, with every fault at once.

use chrono::NaiveDate;

use super::kk::KkNumber;
use super::nik::Nik;
use super::participants::{Guess, Sex};
use super::regions::Regions;
use super::registration::{self, FaultCode, Field, RegistrationFault, Relation};
use super::residency::VillageCode;

/// The fields to correct. An outer `None` leaves a field as it is, an inner one empties it. It prints nothing of the person.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Correction {
    pub nik: Option<Nik>,
    pub kk_number: Option<KkNumber>,
    pub relation: Option<Relation>,
    pub name: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    pub village_code: Option<VillageCode>,
    pub rt: Option<String>,
    pub rw: Option<String>,
    pub address: Option<String>,
    pub phone: Option<Option<String>>,
    pub resident_since: Option<NaiveDate>,
    pub mother_name: Option<Option<String>>,
}

impl std::fmt::Debug for Correction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Correction").finish_non_exhaustive()
    }
}

impl Correction {
    /// From the fields that were sent; an absent text empties the field.
    pub fn from_raw(fields: &[(Field, Option<&str>)], today: NaiveDate, regions: &Regions) -> Result<Self, Vec<RegistrationFault>> {
        let mut correction = Self::default();
        let mut faults = Vec::new();
        for (field, text) in fields {
            let text = text.filter(|text| !text.trim().is_empty());
            if let Err(code) = correction.take(*field, text, today, regions) {
                faults.push(RegistrationFault { field: *field, code });
            }
        }
        if faults.is_empty() { Ok(correction) } else { Err(faults) }
    }

    /// Does it say what was only guessed?
    pub fn settles(&self, guess: Guess) -> bool {
        match guess {
            Guess::Name => self.name.is_some(),
            Guess::BirthDate => self.birth_date.is_some(),
            Guess::Sex => self.sex.is_some(),
        }
    }

    fn take(&mut self, field: Field, text: Option<&str>, today: NaiveDate, regions: &Regions) -> Result<(), FaultCode> {
        let given = || text.ok_or(FaultCode::Required);
        match field {
            Field::Nik => self.nik = Some(Nik::parse(given()?).map_err(|_| FaultCode::NikFormat)?),
            Field::KkNumber => self.kk_number = Some(KkNumber::parse(given()?).map_err(|_| FaultCode::KkFormat)?),
            Field::Relation => self.relation = Some(given()?.parse().map_err(|_| FaultCode::ValueNotAllowed)?),
            Field::Name => self.name = Some(registration::person_name(given()?)?),
            Field::BirthDate => self.birth_date = Some(registration::birth_date(given()?, today)?),
            Field::Sex => self.sex = Some(given()?.parse().map_err(|_| FaultCode::ValueNotAllowed)?),
            Field::VillageCode => self.village_code = Some(registration::village_code(given()?, regions)?),
            Field::Rt => self.rt = Some(registration::neighbourhood(given()?)?),
            Field::Rw => self.rw = Some(registration::neighbourhood(given()?)?),
            Field::Address => self.address = Some(registration::address(given()?)?),
            Field::Phone => self.phone = Some(text.map(registration::phone).transpose()?),
            Field::ResidentSince => self.resident_since = Some(registration::past_date(given()?, today)?),
            Field::MotherName => self.mother_name = Some(text.map(registration::person_name).transpose()?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correct(fields: &[(Field, Option<&str>)]) -> Result<Correction, Vec<RegistrationFault>> {
        Correction::from_raw(fields, "2026-11-21".parse().unwrap(), &Regions::from_codes(["3275011001"], []))
    }

    #[test]
    fn only_what_is_sent_is_corrected() {
        let correction = correct(&[(Field::Name, Some(" Siti  Aminah ")), (Field::Phone, None), (Field::Rt, Some("7"))]).unwrap();
        let expected = Correction { name: Some("Siti Aminah".into()), phone: Some(None), rt: Some("007".into()), ..Correction::default() };
        assert!(correction == expected);
        assert!(correct(&[]).unwrap() == Correction::default());
    }

    #[test]
    fn every_field_has_its_fault_and_all_are_told() {
        let fields: Vec<(Field, Option<&str>)> = Field::ALL.iter().map(|field| (*field, Some("=#"))).collect();
        let faults = correct(&fields).unwrap_err();
        // An address may hold these marks.
        let told: Vec<Field> = Field::ALL.iter().copied().filter(|field| *field != Field::Address).collect();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), told);

        let emptied: Vec<(Field, Option<&str>)> = Field::ALL.iter().map(|field| (*field, None)).collect();
        let kept: Vec<Field> = correct(&emptied).unwrap_err().iter().map(|fault| fault.field).collect();
        assert!(!kept.contains(&Field::Phone) && !kept.contains(&Field::MotherName));
        assert_eq!(kept.len(), Field::ALL.len() - 2, "what a registration needs cannot be emptied");
    }
}
