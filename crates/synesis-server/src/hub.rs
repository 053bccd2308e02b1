//! The live connections: how many, whose, and the ways to end them from outside.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use synesis_domain::{DeviceId, Scopes, UserId};
use synesis_service::Claims;
use synesis_transport::{Connection, Transport};
use synesis_wire::CloseCode;
use synesis_wire::proto::{BalanceChanged, Control, control};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::limits::{
    ANSWER_BEFORE_CLOSE, CONNECTIONS_MAX, CONNECTIONS_PER_DEVICE_MAX, CONTROL_WRITE_TIMEOUT,
    CONTROLS_PER_CONNECTION_MAX,
};
use crate::rate::{Allowance, Rates};
use crate::session::LetIn;

/// What the device is still to hear of its account's balance: only the newest counts.
#[derive(Debug, Default)]
struct BalanceNews {
    newest: Option<BalanceChanged>,
    /// Somebody is telling, and will look for more.
    under_way: bool,
}

/// A connection that was let in.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) claims: Claims,
    /// What the device may do on its account.
    pub(crate) rights: Scopes,
    /// How much the device may ask for.
    pub(crate) allowance: Arc<Allowance>,
    /// The device took a new certificate over this connection.
    renewed: AtomicBool,
    balance: Mutex<BalanceNews>,
    /// Control messages that may still be under way at once.
    controls: Semaphore,
}

impl Link {
    pub(crate) fn new(connection: Connection, let_in: LetIn, rates: &Rates) -> Self {
        let LetIn { claims, rights } = let_in;
        Self {
            connection,
            rights,
            allowance: rates.of(claims.device),
            claims,
            renewed: AtomicBool::new(false),
            balance: Mutex::default(),
            controls: Semaphore::new(CONTROLS_PER_CONNECTION_MAX),
        }
    }

    /// Tells the device something on a stream of its own. A device that does not read loses it.
    pub(crate) async fn tell(&self, body: control::Body) {
        let Ok(_place) = self.controls.try_acquire() else {
            return;
        };
        let Ok(frame) = synesis_wire::encode_frame(&Control { body: Some(body) }) else {
            return;
        };
        let telling = async {
            if let Ok(mut stream) = self.connection.open_uni().await
                && stream.write_chunk(frame.into_bytes()).await.is_ok()
            {
                let _ = stream.finish();
                let _ = stream.stopped().await;
            }
        };
        let _ = tokio::time::timeout(CONTROL_WRITE_TIMEOUT, telling).await;
    }

    /// Tells the device its new balance. While one is under way, the newest waits for it.
    async fn tell_balance(&self, changed: BalanceChanged) {
        {
            let mut news = self.balance();
            news.newest = Some(changed);
            if std::mem::replace(&mut news.under_way, true) {
                return;
            }
        }
        loop {
            let newest = {
                let mut news = self.balance();
                let newest = news.newest.take();
                news.under_way = newest.is_some();
                newest
            };
            let Some(changed) = newest else { return };
            self.tell(control::Body::BalanceChanged(changed)).await;
        }
    }

    fn balance(&self) -> MutexGuard<'_, BalanceNews> {
        self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection with a code and words.
    pub(crate) fn close(&self, code: CloseCode, reason: &str) {
        close(&self.connection, code, reason);
    }
}

/// Closes a connection with a code and words.
pub(crate) fn close(connection: &Connection, code: CloseCode, reason: &str) {
    connection.close(code.as_u32().into(), reason.as_bytes());
}

/// The connections of each device, oldest first, each with its number.
type Links = HashMap<DeviceId, Vec<(u64, Arc<Link>)>>;

/// All live connections.
pub(crate) struct Hub {
    links: Mutex<Links>,
    next: AtomicU64,
    idle_since: Mutex<Option<Instant>>,
}

/// Keeps a connection listed as long as it lives.
pub(crate) struct Listed<'a> {
    hub: &'a Hub,
    device: DeviceId,
    number: u64,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        let mut links = self.hub.lock();
        if let Some(of_device) = links.get_mut(&self.device) {
            of_device.retain(|(number, _)| *number != self.number);
            if of_device.is_empty() {
                links.remove(&self.device);
            }
        }
        if links.is_empty() {
            *self.hub.idle() = Some(Instant::now());
        }
    }
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            links: Mutex::default(),
            next: AtomicU64::new(0),
            idle_since: Mutex::new(Some(Instant::now())),
        }
    }

    /// Lists a connection; `None` when the server has all it can take.
    ///
    /// A device that has too many loses its oldest.
    pub(crate) fn list(&self, link: &Arc<Link>) -> Option<Listed<'_>> {
        let device = link.claims.device;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut links = self.lock();
        if links.values().map(Vec::len).sum::<usize>() >= CONNECTIONS_MAX {
            return None;
        }
        *self.idle() = None;
        let of_device = links.entry(device).or_default();
        if of_device.len() >= CONNECTIONS_PER_DEVICE_MAX {
            let (_, oldest) = of_device.remove(0);
            oldest.close(
                CloseCode::DuplicateDevice,
                "this device opened too many connections; the newer ones stay",
            );
        }
        of_device.push((number, Arc::clone(link)));
        Some(Listed {
            hub: self,
            device,
            number,
        })
    }

    /// Every live connection.
    pub(crate) fn all(&self) -> Vec<Arc<Link>> {
        let links = self.lock();
        links
            .values()
            .flatten()
            .map(|(_, link)| Arc::clone(link))
            .collect()
    }

    /// How many live connections something carries.
    pub(crate) fn count(&self, transport: Transport) -> usize {
        let links = self.lock();
        let all = links.values().flatten();
        all.filter(|(_, link)| link.connection.transport() == transport)
            .count()
    }

    /// Tells every connected device of an account its new balance.
    pub(crate) fn tell_balance(&self, user: UserId, changed: BalanceChanged) {
        let of_user: Vec<_> = {
            let links = self.lock();
            let all = links.values().flatten().map(|(_, link)| link);
            all.filter(|link| link.claims.user == user)
                .map(Arc::clone)
                .collect()
        };
        for link in of_user {
            tokio::spawn(async move { link.tell_balance(changed).await });
        }
    }

    /// What carries the newest connection of a device; `None` when it has none.
    pub(crate) fn transport_of(&self, device: DeviceId) -> Option<Transport> {
        let links = self.lock();
        let (_, newest) = links.get(&device)?.last()?;
        Some(newest.connection.transport())
    }

    /// Closes every connection of a device; says how many. The one that asked for it is closed a
    /// moment later, so that it still hears the answer.
    pub(crate) fn close_device(
        &self,
        device: DeviceId,
        code: CloseCode,
        reason: &'static str,
        asker: &Link,
    ) -> usize {
        let links = self.lock().get(&device).cloned().unwrap_or_default();
        for (_, link) in &links {
            if !std::ptr::eq(Arc::as_ptr(link), asker) {
                link.close(code, reason);
                continue;
            }
            let link = Arc::clone(link);
            tokio::spawn(async move {
                tokio::time::sleep(ANSWER_BEFORE_CLOSE).await;
                link.close(code, reason);
            });
        }
        links.len()
    }

    /// Since when nobody is connected.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        *self.idle()
    }

    fn lock(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Instant>> {
        self.idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    pub(crate) fn note_renewed(&self) {
        self.renewed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_renewed(&self) -> bool {
        self.renewed.load(Ordering::Relaxed)
    }
}
