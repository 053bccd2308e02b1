//! One connection between a device and a cloud, whatever carries it.
//!
//! A [`Connection`] has the streams of QUIC. It is QUIC where the network lets UDP through, and a
//! WebSocket with a mux of its own where it does not; who uses it sees no difference but in speed.
//! Errors are those of quinn, for both.
//!
//! Absent: who may connect, when to reconnect, what is said on a stream.

mod connection;
mod stream;
mod websocket;
mod within;

pub use connection::{Connection, Transport};
pub use quinn::{ConnectionError, ReadError, StoppedError, VarInt, WriteError};
pub use stream::{RecvStream, SendStream};
pub use websocket::{WebSocketConnection, drive};
pub use within::{Late, within};
