//! The two halves of a stream: what this end writes, and what it reads.

use bytes::{Bytes, BytesMut};

use super::{Direction, MuxError};
use crate::limits::STREAM_WINDOW_BYTES;

const WINDOW: u64 = STREAM_WINDOW_BYTES as u64;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Some of the bytes, perhaps all, were taken.
    Some,
    /// None was: there is no room now.
    Full,
    /// The reader wants no more.
    Stopped(u32),
    /// This end has finished or reset the stream.
    Ended,
    /// The connection has ended.
    Gone,
}

/// What a read gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The next bytes.
    Chunk(Bytes),
    /// Nothing yet.
    Empty,
    /// There is no more.
    End,
    /// The writer broke off.
    Reset(u32),
    /// The connection has ended.
    Gone,
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) send: SendHalf,
    pub(super) recv: RecvHalf,
    /// The writer has let go of its handle: nobody is left to be told of a stop.
    pub(super) writer_gone: bool,
    /// That this end broke off was not sent yet.
    pub(super) reset_queued: bool,
}

impl Stream {
    /// A stream that this end opens.
    pub(super) fn opened(direction: Direction) -> Self {
        Self {
            send: SendHalf::open(),
            recv: match direction {
                Direction::Bi => RecvHalf::open(),
                Direction::Uni => RecvHalf::Over,
            },
            writer_gone: false,
            reset_queued: false,
        }
    }

    /// A stream that the other end opened.
    pub(super) fn accepted(direction: Direction) -> Self {
        Self {
            send: match direction {
                Direction::Bi => SendHalf::open(),
                Direction::Uni => SendHalf::Done,
            },
            recv: RecvHalf::open(),
            writer_gone: false,
            reset_queued: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        let sent = matches!(self.send, SendHalf::Done) && !self.reset_queued;
        sent && matches!(self.recv, RecvHalf::Over)
    }
}

/// What this end writes.
#[derive(Debug)]
pub(super) enum SendHalf {
    Open {
        sent: u64,
        limit: u64,
    },
    /// The end is queued.
    Finishing,
    /// The reader wanted no more, and the writer has not heard it yet.
    Stopped(u32),
    Done,
}

impl SendHalf {
    fn open() -> Self {
        Self::Open {
            sent: 0,
            limit: WINDOW,
        }
    }

    /// What a write to a half that is not open finds.
    pub(super) fn written(&self) -> Written {
        match self {
            Self::Stopped(code) => Written::Stopped(*code),
            _ => Written::Ended,
        }
    }
}

/// What this end reads.
#[derive(Debug)]
pub(super) enum RecvHalf {
    Open(Unread),
    /// The writer broke off, and the reader has not heard it yet.
    Reset(u32),
    /// The reader wants no more, and the writer has not heard it yet.
    Stopped,
    Over,
}

/// What has arrived and was not read.
#[derive(Debug)]
pub(super) struct Unread {
    // One buffer: many tiny messages must not cost more memory than the window.
    buffer: BytesMut,
    received: u64,
    consumed: u64,
    limit: u64,
    finished: bool,
}

impl Unread {
    fn bytes(&self) -> u64 {
        self.received - self.consumed
    }
}

impl RecvHalf {
    fn open() -> Self {
        Self::Open(Unread {
            buffer: BytesMut::new(),
            received: 0,
            consumed: 0,
            limit: WINDOW,
            finished: false,
        })
    }

    pub(super) fn read(&mut self, bytes_max: usize) -> Read {
        match self {
            Self::Open(unread) => {
                if !unread.buffer.is_empty() {
                    let size = bytes_max.min(unread.buffer.len());
                    unread.consumed += size as u64;
                    return Read::Chunk(unread.buffer.split_to(size).freeze());
                }
                if !unread.finished {
                    return Read::Empty;
                }
                *self = Self::Over;
                Read::End
            }
            Self::Reset(code) => {
                let code = *code;
                *self = Self::Over;
                Read::Reset(code)
            }
            Self::Stopped | Self::Over => Read::End,
        }
    }

    /// The new limit, where it is time to tell it.
    pub(super) fn credit_due(&mut self) -> Option<u64> {
        let Self::Open(unread) = self else {
            return None;
        };
        let low = unread.limit - unread.consumed <= WINDOW / 2;
        (low && !unread.finished).then(|| {
            unread.limit = unread.consumed + WINDOW;
            unread.limit
        })
    }

    /// Throws away what is unread; says how much, and whether the writer has to be told.
    pub(super) fn stop(&mut self) -> (u64, bool) {
        match self {
            Self::Open(unread) => {
                let (dropped, told) = (unread.bytes(), !unread.finished);
                *self = if told { Self::Stopped } else { Self::Over };
                (dropped, told)
            }
            Self::Reset(_) => {
                *self = Self::Over;
                (0, false)
            }
            Self::Stopped | Self::Over => (0, false),
        }
    }

    /// Takes bytes in; says how many of them nobody will read.
    pub(super) fn handle_data(&mut self, bytes: &[u8]) -> Result<u64, MuxError> {
        let length = bytes.len() as u64;
        let Self::Open(unread) = self else {
            return Ok(length);
        };
        if unread.finished {
            return Err(MuxError::AfterEnd);
        }
        unread.received += length;
        if unread.received > unread.limit {
            return Err(MuxError::FlowControl);
        }
        unread.buffer.extend_from_slice(bytes);
        Ok(0)
    }

    pub(super) fn handle_finish(&mut self) -> Result<(), MuxError> {
        match self {
            Self::Open(unread) if unread.finished => return Err(MuxError::AfterEnd),
            Self::Open(unread) => unread.finished = true,
            Self::Stopped => *self = Self::Over,
            Self::Reset(_) | Self::Over => {}
        }
        Ok(())
    }

    /// The writer broke off; says how many unread bytes are thrown away.
    pub(super) fn handle_reset(&mut self, code: u32) -> u64 {
        match self {
            Self::Open(unread) => {
                let dropped = unread.bytes();
                *self = Self::Reset(code);
                dropped
            }
            Self::Stopped => {
                *self = Self::Over;
                0
            }
            Self::Reset(_) | Self::Over => 0,
        }
    }
}
