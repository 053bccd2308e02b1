//! Where a tunnel stands, and the changes of that as a stream.

use std::pin::Pin;

use futures::Stream;
use synesis_domain::Timestamp;
use tokio::sync::broadcast;

use crate::error::CloudError;

/// Where the tunnel stands.
#[derive(Debug, Clone)]
pub enum TunnelState {
    /// Not wanted, or said goodbye.
    Disconnected,
    /// The first attempt.
    Connecting,
    /// The server has answered.
    Connected {
        /// Since when.
        since: Timestamp,
    },
    /// The connection was lost; coming back.
    Reconnecting {
        /// Counts from 1.
        attempt: u32,
    },
    /// Given up; `connect` tries again.
    Failed {
        /// Why.
        error: CloudError,
    },
}

impl TunnelState {
    /// The same state with the same numbers; errors are not compared.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Connected { since: a }, Self::Connected { since: b }) => a == b,
            (Self::Reconnecting { attempt: a }, Self::Reconnecting { attempt: b }) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

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
