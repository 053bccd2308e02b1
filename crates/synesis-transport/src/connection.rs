//! A connection with streams.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use quinn::{ConnectionError, VarInt};
use synesis_wire::mux::Direction;

use crate::stream::{RecvStream, SendStream};
use crate::websocket::WebSocketConnection;

/// What carries a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// QUIC over UDP.
    Quic,
    /// A WebSocket over TLS and TCP.
    WebSocket,
}

impl Transport {
    /// Its name for programs: "quic" or "websocket".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A connection; a handle that is cheap to clone. It closes when the last handle is dropped.
#[derive(Debug, Clone)]
pub enum Connection {
    /// Over QUIC.
    Quic(quinn::Connection),
    /// Over a WebSocket.
    WebSocket(WebSocketConnection),
}

impl Connection {
    /// What carries it.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Quic(_) => Transport::Quic,
            Self::WebSocket(_) => Transport::WebSocket,
        }
    }

    /// Opens a stream in both directions; waits while as many are open as may be.
    ///
    /// # Errors
    /// How the connection ended.
    pub async fn open_bi(&self) -> Result<(SendStream, RecvStream), ConnectionError> {
        match self {
            Self::Quic(quic) => {
                let (send, recv) = quic.open_bi().await?;
                Ok((SendStream::Quic(send), RecvStream::Quic(recv)))
            }
            Self::WebSocket(socket) => socket.open(Direction::Bi).await,
        }
    }

    /// Opens a stream that only this end writes.
    ///
    /// # Errors
    /// How the connection ended.
    pub async fn open_uni(&self) -> Result<SendStream, ConnectionError> {
        match self {
            Self::Quic(quic) => Ok(SendStream::Quic(quic.open_uni().await?)),
            Self::WebSocket(socket) => {
                let (send, _) = socket.open(Direction::Uni).await?;
                Ok(send)
            }
        }
    }

    /// The next stream in both directions that the other end opened.
    ///
    /// # Errors
    /// How the connection ended.
    pub async fn accept_bi(&self) -> Result<(SendStream, RecvStream), ConnectionError> {
        match self {
            Self::Quic(quic) => {
                let (send, recv) = quic.accept_bi().await?;
                Ok((SendStream::Quic(send), RecvStream::Quic(recv)))
            }
            Self::WebSocket(socket) => socket.accept(Direction::Bi).await,
        }
    }

    /// The next stream that only the other end writes.
    ///
    /// # Errors
    /// How the connection ended.
    pub async fn accept_uni(&self) -> Result<RecvStream, ConnectionError> {
        match self {
            Self::Quic(quic) => Ok(RecvStream::Quic(quic.accept_uni().await?)),
            Self::WebSocket(socket) => {
                let (_, recv) = socket.accept(Direction::Uni).await?;
                Ok(recv)
            }
        }
    }

    /// Ends the connection with a code and words for the other end.
    pub fn close(&self, code: VarInt, reason: &[u8]) {
        match self {
            Self::Quic(quic) => quic.close(code, reason),
            Self::WebSocket(socket) => socket.close(code, reason),
        }
    }

    /// Waits until the connection has ended, and says how.
    pub async fn closed(&self) -> ConnectionError {
        match self {
            Self::Quic(quic) => quic.closed().await,
            Self::WebSocket(socket) => socket.closed().await,
        }
    }

    /// How the connection ended, once it has.
    #[must_use]
    pub fn close_reason(&self) -> Option<ConnectionError> {
        match self {
            Self::Quic(quic) => quic.close_reason(),
            Self::WebSocket(socket) => socket.close_reason(),
        }
    }

    /// The round trip, as it was measured last.
    #[must_use]
    pub fn rtt(&self) -> Duration {
        match self {
            Self::Quic(quic) => quic.rtt(),
            Self::WebSocket(socket) => socket.rtt(),
        }
    }

    /// The other end's address.
    #[must_use]
    pub fn remote_address(&self) -> SocketAddr {
        match self {
            Self::Quic(quic) => quic.remote_address(),
            Self::WebSocket(socket) => socket.remote_address(),
        }
    }

    /// Datagrams or messages received so far: it grows as long as the line lives.
    #[must_use]
    pub fn received(&self) -> u64 {
        match self {
            Self::Quic(quic) => quic.stats().udp_rx.datagrams,
            Self::WebSocket(socket) => socket.received(),
        }
    }
}
