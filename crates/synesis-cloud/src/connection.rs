//! One connection that is online, and the calls on it.
//!
//! A call is driven by whoever makes it: its frames go straight into the QUIC stream, with no
//! queue and no task between. A full window is the backpressure; a dropped stream of answers
//! stops the call in the cloud.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use synesis_transport::{
    Connection, Late, ReadError, RecvStream, SendStream, VarInt, WriteError, within,
};
use synesis_wire::limits::FRAME_BYTES_MAX;
use synesis_wire::proto::{Answer, Notice, answer};
use synesis_wire::{CloseCode, FrameDecoder, encode_frame};
use tokio::sync::Notify;

use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::limits::PATIENCE;
use crate::refusal;

/// A connection on which the server has answered.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) connection: Connection,
    calls: AtomicUsize,
    /// A call waits longer than it should: look at the line.
    pub(crate) worried: Notify,
    /// The last call has ended.
    pub(crate) idle: Notify,
}

impl Live {
    pub(crate) fn new(connection: Connection) -> Arc<Self> {
        Arc::new(Self {
            connection,
            calls: AtomicUsize::new(0),
            worried: Notify::new(),
            idle: Notify::new(),
        })
    }

    /// Calls that run now.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }

    /// Datagrams or messages received so far: the sign of life.
    pub(crate) fn received(&self) -> u64 {
        self.connection.received()
    }

    /// Starts a call: writes its first and only frame.
    pub(crate) async fn open(
        self: &Arc<Self>,
        call: &OutgoingCall,
    ) -> Result<AnswerStream, CloudError> {
        let running = Running::new(self);
        let (send, recv) = self
            .connection
            .open_bi()
            .await
            .map_err(|error| refusal::of_connection(&error))?;
        let mut stream = AnswerStream {
            send,
            recv,
            decoder: FrameDecoder::new(FRAME_BYTES_MAX),
            running,
            ended: false,
        };
        match stream
            .send
            .write_chunk(call.frame().as_bytes().clone())
            .await
        {
            // What can be cancelled keeps its half of the stream open: the reset of a half that
            // was finished and acknowledged would not be sent any more.
            Ok(()) if call.is_repeatable() => {
                // Closed only when the server has stopped reading, which its answer explains.
                let _ = stream.send.finish();
            }
            Ok(()) | Err(WriteError::Stopped(_)) => {}
            Err(WriteError::ConnectionLost(error)) => return Err(refusal::of_connection(&error)),
            Err(error) => return Err(CloudError::closed(error)),
        }
        Ok(stream)
    }

    /// Sends a notice on a stream of its own; there is no answer.
    pub(crate) async fn send(self: &Arc<Self>, notice: &Notice) -> Result<(), CloudError> {
        let frame = encode_frame(notice)?;
        let _running = Running::new(self);
        let mut stream = self
            .connection
            .open_uni()
            .await
            .map_err(|error| refusal::of_connection(&error))?;
        stream
            .write_chunk(frame.into_bytes())
            .await
            .map_err(|error| match error {
                WriteError::Stopped(code) => refusal::of_reset(code),
                WriteError::ConnectionLost(error) => refusal::of_connection(&error),
                other => CloudError::closed(other),
            })?;
        // Closed only when the server has stopped reading.
        let _ = stream.finish();
        Ok(())
    }
}

/// Counts a call as running until it is dropped.
#[derive(Debug)]
struct Running(Arc<Live>);

impl Running {
    fn new(live: &Arc<Live>) -> Self {
        live.calls.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(live))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.calls.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_one();
        }
    }
}

/// The answers to one call, in order. Dropping it before its end cancels the call in the cloud.
#[derive(Debug)]
pub struct AnswerStream {
    send: SendStream,
    recv: RecvStream,
    decoder: FrameDecoder,
    running: Running,
    ended: bool,
}

impl AnswerStream {
    /// The next answer, or `None` after the last. An error ends the stream.
    pub async fn next(&mut self) -> Option<Result<answer::Body, CloudError>> {
        if self.ended {
            return None;
        }
        let next = self.read(Some(PATIENCE)).await;
        if !matches!(next, Ok(Some(_))) {
            self.ended = true;
        }
        next.transpose()
    }

    /// The answer of a call that has only one.
    ///
    /// The caller has to look at the line where this takes long: [`Live::worried`].
    pub(crate) async fn only(&mut self) -> Result<answer::Body, CloudError> {
        let first = self.read(None).await;
        let Some(answer) = first.inspect_err(|_| self.ended = true)? else {
            self.ended = true;
            return Err(CloudError::Protocol("the stream ended without an answer"));
        };
        // The end comes with the answer, in the same packet. Where it was read nothing has to be
        // said; a stream that was only left would cost the server a packet for each call.
        match self.read(None).now_or_never() {
            Some(Ok(None)) => self.ended = true,
            _ => self.abandon(CloseCode::NoError),
        }
        Ok(answer)
    }

    /// Cancels the call in the cloud. The same as dropping it.
    pub fn cancel(self) {}

    /// Leaves the call without cancelling it: the cloud may go on, and be asked again.
    pub(crate) fn leave(mut self) {
        self.abandon(CloseCode::NoError);
    }

    fn abandon(&mut self, code: CloseCode) {
        if !std::mem::replace(&mut self.ended, true) {
            let code = VarInt::from_u32(code.as_u32());
            // Both fail only on streams that have ended already.
            let _ = self.send.reset(code);
            let _ = self.recv.stop(code);
        }
    }

    /// Reads the next answer. After `patience` the line is looked at.
    async fn read(
        &mut self,
        patience: Option<Duration>,
    ) -> Result<Option<answer::Body>, CloudError> {
        let mut answer = self.decoder.poll::<Answer>()?;
        loop {
            if let Some(answer) = answer {
                return match answer.body {
                    Some(answer::Body::Error(error)) => Err(refusal::of_call(error)),
                    Some(body) => Ok(Some(body)),
                    None => Err(CloudError::Protocol("an answer of a kind unknown here")),
                };
            }
            let reading = self.recv.read_chunk(FRAME_BYTES_MAX);
            let read = match patience {
                None => reading.await,
                Some(patience) => {
                    tokio::pin!(reading);
                    match within(patience, &mut reading).await {
                        Ok(read) => read,
                        Err(Late) => {
                            self.running.0.worried.notify_one();
                            reading.await
                        }
                    }
                }
            };
            answer = match read {
                Ok(Some(bytes)) => self.decoder.take(&bytes)?,
                Ok(None) => {
                    self.decoder.finish()?;
                    return Ok(None);
                }
                Err(ReadError::Reset(code)) => return Err(refusal::of_reset(code)),
                Err(ReadError::ConnectionLost(error)) => {
                    return Err(refusal::of_connection(&error));
                }
                Err(error) => return Err(CloudError::closed(error)),
            };
        }
    }
}

impl Drop for AnswerStream {
    fn drop(&mut self) {
        self.abandon(CloseCode::Cancelled);
    }
}
