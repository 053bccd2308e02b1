//! Rows of prices: added, never changed.

use synesis_domain::{ModelName, PicoUsdPerToken, PriceRow, Timestamp};

use super::sql::{Row, values};
use super::{Books, StoreError};

impl Books {
    /// Every row, in the order of models and versions.
    pub(crate) fn price_rows(&mut self) -> Result<Vec<PriceRow>, StoreError> {
        let rows = self.sql.all(
            "SELECT model, version, valid_from, prompt, cached_prompt, completion FROM prices
             ORDER BY model, version",
            &[],
            price_row,
        )?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Adds a row.
    pub(crate) fn add_price_row(&mut self, row: &PriceRow) -> Result<(), StoreError> {
        let pico = |price: PicoUsdPerToken| i64::try_from(price.get()).unwrap_or(i64::MAX);
        self.sql.execute(
            "INSERT INTO prices (model, version, valid_from, prompt, cached_prompt, completion)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            values![
                row.model.as_str(),
                row.version,
                row.valid_from.as_millis(),
                pico(row.prompt),
                pico(row.cached_prompt),
                pico(row.completion),
            ],
        )?;
        Ok(())
    }
}

fn price_row(row: &Row<'_>) -> Result<Option<PriceRow>, StoreError> {
    let price = |column: usize| -> Result<Option<PicoUsdPerToken>, StoreError> {
        let pico: i64 = row.get(column)?;
        Ok(u64::try_from(pico).ok().and_then(PicoUsdPerToken::new))
    };
    let Ok(model) = ModelName::new(row.get::<String>(0)?) else {
        return Ok(None);
    };
    let (Some(prompt), Some(cached_prompt), Some(completion)) = (price(3)?, price(4)?, price(5)?)
    else {
        return Ok(None);
    };
    Ok(Some(PriceRow {
        model,
        version: row.get(1)?,
        valid_from: Timestamp::from_millis(row.get(2)?),
        prompt,
        cached_prompt,
        completion,
    }))
}
