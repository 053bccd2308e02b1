//! By what the servers that share a database tell each other apart.

use std::path::Path;

use crate::config::ServerConfig;
use crate::error::ServerError;
use crate::store::{CloudPlace, Place};
use crate::{files, random};

/// Holds the number of this folder's server, where it shares a database.
const SERVER_NUMBER_FILE: &str = "server-number";

/// Where the database is, and as whom it is used.
pub(crate) fn place(config: &ServerConfig) -> Result<Place, ServerError> {
    let cloud = CloudPlace {
        data_dir: config.data_dir.clone(),
        database_url: config.database_url.clone(),
    };
    Ok(match &cloud.database_url {
        None => cloud.seen_by(0),
        Some(url) => {
            tracing::info!(%url, "the database is PostgreSQL");
            cloud.seen_by(server_number(&config.data_dir)?)
        }
    })
}

/// The number of this data folder's server among those that share a database, drawn once.
fn server_number(data_dir: &Path) -> Result<i32, ServerError> {
    let path = data_dir.join(SERVER_NUMBER_FILE);
    let failed = |source| ServerError::File {
        path: path.clone(),
        source,
    };
    if let Some(known) = files::read_if_there(&path).map_err(failed)? {
        let number = std::str::from_utf8(&known).ok();
        return number
            .and_then(|text| text.trim().parse().ok())
            .filter(|number| *number > 0)
            .ok_or_else(|| failed(std::io::ErrorKind::InvalidData.into()));
    }
    let drawn = random::bytes().map_err(|_| ServerError::Random)?;
    // Neither negative nor 0, which is nobody.
    let number = (i32::from_le_bytes(drawn) & i32::MAX).max(1);
    files::write_private(&path, number.to_string().as_bytes()).map_err(failed)?;
    Ok(number)
}
