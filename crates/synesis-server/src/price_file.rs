//! Prices: those of a private cloud, and the operator's own from a TOML file.
//!
//! ```toml
//! [[price]]
//! model = "claude-sonnet"
//! version = 1
//! valid_from = "2026-01-01"       # UTC
//! prompt_pico_usd = 3_000_000     # a token: $3.00 a million
//! cached_prompt_pico_usd = 300_000
//! completion_pico_usd = 15_000_000
//! ```

use std::path::Path;

use serde::Deserialize;
use synesis_domain::{ModelName, PicoUsdPerToken, PriceRow, PriceTable, Timestamp};
use time::{Date, Month};

use crate::config::ConfigError;

const PRIVATE_CLOUD: &str = "private-cloud";
/// $0.15 a million tokens.
const PROMPT_PICO_USD: u64 = 150_000;
const CACHED_PROMPT_PICO_USD: u64 = 15_000;
/// $0.60 a million tokens.
const COMPLETION_PICO_USD: u64 = 600_000;

/// The name under which a private cloud's own prices stand.
pub(crate) fn private_cloud_name() -> Result<ModelName, ConfigError> {
    ModelName::new(PRIVATE_CLOUD).map_err(|error| wrong(error.to_string()))
}

/// What a private cloud charges where nothing is set: small, so that a charge can be seen.
pub(crate) fn private_cloud() -> PriceTable {
    let row = Row {
        model: PRIVATE_CLOUD.to_owned(),
        version: 1,
        valid_from: None,
        prompt_pico_usd: PROMPT_PICO_USD,
        cached_prompt_pico_usd: CACHED_PROMPT_PICO_USD,
        completion_pico_usd: COMPLETION_PICO_USD,
    };
    row.check()
        .ok()
        .and_then(|row| PriceTable::new(vec![row]).ok())
        .unwrap_or_default()
}

/// Reads the operator's prices.
pub(crate) fn read(path: &Path) -> Result<PriceTable, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let file: File = toml::from_str(&text).map_err(|source| ConfigError::Malformed {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let rows = file
        .price
        .into_iter()
        .map(Row::check)
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    PriceTable::new(rows).map_err(|error| wrong(error.to_string()))
}

const fn wrong(problem: String) -> ConfigError {
    ConfigError::Value {
        setting: "prices",
        problem,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    price: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    version: u32,
    valid_from: Option<String>,
    prompt_pico_usd: u64,
    cached_prompt_pico_usd: u64,
    completion_pico_usd: u64,
}

impl Row {
    fn check(self) -> Result<PriceRow, String> {
        let model = ModelName::new(self.model).map_err(|error| error.to_string())?;
        let price = |pico: u64| {
            PicoUsdPerToken::new(pico)
                .ok_or_else(|| format!("{pico} pico-dollars a token of {model} is too much"))
        };
        let valid_from = match self.valid_from {
            None => Timestamp::from_millis(0),
            Some(day) => start_of_day(&day)
                .ok_or_else(|| format!("valid_from of {model} is no YYYY-MM-DD"))?,
        };
        Ok(PriceRow {
            prompt: price(self.prompt_pico_usd)?,
            cached_prompt: price(self.cached_prompt_pico_usd)?,
            completion: price(self.completion_pico_usd)?,
            model,
            version: self.version,
            valid_from,
        })
    }
}

/// The first moment (UTC) of a day written as `2026-01-31`.
#[must_use]
pub fn start_of_day(day: &str) -> Option<Timestamp> {
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Some(Timestamp::from_millis(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<PriceTable, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("prices.toml");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    fn row(version: u32, from: &str) -> String {
        format!(
            "[[price]]\nmodel = \"m\"\nversion = {version}\nvalid_from = \"{from}\"\n\
             prompt_pico_usd = 1\ncached_prompt_pico_usd = 1\ncompletion_pico_usd = {version}\n"
        )
    }

    #[test]
    fn a_new_price_counts_from_its_day() {
        let table = read_text(&(row(1, "2026-01-01") + &row(2, "2026-02-01"))).unwrap();
        let model = ModelName::new("m").unwrap();
        let version = |day| {
            table
                .at(&model, start_of_day(day).unwrap())
                .map(|row| row.version)
        };
        assert_eq!(version("2026-01-31"), Ok(1));
        assert_eq!(version("2026-02-01"), Ok(2));
        assert!(version("2025-12-31").is_err());
    }

    #[test]
    fn a_price_that_makes_no_sense_is_refused() {
        for wrong in [
            row(1, "yesterday"),
            row(1, "2026-13-01"),
            row(1, "2026-01-01") + &row(1, "2026-02-01"),
            row(2, "2026-01-01") + &row(1, "2026-02-01"),
            row(1, "2026-01-01").replace("completion_pico_usd = 1", "completion_pico_usd = -1"),
            row(1, "2026-01-01") + "discount = 1\n",
        ] {
            assert!(read_text(&wrong).is_err(), "{wrong}");
        }
    }
}
