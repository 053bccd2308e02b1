//! Connections to a PostgreSQL server, each driven by the runtime of the thread that uses it.

use futures::future::join;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, NoTls, Notification};

use super::StoreError;
use super::tls::Tls;
use crate::database_url::DatabaseUrl;

/// What was promised as stored is on the server's disk, and a server of ours that hangs does not
/// keep others waiting for ever.
const SETTINGS: &str = "
    SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false);
    SET default_transaction_isolation = 'read committed';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
    SET tcp_keepalives_idle = 30;
    SET tcp_keepalives_interval = 10;
    SET tcp_keepalives_count = 3;";

/// An open connection.
pub(super) struct Session {
    pub(super) client: Client,
    driver: JoinHandle<()>,
}

/// What the server tells without being asked.
pub(super) type Notices = mpsc::UnboundedReceiver<Notification>;

impl Session {
    /// Connects, and gives the notices that the connection will bring.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<(Self, Notices), StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Connect {
            url: url.clone(),
            source,
        };
        let (tell, notices) = mpsc::unbounded_channel();
        let (client, driver) = if url.wants_tls() {
            let tls = Tls::of(url).map_err(failed)?;
            let connected = url.config().connect(tls).await;
            let (client, connection) = connected.map_err(|error| failed(error.into()))?;
            (client, tokio::spawn(drive(connection, tell)))
        } else {
            let connected = url.config().connect(NoTls).await;
            let (client, connection) = connected.map_err(|error| failed(error.into()))?;
            (client, tokio::spawn(drive(connection, tell)))
        };
        let session = Self { client, driver };
        session.client.batch_execute(SETTINGS).await?;
        Ok((session, notices))
    }

    /// Cuts the connection, so that the server undoes what was not committed.
    pub(super) fn cut(self, runtime: &Runtime) {
        self.driver.abort();
        let _ = runtime.block_on(self.driver);
    }

    /// Whether the connection still stands, as far as this side was told.
    pub(super) fn stands(&self, runtime: &Runtime) -> bool {
        // The connection is looked at only while this thread waits: once to hear of its end, once
        // to act on it.
        runtime.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
        !self.client.is_closed()
    }
}

async fn drive<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    tell: mpsc::UnboundedSender<Notification>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notification(notice))) => {
                // Whoever does not listen does not care.
                let _ = tell.send(notice);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(error = %crate::error::chain(&error), "the database hung up");
                return;
            }
            None => return,
        }
    }
}

/// Sends what goes before a statement and the statement itself without waiting in between.
pub(super) async fn after<T>(
    client: &Client,
    before: &str,
    statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, tokio_postgres::Error> {
    if before.is_empty() {
        return statement.await;
    }
    let (before, done) = join(client.batch_execute(before), statement).await;
    before.and(done)
}

/// A runtime for the thread that uses a connection.
pub(super) fn runtime() -> Result<Runtime, StoreError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StoreError::Thread)
}
