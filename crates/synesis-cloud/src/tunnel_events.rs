//! The changes of a tunnel's state, as a stream.

use std::pin::Pin;

use futures::Stream;
use tokio::sync::broadcast;

use crate::tunnel::TunnelState;

/// The changes of a tunnel's state. A listener that is too slow misses the oldest ones.
pub struct TunnelEvents(Pin<Box<dyn Stream<Item = TunnelState> + Send>>);

impl TunnelEvents {
    pub(crate) fn new(receiver: broadcast::Receiver<TunnelState>) -> Self {
        Self(Box::pin(futures::stream::unfold(
            receiver,
            |mut receiver| async {
                loop {
                    match receiver.recv().await {
                        Ok(state) => return Some((state, receiver)),
                        Err(broadcast::error::RecvError::Lagged(_)) => {}
                        Err(broadcast::error::RecvError::Closed) => return None,
                    }
                }
            },
        )))
    }

    /// The next change, or `None` when the tunnel is gone.
    pub async fn next(&mut self) -> Option<TunnelState> {
        futures::StreamExt::next(&mut self.0).await
    }
}

impl Stream for TunnelEvents {
    type Item = TunnelState;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<TunnelState>> {
        self.0.as_mut().poll_next(context)
    }
}
