//! The measures of a pot: each a number of its own. What they mean in words stands in `config/texts`, under `budget_measures`.

use chrono::NaiveDate;

use super::{Account, Balances};
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::time::UtcTime;

/// What was given by a revision, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    pub effective_on: NaiveDate,
    pub effective_at: UtcTime,
    /// Below zero when money was taken away.
    pub amount: Rupiah,
}

/// The lowest that a ceiling ever is, as its revisions come into force.
pub fn lowest_ceiling(appropriation: Rupiah, revisions: &[Given]) -> Result<Rupiah, TooLarge> {
    let mut sorted = revisions.to_vec();
    // Those of one day count together.
    sorted.sort_by_key(|given| (given.effective_on, std::cmp::Reverse(given.amount)));
    let (mut ceiling, mut lowest) = (appropriation, appropriation);
    for given in sorted {
        ceiling = ceiling.plus(given.amount)?;
        lowest = lowest.min(ceiling);
    }
    Ok(lowest)
}

/// How a pot, or a year, stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    pub appropriation: Rupiah,
    pub revisions: Rupiah,
    pub ceiling: Rupiah,
    pub reserved: Rupiah,
    pub incurred: Rupiah,
    pub billed: Rupiah,
    pub verified: Rupiah,
    pub approved_unpaid: Rupiah,
    pub paid: Rupiah,
    pub debt_acknowledged: Rupiah,
    pub debt_carried_in: Rupiah,
    pub debt_paid: Rupiah,
    pub used: Rupiah,
    pub available: Rupiah,
    pub owed_as_billed: Rupiah,
    pub owed_as_verified: Rupiah,
    pub ceiling_less_paid: Rupiah,
}

impl Measures {
    pub fn of(balances: &Balances, appropriation: Rupiah, revisions: Rupiah) -> Result<Self, TooLarge> {
        let ceiling = appropriation.plus(revisions)?;
        let available = balances.of(Account::Available);
        let [reserved, incurred, billed, approved_unpaid, paid, debt_acknowledged, debt_paid] = [
            Account::Reserved,
            Account::Incurred,
            Account::Billed,
            Account::ApprovedUnpaid,
            Account::Paid,
            Account::DebtAcknowledged,
            Account::DebtPaid,
        ]
        .map(|account| balances.of(account));
        let debt_open = balances.of(Account::DebtCarriedIn);
        Ok(Self {
            appropriation,
            revisions,
            ceiling,
            reserved,
            incurred,
            billed,
            verified: Rupiah::sum([approved_unpaid, paid, debt_acknowledged])?,
            approved_unpaid,
            paid,
            debt_acknowledged,
            debt_carried_in: debt_open.plus(debt_paid)?,
            debt_paid,
            used: used(balances)?,
            available,
            owed_as_billed: Rupiah::sum([billed, approved_unpaid, debt_acknowledged, debt_open])?,
            owed_as_verified: Rupiah::sum([approved_unpaid, debt_acknowledged, debt_open])?,
            ceiling_less_paid: ceiling.minus(paid)?.minus(debt_paid)?,
        })
    }
}

/// What is spoken for, in whatever account it stands by now.
pub fn used(balances: &Balances) -> Result<Rupiah, TooLarge> {
    Rupiah::ZERO.minus(balances.over(&[Account::Appropriation, Account::Available])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(effective_on: &str, amount: i64) -> Given {
        let effective_at = format!("{effective_on}T00:00:00Z").parse().unwrap();
        Given { effective_on: effective_on.parse().unwrap(), effective_at, amount: Rupiah(amount) }
    }

    #[test]
    fn a_ceiling_is_looked_at_on_every_day_of_its_year() {
        for (revisions, lowest) in [
            (vec![], 100),
            (vec![given("2026-05-01", 50)], 100),
            (vec![given("2026-05-01", -100)], 0),
            (vec![given("2026-09-01", 50), given("2026-05-01", -120)], -20),
            (vec![given("2026-05-01", -120), given("2026-05-01", 50)], 30),
        ] {
            assert_eq!(lowest_ceiling(Rupiah(100), &revisions), Ok(Rupiah(lowest)), "{revisions:?}");
        }
    }

    /// The end of 2018, when three parties named three numbers: each of them is here, under a name of its own.
    #[test]
    fn who_counts_something_else_has_another_number() {
        let mut balances = Balances::default();
        for (account, amount) in [
            (Account::Appropriation, -420),
            (Account::Billed, 71),
            (Account::ApprovedUnpaid, 129),
            (Account::Paid, 232),
            (Account::Incurred, 30),
            (Account::Available, -42),
        ] {
            balances.add(account, Rupiah(amount)).unwrap();
        }
        assert_eq!(balances.over(Account::ALL), Ok(Rupiah::ZERO));
        let measures = Measures::of(&balances, Rupiah(350), Rupiah(70)).unwrap();
        let [hospitals, council, mayor] = [measures.owed_as_billed, measures.ceiling_less_paid, measures.owed_as_verified].map(|amount| amount.0);
        assert_eq!((hospitals, council, mayor), (200, 188, 129));
        assert_eq!((measures.verified.0, measures.used.0, measures.available.0, measures.ceiling.0), (361, 462, -42, 420));
    }

    #[test]
    fn old_debt_is_counted_apart_from_the_years_own_care() {
        let mut balances = Balances::default();
        for (account, amount) in [
            (Account::Appropriation, -100),
            (Account::Available, 50),
            (Account::DebtCarriedIn, 30),
            (Account::DebtPaid, 10),
            (Account::Paid, 8),
            (Account::DebtAcknowledged, 2),
        ] {
            balances.add(account, Rupiah(amount)).unwrap();
        }
        let measures = Measures::of(&balances, Rupiah(100), Rupiah::ZERO).unwrap();
        let shown = [measures.debt_carried_in, measures.debt_paid, measures.paid, measures.verified, measures.owed_as_verified];
        assert_eq!(shown.map(|amount| amount.0), [40, 10, 8, 10, 32]);
        assert_eq!((measures.ceiling_less_paid.0, measures.used.0), (82, 50));
    }
}
