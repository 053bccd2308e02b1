//! A socket below QUIC that can be exchanged for another.
//!
//! quinn can rebind an endpoint itself, but where a connection ends in the same moment its endpoint
//! panics over an event of a connection that it has forgotten (noq issue 465 describes it). Below of
//! it nothing has to be told: the next datagram leaves from the new address, and the server sees the
//! same connection come from there, as after a change of address on the way.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};

/// The socket that is used now.
#[derive(Debug)]
pub(super) struct MovableSocket(Mutex<Bound>);

#[derive(Debug)]
struct Bound {
    now: Arc<dyn AsyncUdpSocket>,
    /// What was sent to the last address may still arrive there.
    before: Option<Arc<dyn AsyncUdpSocket>>,
    exchanges: u64,
    reader: Option<Waker>,
}

impl MovableSocket {
    pub(super) fn new(socket: Arc<dyn AsyncUdpSocket>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Bound {
            now: socket,
            before: None,
            exchanges: 0,
            reader: None,
        })))
    }

    /// Sends from another socket from now on.
    pub(super) fn exchange(&self, socket: Arc<dyn AsyncUdpSocket>) {
        let mut bound = self.bound();
        bound.before = Some(std::mem::replace(&mut bound.now, socket));
        bound.exchanges += 1;
        // Whoever waits for datagrams has to wait at the new one.
        let reader = bound.reader.take();
        drop(bound);
        reader.into_iter().for_each(Waker::wake);
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Arc<dyn AsyncUdpSocket> {
        Arc::clone(&self.bound().now)
    }
}

impl AsyncUdpSocket for MovableSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(MovablePoller {
            socket: self,
            known: None,
        })
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.now().try_send(transmit)
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut bound = self.bound();
        let received = bound.now.poll_recv(context, buffers, meta);
        if received.is_ready() {
            bound.before = None;
            return received;
        }
        bound.reader = Some(context.waker().clone());
        let late = bound
            .before
            .as_ref()
            .map(|before| before.poll_recv(context, buffers, meta));
        match late {
            Some(Poll::Ready(Ok(count))) => Poll::Ready(Ok(count)),
            Some(Poll::Ready(Err(_))) => {
                bound.before = None;
                Poll::Pending
            }
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.now().local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.now().max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.now().max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.now().may_fragment()
    }
}

/// Waits until the socket that is used now can be written.
#[derive(Debug)]
struct MovablePoller {
    socket: Arc<MovableSocket>,
    known: Option<(u64, Pin<Box<dyn UdpPoller>>)>,
}

impl UdpPoller for MovablePoller {
    fn poll_writable(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (exchanges, now) = {
            let bound = self.socket.bound();
            (bound.exchanges, Arc::clone(&bound.now))
        };
        let known = self.known.take().filter(|(of, _)| *of == exchanges);
        let (_, poller) = self
            .known
            .insert(known.unwrap_or_else(|| (exchanges, now.create_io_poller())));
        poller.as_mut().poll_writable(context)
    }
}
