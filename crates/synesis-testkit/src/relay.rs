//! A UDP relay of our own between a device and a cloud: it swallows what the test says, and needs
//! no rights.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::UdpSocket;
use tokio::task::{AbortHandle, JoinHandle};

const DATAGRAM_BYTES_MAX: usize = 65_536;

#[derive(Debug, Default)]
struct Line {
    deaf: AtomicBool,
    dead: Mutex<HashSet<SocketAddr>>,
    known: Mutex<HashMap<SocketAddr, (Arc<UdpSocket>, AbortHandle)>>,
}

/// A relay on a port of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct UdpRelay {
    address: SocketAddr,
    line: Arc<Line>,
    task: JoinHandle<()>,
}

impl UdpRelay {
    /// Relays to this server.
    pub async fn start(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = socket.local_addr().expect("a bound socket");
        let line = Arc::new(Line::default());
        let task = tokio::spawn(relay(Arc::new(socket), server, Arc::clone(&line)));
        Self {
            address,
            line,
            task,
        }
    }

    /// The address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }

    /// Swallows everything in both directions, until told otherwise.
    pub fn blackhole(&self, deaf: bool) {
        self.line.deaf.store(deaf, Ordering::SeqCst);
    }

    /// Swallows everything of the client sockets that were seen so far: their path is dead, a new
    /// socket works.
    pub fn kill_known_paths(&self) {
        let known = lock(&self.line.known);
        lock(&self.line.dead).extend(known.keys());
    }
}

impl Drop for UdpRelay {
    fn drop(&mut self) {
        self.task.abort();
        for (_, back) in lock(&self.line.known).values() {
            back.abort();
        }
    }
}

async fn relay(socket: Arc<UdpSocket>, server: SocketAddr, line: Arc<Line>) {
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
    while let Ok((length, client)) = socket.recv_from(&mut datagram).await {
        let upstream = match lock(&line.known).get(&client) {
            Some((upstream, _)) => Some(Arc::clone(upstream)),
            None => None,
        };
        let upstream = match upstream {
            Some(upstream) => upstream,
            None => add_client(&socket, server, client, &line).await,
        };
        if line.passes(client) {
            // A lost datagram is what a relay is for.
            let _ = upstream
                .send(datagram.get(..length).unwrap_or_default())
                .await;
        }
    }
}

impl Line {
    fn passes(&self, client: SocketAddr) -> bool {
        !self.deaf.load(Ordering::SeqCst) && !lock(&self.dead).contains(&client)
    }
}

async fn add_client(
    socket: &Arc<UdpSocket>,
    server: SocketAddr,
    client: SocketAddr,
    line: &Arc<Line>,
) -> Arc<UdpSocket> {
    let upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    upstream.connect(server).await.expect("a loopback address");
    let upstream = Arc::new(upstream);
    let back = tokio::spawn({
        let (upstream, socket, line) =
            (Arc::clone(&upstream), Arc::clone(socket), Arc::clone(line));
        async move {
            let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
            loop {
                // An error tells that the server's port is closed: it may open again.
                if let Ok(length) = upstream.recv(&mut datagram).await
                    && line.passes(client)
                {
                    let _ = socket
                        .send_to(datagram.get(..length).unwrap_or_default(), client)
                        .await;
                }
            }
        }
    });
    lock(&line.known).insert(client, (Arc::clone(&upstream), back.abort_handle()));
    upstream
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
