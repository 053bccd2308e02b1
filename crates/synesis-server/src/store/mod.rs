//! What the cloud remembers: one SQLite file, written by one thread, or a PostgreSQL database,
//! written by several.
//!
//! Work is a function that runs inside a transaction on such a thread; its answer is given only
//! after the commit is on disk. Work that waits is committed together (up to [`STORE_GROUP_MAX`] pieces
//! or [`STORE_GROUP_TIME`]), each piece in a savepoint of its own, so one that fails undoes only
//! itself. Events are appended and never changed; what a process killed in the middle had not
//! committed is gone, and nobody was told that it was there.
//!
//! Where others write too, the version of an aggregate's history decides who was first. Who was not
//! finds [`StoreError::Conflict`]: the piece is undone, and done again in the next transaction. So
//! work may run more than once. Work that loses its connection fails and is never repeated.
//!
//! There are no rules here: aggregates decide, this keeps.
//!
//! [`STORE_GROUP_MAX`]: crate::limits::STORE_GROUP_MAX
//! [`STORE_GROUP_TIME`]: crate::limits::STORE_GROUP_TIME

mod account;
mod beat;
mod billing;
mod device;
mod error;
mod event;
mod key;
mod login;
mod person;
mod place;
mod price;
mod result;
mod schema;
mod sql;
mod token;
mod writer;

use std::collections::HashMap;

use synesis_domain::UserId;

pub(crate) use account::{Charge, UsageState};
pub(crate) use billing::{DueFlush, InboxEvent, Stage, StoredTopUp, UsageRow};
pub use error::StoreError;
pub(crate) use login::LoginCode;
pub(crate) use person::{MailedLink, Session};
pub use place::CloudPlace;
pub(crate) use place::Place;
pub(crate) use result::{AnsweredBy, StoredResult, StoredTranscript};
pub(crate) use token::{NewToken, TokenUses};
pub(crate) use writer::{Store, Writers};

use crate::limits::STORE_TRIES_MAX;
use sql::{Postgres, Sql, Sqlite, values};

/// What work sees: the open transaction and the accounts in memory.
pub(crate) struct Books {
    sql: Sql,
    accounts: HashMap<UserId, account::Cached>,
    /// The accounts that the piece of work at hand may have changed in memory.
    touched: Vec<UserId>,
    /// Grows whenever others may have appended to the log: accounts in memory are then compared
    /// with it.
    look: u64,
    /// The number of this server among those that share the database.
    server: i32,
}

impl Books {
    /// Opens a database, for a server or for one that only notes a token beside it.
    pub(crate) fn open(place: &Place) -> Result<Self, StoreError> {
        let (sql, server) = match place {
            Place::File(path) => (Sql::Sqlite(Sqlite::open(path)?), 0),
            Place::Postgres { url, server } => {
                (Sql::Postgres(Box::new(Postgres::open(url)?)), *server)
            }
        };
        Ok(Self {
            sql,
            accounts: HashMap::new(),
            touched: Vec::new(),
            look: 1,
            server,
        })
    }

    /// Opens what a server made before.
    pub(crate) fn open_existing(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::File(path) if !path.exists() => Err(StoreError::Absent { path: path.clone() }),
            place => Self::open(place),
        }
    }

    /// Whether no other server can use this database.
    pub(crate) const fn is_alone(&self) -> bool {
        matches!(self.sql, Sql::Sqlite(_))
    }

    /// Runs one piece of work in a transaction of its own, without a writer thread. The work is
    /// done again where others changed the same at the same time.
    pub(crate) fn once<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.begin()?;
            let done = self.piece(&mut work);
            self.commit()?;
            match done {
                Err(StoreError::Conflict) if tries < STORE_TRIES_MAX => {}
                done => return done,
            }
        }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.touched.clear();
        if self.sql.begin()? {
            self.look += 1;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let committed = self.sql.commit();
        if committed.is_err() {
            self.accounts.clear();
        }
        committed
    }

    /// Runs one piece of work of the open transaction; what fails is undone, in memory too.
    fn piece<T>(
        &mut self,
        work: &mut impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.sql.begin_piece()?;
        self.touched.clear();
        let done = work(self);
        if done.is_err() {
            for user in std::mem::take(&mut self.touched) {
                self.accounts.remove(&user);
            }
        }
        self.sql.end_piece(done.is_ok())?;
        done
    }

    /// A setting of this cloud, made by `make` on first use.
    pub(crate) fn setting(
        &mut self,
        name: &str,
        make: impl FnOnce() -> Vec<u8>,
    ) -> Result<Vec<u8>, StoreError> {
        let known = self.sql.one(
            "SELECT value FROM settings WHERE name = ?1",
            values![name],
            |row| row.get(0),
        )?;
        if let Some(known) = known {
            return Ok(known);
        }
        let made = make();
        self.sql.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)",
            values![name, made.as_slice()],
        )?;
        Ok(made)
    }

    /// Writes a page, to see whether that works.
    fn probe(&mut self) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO settings (name, value) VALUES ('probe', ?1)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values![&[0]],
        )?;
        Ok(())
    }

    /// A number that changes when another process wrote to the file.
    fn version(&mut self) -> Result<i64, StoreError> {
        self.sql.version()
    }
}

#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{World, on_both};

    on_both!(a_database_of_a_newer_version_is_refused);

    fn a_database_of_a_newer_version_is_refused(world: &World) {
        let mut books = world.open();
        match &mut books.sql {
            Sql::Sqlite(_) => {
                let file = books.sql.sqlite();
                file.pragma_update(None, "user_version", 999).unwrap();
            }
            Sql::Postgres(_) => {
                let newer = "UPDATE schema_version SET version = 999";
                books.once(|books| books.sql.execute(newer, &[])).unwrap();
            }
        }
        drop(books);
        assert!(matches!(
            Books::open(&world.place()),
            Err(StoreError::Newer { found: 999, .. })
        ));
    }
}
