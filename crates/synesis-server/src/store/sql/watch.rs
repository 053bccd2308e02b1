//! What a server tells the others that share its database: that it lives, and whom it put out.
//!
//! A server lives as long as it holds an advisory lock with its number, which PostgreSQL takes back
//! when the connection ends, however it ends. Devices that were put out are told by `NOTIFY`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::StoreError;
use super::connect::{self, Notices, Session};
use super::postgres::REVOCATIONS;
use crate::database_url::DatabaseUrl;

/// The first key of the lock; the second is the server's number.
pub(super) const LIVES: i32 = 0x5359_4e02;
/// How long a lock may still be held by a server that was killed.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(10);
const CLAIM_RETRY: Duration = Duration::from_millis(50);
/// How often a lost server is tried.
const RECONNECT: Duration = Duration::from_millis(250);

/// The thread that shows that this server lives, and listens.
pub(in crate::store) struct Watch {
    changes: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Takes the number for this server, and listens from then on.
    pub(in crate::store) fn start(url: &DatabaseUrl, server: i32) -> Result<Self, StoreError> {
        let runtime = connect::runtime()?;
        let claimed = runtime.block_on(claim(url, server))?;
        let changes = Arc::new(AtomicI64::new(0));
        let (stop, stopped) = oneshot::channel();
        let watching = watch(url.clone(), server, claimed, Arc::clone(&changes));
        let thread = std::thread::Builder::new()
            .name("synesis-watch".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = watching => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(StoreError::Thread)?;
        Ok(Self {
            changes,
            stop,
            thread,
        })
    }

    /// A number that grows when another server may have put a device out.
    pub(in crate::store) fn changes(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.changes)
    }

    pub(in crate::store) fn end(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

async fn watch(
    url: DatabaseUrl,
    server: i32,
    mut claimed: (Session, Notices),
    changes: Arc<AtomicI64>,
) {
    let own = server.to_string();
    loop {
        while let Some(notice) = claimed.1.recv().await {
            // What this server did it knows.
            if notice.payload() != own {
                changes.fetch_add(1, Ordering::Relaxed);
            }
        }
        tracing::warn!("the connection on which other servers are heard was lost");
        claimed = loop {
            tokio::time::sleep(RECONNECT).await;
            match claim(&url, server).await {
                Ok(claimed) => break claimed,
                Err(error) => tracing::debug!(
                    error = %crate::error::chain(&error),
                    "the database does not take this server back yet"
                ),
            }
        };
        // What was told in between was not heard.
        changes.fetch_add(1, Ordering::Relaxed);
    }
}

async fn claim(url: &DatabaseUrl, server: i32) -> Result<(Session, Notices), StoreError> {
    let (session, notices) = Session::open(url).await?;
    let started = Instant::now();
    loop {
        let taken = session
            .client
            .query_one("SELECT pg_try_advisory_lock($1, $2)", &[&LIVES, &server])
            .await?;
        if taken.try_get(0)? {
            break;
        }
        if started.elapsed() > CLAIM_TIMEOUT {
            return Err(StoreError::Twin);
        }
        tokio::time::sleep(CLAIM_RETRY).await;
    }
    let listen = format!("LISTEN {REVOCATIONS}");
    session.client.batch_execute(&listen).await?;
    Ok((session, notices))
}
