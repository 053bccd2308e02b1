//! One direction of a path: datagrams in order, each at its time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Datagrams under way in one direction; what is more is lost, as in any queue.
const UNDER_WAY_MAX: usize = 16_384;

/// Where datagrams are handed in.
#[derive(Debug, Clone)]
pub(super) struct Way(mpsc::Sender<(Instant, Vec<u8>)>);

impl Way {
    pub(super) fn send(&self, datagram: &[u8], delay: Duration) {
        // A lost datagram is what a relay is for.
        let _ = self.0.try_send((Instant::now() + delay, datagram.to_vec()));
    }
}

/// A way out of a socket, to a client or to where the socket is connected.
pub(super) fn way(socket: Arc<UdpSocket>, client: Option<SocketAddr>) -> Way {
    let (hand_in, mut out) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY_MAX);
    tokio::spawn(async move {
        while let Some((at, datagram)) = out.recv().await {
            sleep_until(at).await;
            let _ = match client {
                Some(client) => socket.send_to(&datagram, client).await,
                None => socket.send(&datagram).await,
            };
        }
    });
    Way(hand_in)
}
