//! Money: whole rupiah, never a float, and sums that say so when they do not fit.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = BigInt)]
pub struct Rupiah(pub i64);

/// A sum that an `i64` cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large")]
pub struct TooLarge;

impl Rupiah {
    pub const ZERO: Self = Self(0);

    pub fn plus(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_add(other.0).map(Self).ok_or(TooLarge)
    }

    pub fn minus(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_sub(other.0).map(Self).ok_or(TooLarge)
    }

    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, TooLarge> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

/// `Rp 3.500.000`, with the dots that Indonesian readers expect.
impl std::fmt::Display for Rupiah {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        f.write_str(if self.0 < 0 { "-Rp " } else { "Rp " })?;
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(".")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Rupiah
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        <i64 as ToSql<BigInt, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Rupiah
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(Self(<i64 as FromSql<BigInt, DB>>::from_sql(raw)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_dots() {
        for (amount, text) in [(0, "Rp 0"), (999, "Rp 999"), (1_000, "Rp 1.000"), (3_500_000, "Rp 3.500.000"), (-12_345, "-Rp 12.345")] {
            assert_eq!(Rupiah(amount).to_string(), text);
        }
    }

    #[test]
    fn sums_never_wrap() {
        assert_eq!(Rupiah::sum([Rupiah(1), Rupiah(2), Rupiah(-4)]), Ok(Rupiah(-1)));
        assert_eq!(Rupiah::sum([Rupiah(i64::MAX), Rupiah(1)]), Err(TooLarge));
        assert_eq!(Rupiah(i64::MIN).minus(Rupiah(1)), Err(TooLarge));
    }

    #[test]
    fn json_knows_only_integers() {
        assert_eq!(serde_json::to_string(&Rupiah(3_500_000)).unwrap(), "3500000");
        assert_eq!(serde_json::from_str::<Rupiah>("3500000").unwrap(), Rupiah(3_500_000));
        assert!(serde_json::from_str::<Rupiah>("3500000.0").is_err());
        assert!(serde_json::from_str::<Rupiah>("\"3500000\"").is_err());
    }
}
