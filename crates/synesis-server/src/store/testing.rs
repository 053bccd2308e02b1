//! Databases for tests: each test of the store runs on SQLite and, where this machine has it, on
//! PostgreSQL.

use synesis_testkit::ThrowawayPostgres;
use tempfile::TempDir;

use super::{Books, Place};

/// An empty database.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) postgres: Option<ThrowawayPostgres>,
}

impl World {
    pub(crate) fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    /// `None` where this machine has no PostgreSQL.
    pub(crate) fn postgres() -> Option<Self> {
        Some(Self {
            postgres: Some(ThrowawayPostgres::start()?),
            ..Self::sqlite()
        })
    }

    pub(crate) fn place(&self) -> Place {
        self.place_of(1)
    }

    /// The database as the server of this number sees it.
    pub(crate) fn place_of(&self, server: i32) -> Place {
        match &self.postgres {
            None => Place::File(self.folder.path().join("cloud.db")),
            Some(postgres) => Place::Postgres {
                url: postgres.url().parse().unwrap(),
                server,
            },
        }
    }

    /// Opens the database: the first time it is empty.
    pub(crate) fn open(&self) -> Books {
        Books::open(&self.place()).unwrap()
    }
}

/// Makes a test on each database of functions that take a [`World`].
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                super::$name(&$crate::store::testing::World::sqlite());
            })*
        }

        mod postgres {
            $(#[test]
            fn $name() {
                if let Some(world) = $crate::store::testing::World::postgres() {
                    super::$name(&world);
                }
            })*
        }
    };
}
pub(crate) use on_both;
