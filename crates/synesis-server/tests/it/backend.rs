//! The database under a server: tests of money and identity run on each.

use synesis_server::{CloudPlace, ServerConfig};
use synesis_testkit::ThrowawayPostgres;

/// SQLite in the folder, or a PostgreSQL of this test.
pub(crate) struct Backend(Option<ThrowawayPostgres>);

impl Backend {
    pub(crate) const SQLITE: Self = Self(None);

    /// `None` where this machine has no PostgreSQL.
    pub(crate) fn postgres() -> Option<Self> {
        ThrowawayPostgres::start().map(|postgres| Self(Some(postgres)))
    }

    pub(crate) fn url(&self) -> Option<String> {
        self.0.as_ref().map(ThrowawayPostgres::url)
    }

    pub(crate) fn apply(&self, config: &mut ServerConfig) {
        if let Some(url) = self.url() {
            config.set_database_url(&url).unwrap();
        }
    }

    /// The cloud in a folder, as a command beside its server finds it.
    pub(crate) fn place(&self, data_dir: &std::path::Path) -> CloudPlace {
        let mut config = ServerConfig::new(data_dir);
        self.apply(&mut config);
        CloudPlace {
            data_dir: config.data_dir,
            database_url: config.database_url,
        }
    }
}

/// Makes a test on each database of functions that take a [`Backend`].
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::backend::Backend::SQLITE).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(backend) = $crate::backend::Backend::postgres() {
                    super::$name(backend).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;
