//! How a hospital compares with itself and with others of its class: counted each night, asked by the edits that compare, and never a reason to refuse.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::adjudication::FacilityStatistics;
use super::eligibility::CareType;
use super::id::Id;
use super::rupiah::Rupiah;

/// The days of late among which the busiest is looked for.
pub const LATE_DAYS: u64 = 7;
/// The days before them with which it is compared (the catalogue of edits).
pub const COMPARED_DAYS: u64 = 90;
/// With fewer claims in these days a mean says nothing, and with fewer others in its class neither does a median. Assumptions.
const FEWEST_CLAIMS: i64 = 30;
const FEWEST_PEERS: usize = 3;

/// What a hospital claimed for one kind of care on one day of admission.
#[derive(Debug, Clone, Copy)]
pub struct DayCount {
    pub facility_id: Id,
    pub care_type: CareType,
    pub day: NaiveDate,
    pub claims: i64,
    pub claimed: Rupiah,
}

/// What is kept of a hospital and a kind of care. What is no whole number is in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    pub facility_id: Id,
    pub care_type: CareType,
    pub claims: i64,
    pub busiest_day: i64,
    pub mean_per_day: i64,
    pub deviation: i64,
    pub mean_cost: i64,
    /// The median of the mean costs of others of its class, and the median of how far they lie from it.
    pub peers: Option<(i64, i64)>,
}

impl Compared {
    /// As the edits ask; none where too little is known to compare.
    pub fn facts(&self) -> Option<FacilityStatistics> {
        let thousandths = |value: i64| value as f64 / 1_000.0;
        // Without peers it lies on the median, where nothing is found.
        let (median, spread) = self.peers.unwrap_or((self.mean_cost, 0));
        (self.claims >= FEWEST_CLAIMS).then(|| FacilityStatistics {
            claims_today: self.busiest_day as f64,
            mean_per_day: thousandths(self.mean_per_day),
            deviation: thousandths(self.deviation),
            mean_cost: self.mean_cost as f64,
            peer_median: median as f64,
            peer_deviation: spread as f64,
        })
    }
}

/// The first day that is counted for a night.
pub fn first_day(today: NaiveDate) -> NaiveDate {
    today - Days::new(LATE_DAYS + COMPARED_DAYS)
}

/// Compares all hospitals, by what they claimed since `first_day` and by which of them are alike.
pub fn compare<G: Ord>(counts: &[DayCount], today: NaiveDate, group_of: impl Fn(Id) -> G) -> Vec<Compared> {
    let late_from = today - Days::new(LATE_DAYS);
    let mut by_hospital: BTreeMap<(Id, CareType), Vec<DayCount>> = BTreeMap::new();
    for count in counts.iter().filter(|count| count.day >= first_day(today) && count.day < today) {
        by_hospital.entry((count.facility_id, count.care_type)).or_default().push(*count);
    }
    let mut compared: Vec<Compared> = by_hospital
        .into_iter()
        .map(|((facility_id, care_type), days)| {
            let before: Vec<i64> = days.iter().filter(|count| count.day < late_from).map(|count| count.claims).collect();
            let (mean, deviation) = mean_and_deviation(&before);
            let all: i64 = days.iter().map(|count| count.claims).sum();
            let claimed = Rupiah::sum(days.iter().map(|count| count.claimed)).map_or(i64::MAX, |sum| sum.0);
            Compared {
                facility_id,
                care_type,
                claims: before.iter().sum(),
                busiest_day: days.iter().filter(|count| count.day >= late_from).map(|count| count.claims).max().unwrap_or(0),
                mean_per_day: mean,
                deviation,
                mean_cost: claimed / all.max(1),
                peers: None,
            }
        })
        .collect();
    let mut costs: BTreeMap<(G, CareType), Vec<(Id, i64)>> = BTreeMap::new();
    for own in compared.iter().filter(|own| own.claims >= FEWEST_CLAIMS) {
        costs.entry((group_of(own.facility_id), own.care_type)).or_default().push((own.facility_id, own.mean_cost));
    }
    for own in &mut compared {
        let peers = costs.get(&(group_of(own.facility_id), own.care_type)).into_iter().flatten();
        let mut others: Vec<i64> = peers.filter(|(id, _)| *id != own.facility_id).map(|(_, cost)| *cost).collect();
        if others.len() >= FEWEST_PEERS {
            let median = median(&mut others);
            let mut away: Vec<i64> = others.iter().map(|cost| (cost - median).abs()).collect();
            own.peers = Some((median, self::median(&mut away)));
        }
    }
    compared
}

/// In thousandths, over all days that are compared: on those that are not among the counts nothing was claimed.
fn mean_and_deviation(counts: &[i64]) -> (i64, i64) {
    let days = COMPARED_DAYS as f64;
    let mean = counts.iter().sum::<i64>() as f64 / days;
    let missing = days - counts.len() as f64;
    let squares = counts.iter().map(|count| (*count as f64 - mean).powi(2)).sum::<f64>() + missing * mean.powi(2);
    let thousandths = |value: f64| (value * 1_000.0).round() as i64;
    (thousandths(mean), thousandths((squares / days).sqrt()))
}

fn median(values: &mut [i64]) -> i64 {
    values.sort_unstable();
    match (values.len() / 2, values.len().is_multiple_of(2)) {
        (0, true) => 0,
        (half, false) => values[half],
        (half, true) => values[half - 1].midpoint(values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();

    fn id(number: u8) -> Id {
        Id::from_bytes([number; 16])
    }

    fn day(facility: u8, back: u64, claims: i64, each: i64) -> DayCount {
        let claimed = Rupiah(claims * each);
        DayCount { facility_id: id(facility), care_type: CareType::Inpatient, day: TODAY - Days::new(back), claims, claimed }
    }

    #[test]
    fn the_busiest_day_of_late_beside_the_days_before() {
        let steady = (8..=97).map(|back| day(1, back, 2, 100));
        let counts: Vec<DayCount> = steady.chain([day(1, 3, 9, 100), day(1, 7, 5, 100), day(1, 0, 50, 100), day(1, 98, 50, 100)]).collect();
        let compared = compare(&counts, TODAY, |_| 0);
        let expected = Compared {
            facility_id: id(1),
            care_type: CareType::Inpatient,
            claims: 180,
            busiest_day: 9,
            mean_per_day: 2_000,
            deviation: 0,
            mean_cost: 100,
            peers: None,
        };
        assert_eq!(compared, [expected], "today is not over, and what is older is not asked");
        let facts = compared[0].facts().unwrap();
        assert_eq!((facts.claims_today, facts.mean_per_day, facts.mean_cost, facts.peer_median), (9.0, 2.0, 100.0, 100.0));
    }

    #[test]
    fn days_without_claims_count_as_none() {
        let counts: Vec<DayCount> = (8..53).map(|back| day(1, back, 2, 100)).collect();
        let compared = compare(&counts, TODAY, |_| 0);
        assert_eq!((compared[0].mean_per_day, compared[0].deviation), (1_000, 1_000));
    }

    #[test]
    fn a_hospital_is_compared_with_others_of_its_class_and_not_with_itself() {
        let prices = [(1, 100), (2, 110), (3, 130), (4, 900), (5, 1)];
        let counts: Vec<DayCount> = prices.iter().flat_map(|(facility, each)| (8..40).map(move |back| day(*facility, back, 1, *each))).collect();
        let compared = compare(&counts, TODAY, |facility| facility == id(5));
        let peers: Vec<_> = compared.iter().map(|own| own.peers).collect();
        assert_eq!(peers, [Some((130, 20)), Some((130, 30)), Some((110, 10)), Some((110, 10)), None]);
    }

    #[test]
    fn few_claims_say_nothing() {
        let counts: Vec<DayCount> = (8..37).map(|back| day(1, back, 1, 100)).collect();
        assert!(compare(&counts, TODAY, |_| 0)[0].facts().is_none());
        let counts: Vec<DayCount> = (8..38).map(|back| day(1, back, 1, 100)).collect();
        assert!(compare(&counts, TODAY, |_| 0)[0].facts().is_some());
        assert_eq!((median(&mut []), median(&mut [3]), median(&mut [1, 4])), (0, 3, 2));
    }
}
