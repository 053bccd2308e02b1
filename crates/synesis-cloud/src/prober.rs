//! A second connection beside the first, which takes over: QUIC once it gets through again, or the
//! same way anew with a new certificate.

use std::sync::Arc;
use std::time::Duration;

use synesis_transport::Transport;
use tokio::time::{Instant, sleep_until};

use crate::connection::Live;
use crate::dial::{Dialled, Sockets, dial_over};
use crate::limits::QUIC_PROBE_FIRST;
use crate::policy::share;
use crate::supervisor::{random, wall_clock};
use crate::tunnel::{TransportChoice, TunnelConfig};

/// Waits, dials, waits longer.
pub(crate) struct Prober {
    config: Arc<TunnelConfig>,
    over: Option<Transport>,
    now: Transport,
    wait: Duration,
    next: Instant,
    sockets: Sockets,
}

impl Prober {
    /// Probes for a connection, if it is one that QUIC would better.
    pub(crate) fn of(config: &Arc<TunnelConfig>, live: &Live, sockets: Sockets) -> Self {
        let now = live.connection.transport();
        let wanted = now == Transport::WebSocket && config.transport == TransportChoice::Auto;
        let wait = QUIC_PROBE_FIRST.min(config.quic_probe_interval);
        Self {
            config: Arc::clone(config),
            over: wanted.then_some(Transport::Quic),
            now,
            wait,
            next: Instant::now() + wait,
            sockets,
        }
    }

    /// The network changed: QUIC may work at once.
    pub(crate) fn hurry(&mut self) {
        self.wait = QUIC_PROBE_FIRST.min(self.config.quic_probe_interval);
        self.next = Instant::now();
    }

    /// This device has a new certificate: a new connection is to prove it with that one, before the
    /// old one's end closes this connection.
    pub(crate) fn change_over(&mut self) {
        self.over.get_or_insert(self.now);
        self.hurry();
    }

    /// The other connection with its sockets, as soon as one answers. Can be dropped and called
    /// again at any await; an attempt that is dropped is made again.
    pub(crate) async fn found(&mut self) -> (Dialled, Sockets) {
        let Some(over) = self.over else {
            return std::future::pending().await;
        };
        loop {
            sleep_until(self.next).await;
            match dial_over(over, &mut self.sockets, &self.config, wall_clock()).await {
                Ok(dialled) => return (dialled, self.sockets.take()),
                Err(error) => tracing::debug!(?error, "no second connection yet"),
            }
            self.wait = (self.wait * 2).min(self.config.quic_probe_interval);
            // Between three quarters and the whole of it.
            let early = share(self.wait / 4, random());
            self.next = Instant::now() + self.wait - early;
        }
    }
}
