//! What a connection's host hears of it.

use super::{Direction, StreamId};

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The other end said so.
    ByPeer {
        /// A close code.
        code: u32,
        /// Its words.
        reason: String,
    },
    /// This end said so.
    Here,
    /// The line broke.
    Lost,
}

/// What the other end did that the protocol does not allow. The connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MuxError {
    /// More bytes than there was credit for.
    #[error("more bytes were sent than allowed")]
    FlowControl,
    /// More streams than there may be.
    #[error("more streams were opened than allowed")]
    TooManyStreams,
    /// A stream that only this end can open, or bytes on one that only this end writes.
    #[error("a message is about a stream that the other end does not have")]
    WrongStream,
    /// Bytes after the last.
    #[error("bytes were sent after the end of a stream")]
    AfterEnd,
    /// A message that belongs to the beginning of a connection.
    #[error("a message came at the wrong time")]
    OutOfPlace,
}

/// What changed for somebody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// There is something to read, or the stream's end.
    Readable(StreamId),
    /// There may be room to write, or the stream was stopped or sent whole.
    Writable(StreamId),
    /// The other end opened a stream.
    Incoming(Direction),
    /// Another stream can be opened.
    CanOpen(Direction),
    /// The sign of life with this number came back.
    Pong(u64),
    /// The connection has ended.
    Ended,
}
