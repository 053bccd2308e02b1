//! Tries QUIC again while a WebSocket carries the connection.

use std::sync::Arc;
use std::time::Duration;

use synesis_transport::Transport;
use tokio::time::{Instant, sleep_until};

use crate::connection::Live;
use crate::dial::{Dialled, Sockets, probe_quic};
use crate::limits::QUIC_PROBE_FIRST;
use crate::policy::share;
use crate::supervisor::{random, wall_clock};
use crate::tunnel::{TransportChoice, TunnelConfig};

/// Waits, dials, waits longer.
pub(crate) struct Prober {
    config: Arc<TunnelConfig>,
    wanted: bool,
    wait: Duration,
    next: Instant,
    sockets: Sockets,
}

impl Prober {
    /// Probes for a connection, if it is one that QUIC would better.
    pub(crate) fn of(config: &Arc<TunnelConfig>, live: &Live) -> Self {
        let on_websocket = live.connection.transport() == Transport::WebSocket;
        let wait = QUIC_PROBE_FIRST.min(config.quic_probe_interval);
        Self {
            config: Arc::clone(config),
            wanted: on_websocket && config.transport == TransportChoice::Auto,
            wait,
            next: Instant::now() + wait,
            sockets: Sockets::default(),
        }
    }

    /// The network changed: QUIC may work at once.
    pub(crate) fn hurry(&mut self) {
        self.wait = QUIC_PROBE_FIRST.min(self.config.quic_probe_interval);
        self.next = Instant::now();
    }

    /// A connection over QUIC with its sockets, as soon as one answers. Can be dropped and called
    /// again at any await; an attempt that is dropped is made again.
    pub(crate) async fn found(&mut self) -> (Dialled, Sockets) {
        if !self.wanted {
            return std::future::pending().await;
        }
        loop {
            sleep_until(self.next).await;
            match probe_quic(&mut self.sockets, &self.config, wall_clock()).await {
                Ok(dialled) => return (dialled, std::mem::take(&mut self.sockets)),
                Err(error) => tracing::debug!(?error, "QUIC does not get through yet"),
            }
            self.wait = (self.wait * 2).min(self.config.quic_probe_interval);
            // Between three quarters and the whole of it.
            let early = share(self.wait / 4, random());
            self.next = Instant::now() + self.wait - early;
        }
    }
}
