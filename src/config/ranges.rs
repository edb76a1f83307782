//! What each number of the settings may be. One that is outside is refused at the start, by name and with what it may be.

use super::Settings;

/// A setting, its value, and the least and the most that it may be.
pub struct Range {
    pub name: &'static str,
    pub value: i128,
    pub least: i128,
    pub most: i128,
}

impl Range {
    pub fn fault(&self) -> Option<String> {
        let Self { name, value, least, most } = self;
        (!(least..=most).contains(&value)).then(|| format!("{name}: expected a number between {least} and {most}, not {value}"))
    }
}

const MINUTE_MS: i128 = 60_000;
const DAY_MS: i128 = 24 * 60 * MINUTE_MS;
const WEEK_MINUTES: i128 = 7 * 24 * 60;
const YEAR_MINUTES: i128 = 366 * 24 * 60;
const CENTURY_DAYS: i128 = 36_525;
const TEN_YEARS_DAYS: i128 = 3_653;

pub fn ranges(settings: &Settings) -> Vec<Range> {
    let Settings {
        server,
        database,
        city,
        sign_in,
        checks,
        desk,
        reviews,
        enrollments,
        budgets,
        population_office: office,
        messages,
        signals,
        summaries,
        idempotency,
        imports,
        documents,
        ..
    } = settings;
    // A setting of any integer type fits; one that does not would be refused by its size.
    fn range<N: TryInto<i128>>(name: &'static str, value: N, least: i128, most: i128) -> Range {
        Range { name, value: value.try_into().unwrap_or(i128::MAX), least, most }
    }
    vec![
        // 0: one a core.
        range("server.workers", server.workers as u64, 0, 1_024),
        range("server.max_connections", server.max_connections as u64, 1, 1_000_000),
        range("server.head_timeout_ms", server.head_timeout_ms, 1, 10 * MINUTE_MS),
        range("server.body_timeout_ms", server.body_timeout_ms, 1, 10 * MINUTE_MS),
        range("server.keep_alive_ms", server.keep_alive_ms, 0, 60 * MINUTE_MS),
        // The database is asked four times a second: below twice that, a node would forget between two answers.
        range("server.stale_after_ms", server.stale_after_ms, 500, MINUTE_MS),
        range("server.drain_ms", server.drain_ms, 0, 10 * MINUTE_MS),
        range("server.finish_ms", server.finish_ms, 0, 10 * MINUTE_MS),
        range("database.pool_size", database.pool_size, 1, 1_000),
        range("database.wait_ms", database.wait_ms, 1, MINUTE_MS),
        range("city.utc_offset_minutes", city.utc_offset_minutes, -720, 840),
        range("sign_in.access_token_seconds", sign_in.access_token_seconds, 1, 24 * 3_600),
        range("sign_in.refresh_token_days", sign_in.refresh_token_days, 1, 366),
        range("sign_in.session_days", sign_in.session_days, 1, TEN_YEARS_DAYS),
        range("sign_in.argon2_memory_kib", sign_in.argon2_memory_kib, 8, 4 << 20),
        range("sign_in.argon2_passes", sign_in.argon2_passes, 1, 100),
        range("sign_in.argon2_lanes", sign_in.argon2_lanes, 1, 64),
        range("sign_in.argon2_at_once", sign_in.argon2_at_once as u64, 1, 1_024),
        range("sign_in.failures_per_account", sign_in.failures_per_account, 1, 1_000_000),
        range("sign_in.failures_per_address", sign_in.failures_per_address, 1, 1_000_000),
        range("sign_in.window_minutes", sign_in.window_minutes, 1, WEEK_MINUTES),
        range("sign_in.longest_lock_minutes", sign_in.longest_lock_minutes, 1, YEAR_MINUTES),
        range("sign_in.known_address_days", sign_in.known_address_days, 0, TEN_YEARS_DAYS),
        range("checks.unknown_per_account", checks.unknown_per_account, 1, 1_000_000_000),
        range("checks.unknown_per_facility", checks.unknown_per_facility, 1, 1_000_000_000),
        range("checks.window_minutes", checks.window_minutes, 1, WEEK_MINUTES),
        range("checks.past_days", checks.past_days, 0, CENTURY_DAYS),
        range("checks.future_days", checks.future_days, 0, TEN_YEARS_DAYS),
        range("desk.single_queue", desk.single_queue as u64, 1, 1_000_000),
        range("desk.batch_queue", desk.batch_queue as u64, 1, 1_000_000),
        range("desk.slice", desk.slice as u64, 1, 10_000),
        range("desk.largest_turn", desk.largest_turn as u64, 1, 10_000),
        range("desk.clerks", desk.clerks as u64, 1, 64),
        range("reviews.due_hours", reviews.due_hours, 1, 366 * 24),
        range("enrollments.due_hours", enrollments.due_hours, 1, 366 * 24),
        range("budgets.forecast_months", budgets.forecast_months, 1, 12),
        range("budgets.forecast_least_months", budgets.forecast_least_months as u64, 1, 12),
        range("population_office.connect_timeout_ms", office.connect_timeout_ms, 1, MINUTE_MS),
        range("population_office.timeout_ms", office.timeout_ms, 1, MINUTE_MS),
        range("population_office.calls_at_once", office.calls_at_once as u64, 2, 64),
        range("population_office.patience_ms", office.patience_ms, 0, MINUTE_MS),
        // A word of more than a month ago is no word of today.
        range("population_office.fresh_hours", office.fresh_hours, 0, 31 * 24),
        range("population_office.breaker_failures", office.breaker_failures as u64, 1, 1_000),
        range("population_office.breaker_window_seconds", office.breaker_window_seconds, 1, 3_600),
        range("population_office.breaker_pause_seconds", office.breaker_pause_seconds, 1, 24 * 3_600),
        range("messages.connect_timeout_ms", messages.connect_timeout_ms, 1, MINUTE_MS),
        range("messages.timeout_ms", messages.timeout_ms, 1, MINUTE_MS),
        range("messages.attempts", messages.attempts, 1, 1_000),
        range("messages.first_pause_seconds", messages.first_pause_seconds, 1, 3_600),
        range("messages.longest_pause_seconds", messages.longest_pause_seconds, 1, 7 * 24 * 3_600),
        range("messages.answer_days", messages.answer_days, 1, TEN_YEARS_DAYS),
        range("signals.moved_days", signals.moved_days, 1, TEN_YEARS_DAYS),
        range("signals.admitted_days", signals.admitted_days, 1, TEN_YEARS_DAYS),
        range("signals.requests_days", signals.requests_days, 1, TEN_YEARS_DAYS),
        // One of anything is not many.
        range("signals.requests_per_member", signals.requests_per_member, 2, 1_000_000_000),
        range("signals.requests_per_officer", signals.requests_per_officer, 2, 1_000_000_000),
        range("signals.requests_per_account", signals.requests_per_account, 2, 1_000_000_000),
        range("signals.cards_per_phone", signals.cards_per_phone, 2, 1_000_000),
        range("signals.cards_per_address", signals.cards_per_address, 2, 1_000_000),
        range("signals.sequential_niks", signals.sequential_niks, 2, 1_000),
        // The last day is given for the visit.
        range("signals.lookups_days", signals.lookups_days, 2, 366),
        range("signals.lookups_without_visit", signals.lookups_without_visit, 2, 1_000_000_000),
        // 0: never.
        range("signals.scan_minutes", signals.scan_minutes, 0, WEEK_MINUTES),
        // 0: at once.
        range("summaries.slow_seconds", summaries.slow_seconds, 0, DAY_MS / 1_000),
        range("summaries.most_streams", summaries.most_streams as u64, 0, 10_000),
        range("enrollments.draft_days", enrollments.draft_days, 1, TEN_YEARS_DAYS),
        range("idempotency.keep_days", idempotency.keep_days, 1, TEN_YEARS_DAYS),
        range("imports.most_bytes", imports.most_bytes, 1, 1 << 40),
        range("imports.upload_timeout_ms", imports.upload_timeout_ms, 1, DAY_MS),
        // 0: a file of any size counts.
        range("imports.least_population_percent", imports.least_population_percent, 0, 100),
        range("documents.connect_timeout_ms", documents.connect_timeout_ms, 1, MINUTE_MS),
        range("documents.timeout_ms", documents.timeout_ms, 1, 10 * MINUTE_MS),
        range("documents.most_bytes", documents.most_bytes, 1, 1 << 30),
        range("documents.upload_timeout_ms", documents.upload_timeout_ms, 1, DAY_MS),
        range("documents.orphan_days", documents.orphan_days, 1, TEN_YEARS_DAYS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashMap};

    fn load(name: &str, value: i128) -> Result<Settings, String> {
        Settings::load_from(None, &[(name, value.to_string())], HashMap::new())
    }

    /// What else is said of it: its neighbours must fit together.
    fn stands_alone(name: &str) -> bool {
        !["sign_in.argon2_memory_kib", "sign_in.argon2_lanes", "sign_in.window_minutes", "sign_in.longest_lock_minutes"].contains(&name)
    }

    #[test]
    fn a_number_outside_of_its_range_is_refused_by_name() {
        let settings = load("server.workers", 0).unwrap();
        for Range { name, least, most, .. } in ranges(&settings) {
            for outside in [least - 1, most + 1] {
                let refusal = load(name, outside).unwrap_err();
                // What its type cannot hold is refused on reading, by name as well.
                let field = name.split('.').next_back().unwrap();
                assert!(refusal.contains(field), "{name} = {outside}: {refusal}");
                if outside >= 0 && outside <= i128::from(i32::MAX) {
                    assert!(refusal.contains(&format!("{name}: expected a number between {least} and {most}, not {outside}")), "{refusal}");
                }
            }
            for inside in [least, most].into_iter().filter(|_| stands_alone(name)) {
                assert!(load(name, inside).is_ok(), "{name} = {inside}: {:?}", load(name, inside).err());
            }
        }
    }

    #[test]
    fn every_number_of_the_defaults_has_a_range() {
        let defaults: toml::Table = toml::from_str(crate::config::DEFAULTS).unwrap();
        let numbers = defaults.iter().flat_map(|(section, values)| {
            let values = values.as_table().unwrap().iter();
            values.filter(|(_, value)| value.is_integer()).map(move |(name, _)| format!("{section}.{name}"))
        });
        let settings = load("server.workers", 0).unwrap();
        let ranged: BTreeSet<String> = ranges(&settings).iter().map(|range| range.name.to_owned()).collect();
        assert_eq!(numbers.collect::<BTreeSet<_>>(), ranged);
    }

    #[test]
    fn what_cannot_be_is_told_all_at_once() {
        let wrong =
            [("checks.unknown_per_account", "0"), ("server.stale_after_ms", "100"), ("idempotency.keep_days", "-1"), ("reviews.due_hours", "-72")];
        let overrides = wrong.map(|(name, value)| (name, value.to_owned()));
        let refusal = Settings::load_from(None, &overrides, HashMap::new()).unwrap_err();
        for (name, _) in wrong {
            assert!(refusal.contains(&format!("{name}: expected a number between ")), "{name}: {refusal}");
        }
    }
}
