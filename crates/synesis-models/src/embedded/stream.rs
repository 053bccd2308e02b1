//! The reader's end of an answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::command::Handle;
use crate::engine::GenEvent;
use crate::error::EngineError;
use crate::limits::EVENTS_BEHIND_MAX;

/// Events that a step may produce at most; a sequence works only while there is room for them.
pub(super) const EVENTS_PER_STEP: usize = 3;

/// The events of one answer. Reading makes room, which wakes a sequence that waited for it;
/// dropping ends the answer.
pub(super) struct EventStream {
    events: Receiver<Result<GenEvent, EngineError>>,
    handle: Arc<Handle>,
    /// Until it was cancelled, which a thread at rest must be told.
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    ended: bool,
}

impl EventStream {
    pub(super) fn new(
        events: Receiver<Result<GenEvent, EngineError>>,
        handle: Arc<Handle>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            events,
            handle,
            cancelled: Some(Box::pin(cancel.cancelled_owned())),
            ended: false,
        }
    }
}

impl Stream for EventStream {
    type Item = Result<GenEvent, EngineError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match self.events.poll_recv(cx) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                let waiting = self.cancelled.as_mut().map(|wait| wait.as_mut().poll(cx));
                if waiting.is_some_and(|waiting| waiting.is_ready()) {
                    self.cancelled = None;
                    self.handle.wake();
                }
                return Poll::Pending;
            }
        };
        if self.events.len() + 2 * EVENTS_PER_STEP >= EVENTS_BEHIND_MAX {
            self.handle.wake();
        }
        self.ended = !matches!(
            next,
            Some(Ok(GenEvent::Prefill { .. } | GenEvent::Text { .. }))
        );
        // A thread that is gone without a closing event did not finish the answer.
        Poll::Ready(Some(next.unwrap_or(Err(EngineError::Closed))))
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.events.close();
        self.handle.wake();
    }
}
