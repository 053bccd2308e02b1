//! The handles of a stream over a WebSocket.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use quinn::{ConnectionError, ReadError, StoppedError, VarInt, WriteError};
use synesis_wire::mux::{Read, StreamId, Written};

use super::code_of;
use super::shared::{Interest, Shared};
use crate::stream::{RecvStream, SendStream};

/// Both halves of a stream; of a one-way stream one of them has ended.
pub(super) fn pair(shared: &Arc<Shared>, id: StreamId) -> (SendStream, RecvStream) {
    let writer = WebSocketWriter {
        shared: Arc::clone(shared),
        id,
    };
    let reader = WebSocketReader {
        shared: Arc::clone(shared),
        id,
    };
    (SendStream::WebSocket(writer), RecvStream::WebSocket(reader))
}

/// What this end writes.
#[derive(Debug)]
pub struct WebSocketWriter {
    shared: Arc<Shared>,
    id: StreamId,
}

impl WebSocketWriter {
    pub(crate) async fn write(&mut self, mut bytes: Bytes) -> Result<(), WriteError> {
        poll_fn(|context| {
            self.shared.change(|state| {
                while !bytes.is_empty() {
                    match state.mux.write(self.id, &mut bytes) {
                        Written::Some => {}
                        Written::Full => {
                            state.wait(self.id, Interest::Write, context);
                            return Poll::Pending;
                        }
                        Written::Stopped(code) => {
                            return Poll::Ready(Err(WriteError::Stopped(VarInt::from_u32(code))));
                        }
                        Written::Ended => return Poll::Ready(Err(WriteError::ClosedStream)),
                        Written::Gone => {
                            let end = state.end().unwrap_or(ConnectionError::Reset);
                            return Poll::Ready(Err(WriteError::ConnectionLost(end)));
                        }
                    }
                }
                Poll::Ready(Ok(()))
            })
        })
        .await
    }

    pub(crate) fn finish(&mut self) {
        self.shared.change(|state| state.mux.finish(self.id));
    }

    pub(crate) fn reset(&mut self, code: VarInt) {
        self.shared
            .change(|state| state.mux.reset(self.id, code_of(code)));
    }

    pub(crate) fn stopped(
        &self,
    ) -> impl Future<Output = Result<Option<VarInt>, StoppedError>> + Send + 'static {
        let (shared, id) = (Arc::clone(&self.shared), self.id);
        poll_fn(move |context| {
            let mut state = shared.lock();
            if let Some(stopped) = state.mux.stopped(id) {
                return Poll::Ready(Ok(stopped.map(VarInt::from_u32)));
            }
            if let Some(end) = state.end() {
                return Poll::Ready(Err(StoppedError::ConnectionLost(end)));
            }
            state.wait(id, Interest::Stopped, context);
            Poll::Pending
        })
    }
}

impl Drop for WebSocketWriter {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.mux.drop_writer(self.id);
            state.forget(self.id, Interest::Write);
            state.forget(self.id, Interest::Stopped);
        });
    }
}

/// What this end reads.
#[derive(Debug)]
pub struct WebSocketReader {
    shared: Arc<Shared>,
    id: StreamId,
}

impl WebSocketReader {
    pub(crate) async fn read(&mut self, bytes_max: usize) -> Result<Option<Bytes>, ReadError> {
        poll_fn(|context| {
            self.shared
                .change(|state| match state.mux.read(self.id, bytes_max) {
                    Read::Chunk(bytes) => Poll::Ready(Ok(Some(bytes))),
                    Read::End => Poll::Ready(Ok(None)),
                    Read::Reset(code) => Poll::Ready(Err(ReadError::Reset(VarInt::from_u32(code)))),
                    Read::Gone => {
                        let end = state.end().unwrap_or(ConnectionError::Reset);
                        Poll::Ready(Err(ReadError::ConnectionLost(end)))
                    }
                    Read::Empty => {
                        state.wait(self.id, Interest::Read, context);
                        Poll::Pending
                    }
                })
        })
        .await
    }

    pub(crate) fn stop(&mut self, code: VarInt) {
        self.shared
            .change(|state| state.mux.stop(self.id, code_of(code)));
    }
}

impl Drop for WebSocketReader {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.mux.drop_reader(self.id);
            state.forget(self.id, Interest::Read);
        });
    }
}
