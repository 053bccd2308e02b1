//! Where a cloud keeps what it remembers.

use std::path::{Path, PathBuf};

use super::{Books, StoreError};
use crate::database_url::DatabaseUrl;

/// The database's name in the data folder.
const DATABASE_FILE: &str = "cloud.db";

/// A database, and who uses it.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file, for one server.
    File(PathBuf),
    /// A database that several servers may share, and the number of the one that asks: 0 for a
    /// command beside the servers.
    Postgres {
        /// Where it is.
        url: DatabaseUrl,
        /// Which server asks.
        server: i32,
    },
}

/// A cloud as a command beside the server finds it: its folder, and its database where that is not
/// in the folder.
#[derive(Debug, Clone)]
pub struct CloudPlace {
    /// The folder of the server.
    pub data_dir: PathBuf,
    /// The PostgreSQL database that the server was told to use.
    pub database_url: Option<DatabaseUrl>,
}

impl From<&Path> for CloudPlace {
    fn from(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            database_url: None,
        }
    }
}

impl CloudPlace {
    /// Does one piece of work beside the servers, or without any. It has a thread of its own: the
    /// connection to PostgreSQL may not be waited for on one of an async runtime.
    pub(crate) fn once<T: Send>(
        &self,
        work: impl FnMut(&mut Books) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.with(|books| books.once(work))?
    }

    /// Opens the database on a thread of its own, and does what takes several pieces of work.
    pub(crate) fn with<T: Send>(
        &self,
        work: impl FnOnce(&mut Books) -> T + Send,
    ) -> Result<T, StoreError> {
        let place = self.seen_by(0);
        std::thread::scope(|scope| {
            let working = scope.spawn(|| Ok(work(&mut Books::open_existing(&place)?)));
            working.join().map_err(|_| StoreError::Closed)?
        })
    }

    /// The database, as the server of this number sees it.
    pub(crate) fn seen_by(&self, server: i32) -> Place {
        match &self.database_url {
            None => Place::File(self.data_dir.join(DATABASE_FILE)),
            Some(url) => Place::Postgres {
                url: url.clone(),
                server,
            },
        }
    }
}
