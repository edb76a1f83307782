//! What past claims say about prices: what a schedule would have paid for them, beside what was paid.

use super::adjudication::Priced;
use super::rupiah::{Rupiah, TooLarge};

/// A line of a claim that was decided.
#[derive(Debug, Clone, Copy)]
pub struct PaidLine {
    pub quantity: i32,
    pub claimed: Rupiah,
    pub hospital_cost: Option<Rupiah>,
    /// By the tariff of then, before its percentage; none where it had no price.
    pub tariff: Option<Rupiah>,
    pub payment_percent: i32,
    pub approved: Rupiah,
    /// Nothing of it was paid: no price changes that.
    pub refused: bool,
}

impl PaidLine {
    /// What the tariff of then left of it, before any other cut.
    fn by_tariff_then(&self) -> Rupiah {
        self.tariff.map_or(self.claimed, |tariff| super::tariffs::payable(tariff, self.payment_percent).min(self.claimed))
    }
}

/// Sums over claims. The first five are over all lines, refused ones and those without a price among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Simulated {
    pub claims: u64,
    pub lines: u64,
    pub claimed: Rupiah,
    pub hospital_cost: Rupiah,
    pub tariff: Rupiah,
    pub approved: Rupiah,
    pub refused_lines: u64,
    pub refused_claimed: Rupiah,
    pub unpriced_lines: u64,
    pub unpriced_claimed: Rupiah,
    pub unpriced_approved: Rupiah,
    /// Of the lines that are left: what the tariff of then paid at most, and what this schedule would have.
    pub compared_lines: u64,
    pub by_tariff_then: Rupiah,
    pub would_pay: Rupiah,
}

impl Simulated {
    /// Takes a line in, with the price that the schedule has for it.
    pub fn add(&mut self, line: &PaidLine, price: Option<Priced>) -> Result<(), TooLarge> {
        self.lines += 1;
        self.claimed = self.claimed.plus(line.claimed)?;
        self.hospital_cost = self.hospital_cost.plus(line.hospital_cost.unwrap_or_default())?;
        self.tariff = self.tariff.plus(line.tariff.unwrap_or_default())?;
        self.approved = self.approved.plus(line.approved)?;
        if line.refused {
            self.refused_lines += 1;
            self.refused_claimed = self.refused_claimed.plus(line.claimed)?;
        } else if let Some(allowed) = price.and_then(|price| price.allows(line.quantity)) {
            self.compared_lines += 1;
            self.by_tariff_then = self.by_tariff_then.plus(line.by_tariff_then())?;
            self.would_pay = self.would_pay.plus(allowed.min(line.claimed))?;
        } else {
            self.unpriced_lines += 1;
            self.unpriced_claimed = self.unpriced_claimed.plus(line.claimed)?;
            self.unpriced_approved = self.unpriced_approved.plus(line.approved)?;
        }
        Ok(())
    }

    /// Both together.
    pub fn with(self, other: Self) -> Result<Self, TooLarge> {
        Ok(Self {
            claims: self.claims + other.claims,
            lines: self.lines + other.lines,
            claimed: self.claimed.plus(other.claimed)?,
            hospital_cost: self.hospital_cost.plus(other.hospital_cost)?,
            tariff: self.tariff.plus(other.tariff)?,
            approved: self.approved.plus(other.approved)?,
            refused_lines: self.refused_lines + other.refused_lines,
            refused_claimed: self.refused_claimed.plus(other.refused_claimed)?,
            unpriced_lines: self.unpriced_lines + other.unpriced_lines,
            unpriced_claimed: self.unpriced_claimed.plus(other.unpriced_claimed)?,
            unpriced_approved: self.unpriced_approved.plus(other.unpriced_approved)?,
            compared_lines: self.compared_lines + other.compared_lines,
            by_tariff_then: self.by_tariff_then.plus(other.by_tariff_then)?,
            would_pay: self.would_pay.plus(other.would_pay)?,
        })
    }

    /// What the schedule would have paid more than the tariff of then, or less.
    pub fn difference(&self) -> Rupiah {
        // Both lie between nothing and what was claimed.
        Rupiah(self.would_pay.0 - self.by_tariff_then.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(claimed: i64, tariff: Option<i64>, approved: i64) -> PaidLine {
        PaidLine {
            quantity: 2,
            claimed: Rupiah(claimed),
            hospital_cost: Some(Rupiah(1_000)),
            tariff: tariff.map(Rupiah),
            payment_percent: 50,
            approved: Rupiah(approved),
            refused: approved == 0,
        }
    }

    fn price(amount: i64, payment_percent: i32) -> Option<Priced> {
        Some(Priced { amount: Rupiah(amount), payment_percent })
    }

    #[test]
    fn a_line_is_paid_by_the_price_and_never_above_what_was_claimed() {
        for (line, price, then, would) in [
            (line(500, Some(800), 400), price(150, 100), 400, 300),
            (line(500, Some(800), 400), price(150, 75), 400, 225),
            (line(500, Some(800), 400), price(9_000, 100), 400, 500),
            // What had no price then was not cut.
            (line(500, None, 500), price(100, 100), 500, 200),
            (line(500, Some(2_000), 300), price(100, 100), 500, 200),
            (line(500, Some(800), 0), price(150, 100), 0, 0),
            (line(500, Some(800), 400), None, 0, 0),
        ] {
            let mut sums = Simulated::default();
            sums.add(&line, price).unwrap();
            assert_eq!((sums.by_tariff_then.0, sums.would_pay.0, sums.difference().0), (then, would, would - then), "{line:?} {price:?}");
            assert_eq!(sums.lines, sums.refused_lines + sums.unpriced_lines + sums.compared_lines);
        }
    }

    proptest! {
        #[test]
        fn a_schedule_pays_no_more_than_was_claimed_and_more_for_more(
            lines in prop::collection::vec((0..9_000_i64, prop::option::of(0..9_000_i64), 0..900_i64), 0..20), amount in 0..9_000_i64
        ) {
            let (mut low, mut high, mut twice) = (Simulated::default(), Simulated::default(), Simulated::default());
            for (claimed, tariff, approved) in lines {
                let line = line(claimed, tariff, approved);
                low.add(&line, price(amount, 100)).unwrap();
                high.add(&line, price(amount + 1, 100)).unwrap();
                let mut alone = Simulated::default();
                alone.add(&line, price(amount, 100)).unwrap();
                twice = twice.with(alone).unwrap();
            }
            prop_assert!(low.would_pay <= low.claimed && low.would_pay <= high.would_pay);
            prop_assert_eq!(low, twice);
        }
    }
}
