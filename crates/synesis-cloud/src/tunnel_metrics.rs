//! What a tunnel went through, counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use synesis_transport::{Connection, Transport};

/// What a tunnel went through since it was made, and how its connection is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TunnelMetrics {
    /// Connections that came about.
    pub connections: u64,
    /// Those of them that a WebSocket carried.
    pub websocket_connections: u64,
    /// Attempts that failed, and connections that were lost.
    pub losses: u64,
    /// Connections that took over from another without a loss.
    pub changeovers: u64,
    /// Connections that were heard again after a silence, before another had answered.
    pub revivals: u64,
    /// Times the socket was bound anew, after a silence or on another network.
    pub rebinds: u64,
    /// The connection that is up.
    pub line: Option<LineMetrics>,
}

/// How a connection is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineMetrics {
    /// What carries it.
    pub transport: Transport,
    /// The round trip.
    pub rtt: Duration,
    /// What QUIC counts; a WebSocket leaves that to the operating system.
    pub quic: Option<QuicMetrics>,
}

/// What QUIC counts on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuicMetrics {
    /// Bytes of datagrams sent.
    pub bytes_sent: u64,
    /// Bytes of datagrams received.
    pub bytes_received: u64,
    /// Packets that were lost and sent again.
    pub packets_lost: u64,
    /// The congestion window, in bytes.
    pub congestion_window: u64,
    /// The size of the largest datagram that gets through, in bytes.
    pub mtu: u16,
    /// Times that large datagrams stopped getting through.
    pub black_holes: u64,
}

impl LineMetrics {
    pub(crate) fn of(connection: &Connection) -> Self {
        let quic = match connection {
            Connection::Quic(quic) => {
                let stats = quic.stats();
                Some(QuicMetrics {
                    bytes_sent: stats.udp_tx.bytes,
                    bytes_received: stats.udp_rx.bytes,
                    packets_lost: stats.path.lost_packets,
                    congestion_window: stats.path.cwnd,
                    mtu: stats.path.current_mtu,
                    black_holes: stats.path.black_holes_detected,
                })
            }
            Connection::WebSocket(_) => None,
        };
        Self {
            transport: connection.transport(),
            rtt: connection.rtt(),
            quic,
        }
    }
}

/// The counters, shared by the tunnel's task and its handles.
#[derive(Debug, Default)]
pub(crate) struct TunnelCounters {
    pub(crate) connections: AtomicU64,
    pub(crate) websocket_connections: AtomicU64,
    pub(crate) losses: AtomicU64,
    pub(crate) changeovers: AtomicU64,
    pub(crate) revivals: AtomicU64,
    pub(crate) rebinds: AtomicU64,
}

impl TunnelCounters {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, connection: Option<&Connection>) -> TunnelMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TunnelMetrics {
            connections: read(&self.connections),
            websocket_connections: read(&self.websocket_connections),
            losses: read(&self.losses),
            changeovers: read(&self.changeovers),
            revivals: read(&self.revivals),
            rebinds: read(&self.rebinds),
            line: connection.map(LineMetrics::of),
        }
    }
}
