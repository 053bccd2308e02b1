//! A network in memory: datagrams that are lost, late, out of order, or cut off, by a seed.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};
use synesis_testkit::SeededRng;

use crate::dial::Network;

/// What the network does to what passes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    pub(super) lost_per_mille: u64,
    /// Each datagram takes at least so long in each direction.
    pub(super) delay: Duration,
    /// And up to so much longer, each by itself: they overtake each other.
    pub(super) jitter: Duration,
    pub(super) cut: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Net(Arc<Mutex<Wires>>);

#[derive(Debug)]
struct Wires {
    inboxes: HashMap<SocketAddr, Inbox>,
    faults: Faults,
    dice: SeededRng,
    next_port: u16,
}

#[derive(Debug, Default)]
struct Inbox {
    datagrams: VecDeque<(SocketAddr, Vec<u8>)>,
    waker: Option<Waker>,
}

impl Net {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Wires {
            inboxes: HashMap::new(),
            faults: Faults::default(),
            dice: SeededRng::new(seed),
            next_port: 1_000,
        })))
    }

    pub(super) fn set(&self, faults: Faults) {
        self.wires().faults = faults;
    }

    pub(super) fn cut(&self, cut: bool) {
        self.wires().faults.cut = cut;
    }

    pub(super) fn socket(&self) -> Arc<dyn AsyncUdpSocket> {
        let mut wires = self.wires();
        wires.next_port += 1;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, wires.next_port));
        wires.inboxes.insert(address, Inbox::default());
        drop(wires);
        Arc::new(Socket {
            net: self.clone(),
            address,
        })
    }

    fn wires(&self) -> MutexGuard<'_, Wires> {
        self.0.lock().unwrap()
    }

    fn send(&self, from: SocketAddr, to: SocketAddr, datagram: Vec<u8>) {
        let mut wires = self.wires();
        let faults = wires.faults;
        let lost = wires.dice.next_u64() % 1_000 < faults.lost_per_mille;
        let late = wires.dice.next_u64() % (faults.jitter.as_micros() as u64 + 1);
        if faults.cut || lost {
            return;
        }
        drop(wires);
        let net = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(faults.delay + Duration::from_micros(late)).await;
            let mut wires = net.wires();
            if let Some(inbox) = wires.inboxes.get_mut(&to) {
                inbox.datagrams.push_back((from, datagram));
                inbox.waker.take().into_iter().for_each(Waker::wake);
            }
        });
    }
}

impl Network for Net {
    fn bind(&self, _: &SocketAddr) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(self.socket())
    }
}

#[derive(Debug)]
struct Socket {
    net: Net,
    address: SocketAddr,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.net.wires().inboxes.remove(&self.address);
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.net.send(
            self.address,
            transmit.destination,
            transmit.contents.to_vec(),
        );
        Ok(())
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut wires = self.net.wires();
        let inbox = wires.inboxes.get_mut(&self.address).unwrap();
        let Some((addr, datagram)) = inbox.datagrams.pop_front() else {
            inbox.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        buffers[0][..datagram.len()].copy_from_slice(&datagram);
        meta[0] = RecvMeta {
            addr,
            len: datagram.len(),
            stride: datagram.len(),
            ecn: None,
            dst_ip: None,
        };
        Poll::Ready(Ok(1))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
