//! The two halves of a stream.

use bytes::Bytes;
use futures::future::Either;
use quinn::{ReadError, StoppedError, VarInt, WriteError};

use crate::websocket::{WebSocketReader, WebSocketWriter};

/// What this end writes. Dropping it finishes the stream.
#[derive(Debug)]
pub enum SendStream {
    /// Over QUIC.
    Quic(quinn::SendStream),
    /// Over a WebSocket.
    WebSocket(WebSocketWriter),
}

impl SendStream {
    /// Writes all of these bytes; waits while the other end has no room.
    ///
    /// # Errors
    /// When the reader stopped the stream, it was ended here, or the connection broke.
    pub async fn write_chunk(&mut self, bytes: Bytes) -> Result<(), WriteError> {
        match self {
            Self::Quic(quic) => quic.write_chunk(bytes).await,
            Self::WebSocket(socket) => socket.write(bytes).await,
        }
    }

    /// Ends the stream after what was written.
    ///
    /// # Errors
    /// When it was ended before.
    pub fn finish(&mut self) -> Result<(), quinn::ClosedStream> {
        match self {
            Self::Quic(quic) => quic.finish(),
            Self::WebSocket(socket) => {
                socket.finish();
                Ok(())
            }
        }
    }

    /// Breaks the stream off with a code.
    ///
    /// # Errors
    /// When it was ended before.
    pub fn reset(&mut self, code: VarInt) -> Result<(), quinn::ClosedStream> {
        match self {
            Self::Quic(quic) => quic.reset(code),
            Self::WebSocket(socket) => {
                socket.reset(code);
                Ok(())
            }
        }
    }

    /// Ends when the reader stopped the stream, with its code, or has all of it.
    pub fn stopped(
        &self,
    ) -> impl Future<Output = Result<Option<VarInt>, StoppedError>> + Send + 'static {
        match self {
            Self::Quic(quic) => Either::Left(quic.stopped()),
            Self::WebSocket(socket) => Either::Right(socket.stopped()),
        }
    }
}

/// What this end reads. Dropping it stops the stream.
#[derive(Debug)]
pub enum RecvStream {
    /// Over QUIC.
    Quic(quinn::RecvStream),
    /// Over a WebSocket.
    WebSocket(WebSocketReader),
}

impl RecvStream {
    /// The next bytes, at most so many; `None` at the end of the stream.
    ///
    /// # Errors
    /// When the writer broke off, or the connection.
    pub async fn read_chunk(&mut self, bytes_max: usize) -> Result<Option<Bytes>, ReadError> {
        match self {
            Self::Quic(quic) => Ok(quic
                .read_chunk(bytes_max, true)
                .await?
                .map(|chunk| chunk.bytes)),
            Self::WebSocket(socket) => socket.read(bytes_max).await,
        }
    }

    /// Wants no more; the writer hears the code.
    ///
    /// # Errors
    /// When the stream has ended before.
    pub fn stop(&mut self, code: VarInt) -> Result<(), quinn::ClosedStream> {
        match self {
            Self::Quic(quic) => quic.stop(code),
            Self::WebSocket(socket) => {
                socket.stop(code);
                Ok(())
            }
        }
    }
}
