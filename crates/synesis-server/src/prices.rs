//! The prices of a cloud: rows that are added and never changed, so that every entry of every ledger
//! can be computed again.

use std::path::Path;

use synesis_domain::{ModelName, PicoUsdPerToken, PriceError, PriceRow, PriceTable, Timestamp};

use crate::cloud::Cloud;
use crate::config::ConfigError;
use crate::error::{ServerError, chain};
use crate::price_file;
use crate::store::{Books, CloudPlace, StoreError};

/// Why a row is not added.
#[derive(Debug, thiserror::Error)]
pub enum PriceChangeError {
    /// The version is there, with other prices.
    #[error(
        "version {version} of the prices of {model} is there already and says something else: \
         prices are never changed, add version {next}"
    )]
    Changed {
        /// Whose prices.
        model: ModelName,
        /// The version.
        version: u32,
        /// The next free one.
        next: u32,
    },
    /// The rows together make no table.
    #[error("the prices make no sense together")]
    Table(#[from] PriceError),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// The database failed.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
}

/// Adds the rows that are new, and gives the table of all. A row that is there already is passed
/// over; one that differs from it is an error, and then nothing is added.
fn merge(books: &mut Books, wanted: &PriceTable) -> Result<(PriceTable, usize), PriceChangeError> {
    let mut rows = books.once(Books::price_rows)?;
    let mut fresh = Vec::new();
    for row in wanted.rows() {
        let known = rows
            .iter()
            .find(|known| known.model == row.model && known.version == row.version);
        match known {
            Some(known) if known == row => {}
            Some(_) => {
                let of_model = rows.iter().filter(|known| known.model == row.model);
                return Err(PriceChangeError::Changed {
                    model: row.model.clone(),
                    version: row.version,
                    next: of_model
                        .map(|known| known.version)
                        .max()
                        .unwrap_or(0)
                        .saturating_add(1),
                });
            }
            None => {
                rows.push(row.clone());
                fresh.push(row.clone());
            }
        }
    }
    let table = PriceTable::new(rows)?;
    books.once(|books| fresh.iter().try_for_each(|row| books.add_price_row(row)))?;
    Ok((table, fresh.len()))
}

/// Takes the settings' prices over into the database, and gives all that are there.
pub(crate) fn adopt(books: &mut Books, settings: &PriceTable) -> Result<PriceTable, ServerError> {
    let (table, added) = merge(books, settings)?;
    if added > 0 {
        tracing::info!(added, "prices of the settings are in force");
    }
    Ok(table)
}

/// Takes over what a command beside this server, or another server, added.
pub(crate) async fn reload(cloud: &Cloud) {
    let read = cloud.store.run(Books::price_rows).await;
    match read.map(PriceTable::new) {
        Ok(Ok(table)) => {
            if table != *cloud.prices() {
                cloud.set_prices(table);
                tracing::info!("other prices are in force");
            }
        }
        Ok(Err(error)) => tracing::error!(error = %chain(&error), "the prices make no sense"),
        Err(error) => tracing::error!(error = %chain(&error), "the prices could not be read"),
    }
}

/// Every row of a cloud's prices.
///
/// # Errors
/// When the folder holds no cloud, or its database cannot be read.
pub fn list_prices(cloud: impl Into<CloudPlace>) -> Result<Vec<PriceRow>, PriceChangeError> {
    Ok(cloud.into().once(Books::price_rows)?)
}

/// Prices that are to be in force from a time on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    /// Of which model.
    pub model: ModelName,
    /// From when on.
    pub valid_from: Timestamp,
    /// A token of the prompt.
    pub prompt: PicoUsdPerToken,
    /// A token of the prompt that the provider had in its cache.
    pub cached_prompt: PicoUsdPerToken,
    /// A token of the answer.
    pub completion: PicoUsdPerToken,
}

/// Adds prices as the next version of their model. A server that runs uses them within a minute.
///
/// # Errors
/// When they would begin before the version that they follow, or the database cannot be used.
pub fn add_price(
    cloud: impl Into<CloudPlace>,
    new: &NewPrice,
) -> Result<PriceRow, PriceChangeError> {
    cloud.into().with(|books| {
        let rows = books.once(Books::price_rows)?;
        let versions = rows.iter().filter(|row| row.model == new.model);
        let last = versions.map(|row| row.version).max().unwrap_or(0);
        let row = PriceRow {
            model: new.model.clone(),
            version: last.saturating_add(1),
            valid_from: new.valid_from,
            prompt: new.prompt,
            cached_prompt: new.cached_prompt,
            completion: new.completion,
        };
        merge(books, &PriceTable::new(vec![row.clone()])?)?;
        Ok(row)
    })?
}

/// Adds the rows of a file, and says how many were new.
///
/// # Errors
/// When the file is no price table, changes a row that is there, or the database cannot be used.
pub fn import_prices(cloud: impl Into<CloudPlace>, file: &Path) -> Result<usize, PriceChangeError> {
    let table = price_file::read(file)?;
    let (_, added) = cloud.into().with(|books| merge(books, &table))??;
    Ok(added)
}
