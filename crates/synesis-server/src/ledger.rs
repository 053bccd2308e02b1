//! The ledger of a cloud without the cloud around it: accounts on disk, and nothing else. For tools
//! that measure or check it.

use synesis_domain::account::Receipt;
use synesis_domain::{AccountCommand, Refusal, Timestamp, UserId};

use crate::store::{CloudPlace, Store, StoreError, Writers};

/// An open ledger.
pub struct Ledger {
    store: Store,
    writers: Writers,
}

impl Ledger {
    /// Opens the database of a cloud, and makes it where there is none. SQLite has one writer;
    /// PostgreSQL has as many as are asked for.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn open(cloud: impl Into<CloudPlace>, writers: usize) -> Result<Self, StoreError> {
        let place = cloud.into().seen_by(0);
        let opened = std::thread::scope(|scope| {
            let opening = scope.spawn(|| Store::open(&place, writers));
            opening.join().map_err(|_| StoreError::Closed)?
        });
        let (store, writers) = opened?;
        Ok(Self { store, writers })
    }

    /// Does what a command asks. When this returns it is on disk, or was refused.
    ///
    /// # Errors
    /// When the database failed: nothing is known of the command then but what a look at the
    /// account shows.
    pub async fn command(
        &self,
        user: UserId,
        now: Timestamp,
        command: AccountCommand,
    ) -> Result<Result<(), Refusal>, StoreError> {
        self.store
            .run_for(user, move |books| {
                Ok(books.command(user, now, &command)?.map(drop))
            })
            .await
    }

    /// Where the history of an account ends and what it came to; read from the disk where the account
    /// was not used yet.
    ///
    /// # Errors
    /// When the database failed, or the history was changed.
    pub async fn receipt(&self, user: UserId, now: Timestamp) -> Result<Receipt, StoreError> {
        self.store
            .run_for(user, move |books| books.receipt(user, now))
            .await
    }

    /// Waits until the writers have ended.
    pub fn close(self) {
        drop(self.store);
        self.writers.join();
    }
}
