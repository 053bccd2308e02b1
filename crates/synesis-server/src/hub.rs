//! The live connections: how many, whose, and the ways to end them from outside.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use synesis_domain::DeviceId;
use synesis_service::Claims;
use synesis_wire::CloseCode;
use tokio::time::Instant;

use crate::limits::{CONNECTIONS_MAX, CONNECTIONS_PER_DEVICE_MAX};

/// A connection that was let in.
pub(crate) struct Link {
    pub(crate) connection: quinn::Connection,
    pub(crate) claims: Claims,
    /// The device took a new certificate over this connection.
    pub(crate) renewed: AtomicBool,
}

impl Link {
    /// Closes the connection with a code and words.
    pub(crate) fn close(&self, code: CloseCode, reason: &str) {
        close(&self.connection, code, reason);
    }
}

/// Closes a connection with a code and words.
pub(crate) fn close(connection: &quinn::Connection, code: CloseCode, reason: &str) {
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
