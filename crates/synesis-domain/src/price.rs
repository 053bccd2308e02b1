//! What a model's tokens cost at its provider.
//!
//! A row is never edited: a new price is a new version that is valid from a date. A model
//! without a row is refused, never free.

use alloc::vec::Vec;

use thiserror::Error;

use crate::id::ModelName;
use crate::money::{NanoUsd, PicoUsdPerToken};
use crate::time::Timestamp;

/// The tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    prompt: u32,
    cached_prompt: u32,
    completion: u32,
}

impl TokenUsage {
    /// Tokens of a call. Cached ones are part of the prompt, so there are never more of them.
    #[must_use]
    pub const fn new(prompt: u32, cached_prompt: u32, completion: u32) -> Self {
        let cached_prompt = if cached_prompt < prompt {
            cached_prompt
        } else {
            prompt
        };
        Self {
            prompt,
            cached_prompt,
            completion,
        }
    }

    /// Tokens of the prompt, the cached ones included.
    #[must_use]
    pub const fn prompt(self) -> u32 {
        self.prompt
    }

    /// Tokens of the prompt that the provider had in its cache.
    #[must_use]
    pub const fn cached_prompt(self) -> u32 {
        self.cached_prompt
    }

    /// Tokens of the answer.
    #[must_use]
    pub const fn completion(self) -> u32 {
        self.completion
    }
}

/// One version of a model's prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// The model that is priced.
    pub model: ModelName,
    /// Counts up with every change; entries name it.
    pub version: u32,
    /// From when on it is used.
    pub valid_from: Timestamp,
    /// A token of the prompt.
    pub prompt: PicoUsdPerToken,
    /// A token of the prompt that the provider had in its cache.
    pub cached_prompt: PicoUsdPerToken,
    /// A token of the answer.
    pub completion: PicoUsdPerToken,
}

impl PriceRow {
    /// What these tokens cost, rounded up once to the nano-dollar.
    #[must_use]
    pub fn cost(&self, usage: &TokenUsage) -> NanoUsd {
        let fresh = usage.prompt - usage.cached_prompt;
        let part =
            |tokens: u32, price: PicoUsdPerToken| u128::from(tokens) * u128::from(price.get());
        let pico = part(fresh, self.prompt)
            + part(usage.cached_prompt, self.cached_prompt)
            + part(usage.completion, self.completion);
        // Two times 2^32 tokens at the dearest price are 8.6e16 nano-dollars: always countable.
        NanoUsd::new(i64::try_from(pico.div_ceil(1000)).unwrap_or(i64::MAX))
    }
}

/// Why a list of rows is no price table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PriceError {
    /// Two rows claim to be the same version of a model's prices.
    #[error("two rows are version {version} of the prices of {model}")]
    SameVersion {
        /// Whose rows.
        model: ModelName,
        /// The version both carry.
        version: u32,
    },
    /// A later version is valid from an earlier or the same time.
    #[error("version {version} of the prices of {model} begins before the one it follows")]
    OutOfOrder {
        /// Whose rows.
        model: ModelName,
        /// The later version.
        version: u32,
    },
}

/// No price is known for a model at a time: the call is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the model {0} has no price")]
pub struct UnknownPrice(pub ModelName);

/// All versions of all prices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceTable {
    rows: Vec<PriceRow>,
}

impl PriceTable {
    /// Every row, by model and version.
    pub fn rows(&self) -> impl Iterator<Item = &PriceRow> {
        self.rows.iter()
    }

    /// Takes the rows, in any order.
    ///
    /// # Errors
    /// When two rows of a model share a version, or their versions and dates disagree in order.
    pub fn new(mut rows: Vec<PriceRow>) -> Result<Self, PriceError> {
        rows.sort_by(|a, b| (&a.model, a.version).cmp(&(&b.model, b.version)));
        for pair in rows.windows(2) {
            let [earlier, later] = pair else { continue };
            if earlier.model != later.model {
                continue;
            }
            let (model, version) = (later.model.clone(), later.version);
            if earlier.version == later.version {
                return Err(PriceError::SameVersion { model, version });
            }
            if earlier.valid_from >= later.valid_from {
                return Err(PriceError::OutOfOrder { model, version });
            }
        }
        Ok(Self { rows })
    }

    /// The row that is valid for a model at a time.
    ///
    /// # Errors
    /// When the model has no row, or none that is valid yet.
    pub fn at(&self, model: &ModelName, now: Timestamp) -> Result<&PriceRow, UnknownPrice> {
        self.rows
            .iter()
            .rfind(|row| row.model == *model && row.valid_from <= now)
            .ok_or_else(|| UnknownPrice(model.clone()))
    }

    /// One version of a model's prices, whenever it is valid: what was begun with it ends with it.
    #[must_use]
    pub fn version(&self, model: &ModelName, version: u32) -> Option<&PriceRow> {
        self.rows
            .iter()
            .find(|row| row.model == *model && row.version == version)
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    fn row(model: &str, version: u32, from: i64, prompt: u64) -> PriceRow {
        let price = |pico| PicoUsdPerToken::new(pico).unwrap();
        PriceRow {
            model: ModelName::new(model).unwrap(),
            version,
            valid_from: Timestamp::from_millis(from),
            prompt: price(prompt),
            cached_prompt: price(prompt / 10),
            completion: price(prompt * 5),
        }
    }

    #[test]
    fn the_dearest_call_can_be_counted() {
        let dearest = PicoUsdPerToken::new(crate::limits::PRICE_PICO_MAX).unwrap();
        let row = PriceRow {
            prompt: dearest,
            completion: dearest,
            ..row("m", 1, 0, 1)
        };
        let cost = row.cost(&TokenUsage::new(u32::MAX, 0, u32::MAX));
        assert_eq!(cost.get(), 2 * 4_294_967_295 * 10_000_000);
    }

    #[test]
    fn a_call_is_rounded_up_once() {
        // $0.0375 a million tokens: 37,500 pico-dollars each.
        let row = row("m", 1, 0, 37_500);
        assert_eq!(row.cost(&TokenUsage::new(1, 0, 0)), NanoUsd::new(38));
        assert_eq!(row.cost(&TokenUsage::new(2, 0, 0)), NanoUsd::new(75));
        assert_eq!(row.cost(&TokenUsage::new(3, 2, 1)), NanoUsd::new(233));
        assert_eq!(row.cost(&TokenUsage::default()), NanoUsd::ZERO);
    }

    #[test]
    fn a_version_is_found_after_it_was_followed() {
        let table = PriceTable::new(vec![row("m", 1, 0, 10), row("m", 2, 5, 20)]).unwrap();
        let model = ModelName::new("m").unwrap();
        let now = table.at(&model, Timestamp::from_millis(9)).unwrap();
        assert_eq!(now.version, 2);
        assert_eq!(table.version(&model, 1), Some(&row("m", 1, 0, 10)));
        assert_eq!(table.version(&model, 3), None);
    }

    #[test]
    fn cached_tokens_are_never_more_than_the_prompt() {
        assert_eq!(TokenUsage::new(5, 9, 0).cached_prompt(), 5);
    }

    #[test]
    fn a_price_is_valid_from_its_date_and_an_unknown_model_is_refused() {
        let table = PriceTable::new(vec![
            row("a", 2, 100, 7),
            row("b", 1, 0, 9),
            row("a", 1, 0, 5),
        ])
        .unwrap();
        let version = |model: &str, now| {
            let model = ModelName::new(model).unwrap();
            table
                .at(&model, Timestamp::from_millis(now))
                .map(|row| row.version)
        };
        assert_eq!(version("a", 0), Ok(1));
        assert_eq!(version("a", 99), Ok(1));
        assert_eq!(version("a", 100), Ok(2));
        assert_eq!(version("b", 500), Ok(1));
        assert_eq!(
            version("b", -1),
            Err(UnknownPrice(ModelName::new("b").unwrap()))
        );
        assert!(version("c", 0).is_err());
    }

    #[test]
    fn rows_that_contradict_each_other_are_no_table() {
        let model = ModelName::new("a").unwrap();
        assert_eq!(
            PriceTable::new(vec![row("a", 1, 0, 5), row("a", 1, 9, 6)]),
            Err(PriceError::SameVersion {
                model: model.clone(),
                version: 1
            })
        );
        assert_eq!(
            PriceTable::new(vec![row("a", 1, 9, 5), row("a", 2, 9, 6)]),
            Err(PriceError::OutOfOrder { model, version: 2 })
        );
    }
}
