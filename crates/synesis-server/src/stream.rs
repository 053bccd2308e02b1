//! One bidirectional stream, as frames: the call that came and the answers that go back.

use std::time::Duration;

use futures::FutureExt as _;
use synesis_transport::{
    ConnectionError, ReadError, RecvStream, SendStream, StoppedError, VarInt, WriteError, within,
};
use synesis_wire::proto::{Answer, Call, CallError, answer};
use synesis_wire::{CloseCode, ErrorCode, Frame, FrameDecoder, FrameError, encode_frame};

use crate::limits::{ANSWER_WRITE_TIMEOUT, CALL_FRAME_TIMEOUT};

/// Why no call came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoCall {
    /// The frame is wrong: the caller is told.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The frame did not arrive in time: the caller is told.
    #[error("the call did not arrive within {} s", CALL_FRAME_TIMEOUT.as_secs())]
    Late,
    /// The caller gave up, or the connection ended: there is nobody to tell.
    #[error("the caller went away")]
    Gone,
}

impl NoCall {
    /// What the caller is told; nothing where there is nobody to tell.
    pub(crate) const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Frame(FrameError::TooLarge { .. }) => Some(ErrorCode::TooLarge),
            Self::Frame(_) => Some(ErrorCode::BadRequest),
            Self::Late => Some(ErrorCode::Deadline),
            Self::Gone => None,
        }
    }
}

/// Reads the first frame of a stream.
pub(crate) async fn read_call(recv: &mut RecvStream) -> Result<Call, NoCall> {
    within(CALL_FRAME_TIMEOUT, read_frame(recv))
        .await
        .unwrap_or(Err(NoCall::Late))
}

async fn read_frame(recv: &mut RecvStream) -> Result<Call, NoCall> {
    let mut decoder = FrameDecoder::default();
    loop {
        match recv.read_chunk(64 * 1024).await {
            Ok(Some(bytes)) => {
                if let Some(call) = decoder.take(&bytes)? {
                    return Ok(call);
                }
            }
            Ok(None) => {
                decoder.finish()?;
                // A stream that ended before it began asks nothing.
                return Err(NoCall::Frame(FrameError::Truncated));
            }
            Err(_) => return Err(NoCall::Gone),
        }
    }
}

/// Takes note of the end of a call that has come with it. A stream whose end nobody read would be
/// stopped when it is dropped, which costs a packet for each call.
pub(crate) fn note_end(recv: &mut RecvStream) {
    let _ = recv.read_chunk(1).now_or_never();
}

/// How a caller ends a call before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallerGone {
    /// On purpose: the stream was cancelled, or the connection closed.
    Cancelled,
    /// By leaving this stream, without saying that the call is to end.
    Left,
    /// Not on purpose: the connection was lost.
    Lost,
}

impl CallerGone {
    fn by_code(code: VarInt) -> Self {
        match CloseCode::from_u64(code.into_inner()) {
            Some(CloseCode::Cancelled) => Self::Cancelled,
            _ => Self::Left,
        }
    }

    fn by_connection(error: &ConnectionError) -> Self {
        match error {
            // The device goes on over another connection, and will ask there.
            ConnectionError::ApplicationClosed(closed)
                if CloseCode::from_u64(closed.error_code.into_inner())
                    == Some(CloseCode::DuplicateDevice) =>
            {
                Self::Lost
            }
            // The process ended its connection in an orderly way.
            ConnectionError::ApplicationClosed(_) => Self::Left,
            _ => Self::Lost,
        }
    }

    pub(crate) fn by_stop(stopped: Result<Option<VarInt>, StoppedError>) -> Self {
        match stopped {
            Ok(Some(code)) => Self::by_code(code),
            Err(StoppedError::ConnectionLost(error)) => Self::by_connection(&error),
            Ok(None) | Err(StoppedError::ZeroRttRejected) => Self::Left,
        }
    }

    pub(crate) fn by_write(error: &WriteError) -> Self {
        match error {
            WriteError::Stopped(code) => Self::by_code(*code),
            WriteError::ConnectionLost(error) => Self::by_connection(error),
            WriteError::ClosedStream | WriteError::ZeroRttRejected => Self::Left,
        }
    }
}

/// Ends when the caller resets its half of the stream or the connection ends. A caller that only
/// finished its half is still there.
pub(crate) async fn caller_gone(recv: &mut RecvStream) -> CallerGone {
    loop {
        match recv.read_chunk(64 * 1024).await {
            // Nothing may follow the call; what comes anyway is thrown away.
            Ok(Some(_)) => {}
            Ok(None) => std::future::pending().await,
            Err(ReadError::Reset(code)) => return CallerGone::by_code(code),
            Err(ReadError::ConnectionLost(error)) => return CallerGone::by_connection(&error),
            Err(_) => return CallerGone::Left,
        }
    }
}

/// Writes one answer. One that is over the limit of a frame, which would be a bug here, resets the
/// stream instead.
pub(crate) async fn write(send: &mut SendStream, body: answer::Body) -> Result<(), WriteError> {
    write_frame(send, framed(body)).await
}

/// An answer that is encoded, or why it cannot be. Much smaller than the answer: futures that wait
/// to write it stay small too.
pub(crate) struct Framed(Result<Frame, FrameError>);

/// Encodes an answer.
pub(crate) fn framed(body: answer::Body) -> Framed {
    Framed(encode_frame(&Answer { body: Some(body) }))
}

async fn write_frame(send: &mut SendStream, Framed(frame): Framed) -> Result<(), WriteError> {
    match frame {
        Ok(frame) => send.write_chunk(frame.into_bytes()).await,
        Err(error) => {
            tracing::error!(%error, "an answer was not sent");
            let _ = send.reset(CloseCode::Internal.as_u32().into());
            Err(WriteError::ClosedStream)
        }
    }
}

/// Writes the only answer of a call, ends the stream, and waits until the caller has it.
pub(crate) async fn finish_with(send: &mut SendStream, answer: Framed) {
    if write_only(send, answer).await {
        finish(send).await;
    }
}

/// Writes the only answer of a call. A reader that takes nothing loses it.
async fn write_only(send: &mut SendStream, answer: Framed) -> bool {
    match within(ANSWER_WRITE_TIMEOUT, write_frame(send, answer)).await {
        Ok(written) => written.is_ok(),
        Err(_) => {
            let _ = send.reset(CloseCode::Deadline.as_u32().into());
            false
        }
    }
}

/// Writes the only answer of a call and ends the stream, without waiting for it to arrive: for
/// calls that can be asked again. A drain leaves what is on its way a moment.
pub(crate) async fn answer_with(send: &mut SendStream, answer: Framed) {
    if write_only(send, answer).await {
        let _ = send.finish();
    }
}

/// Ends the stream and waits until the caller has all of it, so that a shutdown that waits for
/// calls cuts off nothing.
pub(crate) async fn finish(send: &mut SendStream) {
    if send.finish().is_ok() {
        let _ = within(ANSWER_WRITE_TIMEOUT, send.stopped()).await;
    }
}

/// Answers a stream whose call cannot be read. The connection stays.
pub(crate) async fn refuse(send: &mut SendStream, recv: &mut RecvStream, fault: &NoCall) {
    let Some(code) = fault.code() else { return };
    let stop = match fault {
        NoCall::Frame(FrameError::TooLarge { .. }) => CloseCode::TooLarge,
        NoCall::Late => CloseCode::Deadline,
        NoCall::Frame(_) | NoCall::Gone => CloseCode::Protocol,
    };
    let _ = recv.stop(stop.as_u32().into());
    finish_with(send, framed(error(code, fault.to_string()))).await;
}

/// An answer that says why a call was not done.
pub(crate) fn error(code: ErrorCode, message: impl Into<String>) -> answer::Body {
    answer::Body::Error(CallError {
        code: code.as_str().to_owned(),
        message: message.into(),
        retry_after_ms: None,
    })
}

/// How long a caller waits, from what the call says.
pub(crate) fn deadline(call: &Call) -> Option<Duration> {
    (call.deadline_ms > 0).then(|| {
        let ms = call.deadline_ms.min(synesis_wire::limits::DEADLINE_MS_MAX);
        Duration::from_millis(u64::from(ms))
    })
}
