//! The operator's model table: which provider and which price stand behind a name.

use std::fmt;

use synesis_domain::{ModelName, PriceRow, PriceTable, Timestamp};
use synesis_wire::proto::CloudModel;
use thiserror::Error;

use crate::rejection::Rejection;

/// A provider, as the operator's configuration calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(String);

impl ProviderId {
    /// Takes the configuration's name for a provider.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands behind one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRow {
    /// The name callers use.
    pub model: CloudModel,
    /// Who serves it.
    pub provider: ProviderId,
    /// What the provider calls it; answers show it as the model used.
    pub model_id: String,
    /// Under which name its prices stand in the price table.
    pub priced_as: ModelName,
    /// The most tokens it can write in one answer.
    pub output_tokens_max: u32,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who serves it.
    pub provider: ProviderId,
    /// What the provider calls the model.
    pub model_id: String,
    /// What its tokens cost now.
    pub price: PriceRow,
    /// The most tokens it can write in one answer.
    pub output_tokens_max: u32,
}

/// Why a list of rows is no model table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelTableError {
    /// A name stands in it twice.
    #[error("the model {0} stands in the table twice")]
    Twice(&'static str),
    /// A row for no name in particular.
    #[error("a row of the model table names no model")]
    Unspecified,
}

/// The names that callers can use, each with its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelTable {
    rows: Vec<ModelRow>,
}

impl ModelTable {
    /// Takes the rows, one for each name that is served.
    ///
    /// # Errors
    /// When a name stands twice, or a row names [`CloudModel::Unspecified`].
    pub fn new(mut rows: Vec<ModelRow>) -> Result<Self, ModelTableError> {
        rows.sort_by_key(|row| row.model as i32);
        if rows
            .first()
            .is_some_and(|row| row.model == CloudModel::Unspecified)
        {
            return Err(ModelTableError::Unspecified);
        }
        let twice = rows
            .windows(2)
            .find(|pair| pair.iter().all(|row| row.model == pair[0].model));
        match twice {
            Some(pair) => Err(ModelTableError::Twice(model_name(pair[0].model))),
            None => Ok(Self { rows }),
        }
    }

    /// The names that are served.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|row| model_name(row.model))
    }

    /// Where a request for a model goes now.
    ///
    /// # Errors
    /// [`Rejection::UnknownModel`] where the name has no row or its model no price: an unpriced
    /// call is refused, never free.
    pub fn route(
        &self,
        model: CloudModel,
        prices: &PriceTable,
        now: Timestamp,
    ) -> Result<Route, Rejection> {
        let unknown = || Rejection::UnknownModel(model_name(model).into());
        let row = self
            .rows
            .iter()
            .find(|row| row.model == model)
            .ok_or_else(unknown)?;
        let price = prices.at(&row.priced_as, now).map_err(|_| unknown())?;
        Ok(Route {
            provider: row.provider.clone(),
            model_id: row.model_id.clone(),
            price: price.clone(),
            output_tokens_max: row.output_tokens_max,
        })
    }
}

/// A model's name as people read it.
#[must_use]
pub const fn model_name(model: CloudModel) -> &'static str {
    match model {
        CloudModel::Unspecified => "no model",
        CloudModel::ClaudeSonnet => "Claude Sonnet",
        CloudModel::ClaudeOpus => "Claude Opus",
        CloudModel::Gpt4Turbo => "GPT-4 Turbo",
        CloudModel::Auto => "Auto",
    }
}
