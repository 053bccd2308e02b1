//! A relay of our own between a device and a cloud: it swallows, loses and delays datagrams, and
//! forgets where they came from, as networks do. It needs no rights. TCP on the same port number
//! passes through beside it.

mod line;

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{AbortHandle, JoinHandle};

use crate::seed::SeededRng;
use line::{Way, way};

const DATAGRAM_BYTES_MAX: usize = 65_536;
/// How often a free port is tried that only one of the two protocols got.
const PORT_TRIES_MAX: usize = 16;

/// What the relay does to what passes.
#[derive(Debug)]
struct Line {
    deaf: AtomicBool,
    tcp_deaf: AtomicBool,
    dead: Mutex<HashSet<SocketAddr>>,
    known: Mutex<HashMap<SocketAddr, Path>>,
    delay_us: AtomicU64,
    loss_per_mille: AtomicU64,
    chance: Mutex<SeededRng>,
    passed: AtomicU64,
}

/// The way of one client's socket to the server and back.
#[derive(Debug)]
struct Path {
    there: Way,
    back: AbortHandle,
}

/// A relay on a port of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct UdpRelay {
    address: SocketAddr,
    line: Arc<Line>,
    tasks: [JoinHandle<()>; 2],
}

impl UdpRelay {
    /// Relays to this server, UDP and TCP.
    pub async fn start(server: SocketAddr) -> Self {
        let (socket, listener) = bind().await;
        let address = socket.local_addr().expect("a bound socket");
        let line = Arc::new(Line {
            deaf: AtomicBool::default(),
            tcp_deaf: AtomicBool::default(),
            dead: Mutex::default(),
            known: Mutex::default(),
            delay_us: AtomicU64::default(),
            loss_per_mille: AtomicU64::default(),
            chance: Mutex::new(SeededRng::new(7)),
            passed: AtomicU64::default(),
        });
        let udp = tokio::spawn(relay(Arc::new(socket), server, Arc::clone(&line)));
        let tcp = tokio::spawn(relay_tcp(listener, server, Arc::clone(&line)));
        Self {
            address,
            line,
            tasks: [udp, tcp],
        }
    }

    /// The address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }

    /// The address for clients.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Swallows all datagrams in both directions, until told otherwise.
    pub fn blackhole(&self, deaf: bool) {
        self.line.deaf.store(deaf, Ordering::SeqCst);
    }

    /// Accepts no TCP connections and cuts those that there are, until told otherwise.
    pub fn refuse_tcp(&self, deaf: bool) {
        self.line.tcp_deaf.store(deaf, Ordering::SeqCst);
    }

    /// Delays each datagram by this much, in each direction.
    pub fn delay(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.line.delay_us.store(micros, Ordering::SeqCst);
    }

    /// Loses so many of a thousand datagrams, in each direction.
    pub fn lose(&self, per_mille: u64) {
        self.line.loss_per_mille.store(per_mille, Ordering::SeqCst);
    }

    /// Swallows everything of the client sockets that were seen so far: their path is dead, a new
    /// socket works.
    pub fn kill_known_paths(&self) {
        let known = lock(&self.line.known);
        lock(&self.line.dead).extend(known.keys());
    }

    /// Forgets from where it sent for each client, as a NAT does after a silence: the server sees
    /// the next datagram come from another port.
    pub fn forget_mappings(&self) {
        for (_, path) in lock(&self.line.known).drain() {
            path.back.abort();
        }
    }

    /// Datagrams that passed so far, in both directions.
    #[must_use]
    pub fn datagrams(&self) -> u64 {
        self.line.passed.load(Ordering::SeqCst)
    }
}

impl Drop for UdpRelay {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        for path in lock(&self.line.known).values() {
            path.back.abort();
        }
    }
}

/// Both protocols on one port number.
async fn bind() -> (UdpSocket, TcpListener) {
    for _ in 0..PORT_TRIES_MAX {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        if let Ok(socket) = UdpSocket::bind(address).await {
            return (socket, listener);
        }
    }
    panic!("no port number is free for both protocols");
}

async fn relay(socket: Arc<UdpSocket>, server: SocketAddr, line: Arc<Line>) {
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
    while let Ok((length, client)) = socket.recv_from(&mut datagram).await {
        let known = lock(&line.known)
            .get(&client)
            .map(|path| path.there.clone());
        let there = match known {
            Some(there) => there,
            None => add_client(&socket, server, client, &line).await,
        };
        if line.passes(client) {
            there.send(datagram.get(..length).unwrap_or_default(), line.delay());
        }
    }
}

impl Line {
    fn passes(&self, client: SocketAddr) -> bool {
        if self.deaf.load(Ordering::SeqCst) || lock(&self.dead).contains(&client) {
            return false;
        }
        let loss = self.loss_per_mille.load(Ordering::SeqCst);
        let passes = loss == 0 || lock(&self.chance).next_u64() % 1000 >= loss;
        if passes {
            self.passed.fetch_add(1, Ordering::SeqCst);
        }
        passes
    }

    fn delay(&self) -> Duration {
        Duration::from_micros(self.delay_us.load(Ordering::SeqCst))
    }
}

async fn add_client(
    socket: &Arc<UdpSocket>,
    server: SocketAddr,
    client: SocketAddr,
    line: &Arc<Line>,
) -> Way {
    let upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    upstream.connect(server).await.expect("a loopback address");
    let upstream = Arc::new(upstream);
    let there = way(Arc::clone(&upstream), None);
    let back = way(Arc::clone(socket), Some(client));
    let returning = tokio::spawn({
        let line = Arc::clone(line);
        async move {
            let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
            loop {
                // An error tells that the server's port is closed: it may open again.
                if let Ok(length) = upstream.recv(&mut datagram).await
                    && line.passes(client)
                {
                    back.send(datagram.get(..length).unwrap_or_default(), line.delay());
                }
            }
        }
    });
    let path = Path {
        there: there.clone(),
        back: returning.abort_handle(),
    };
    lock(&line.known).insert(client, path);
    there
}

async fn relay_tcp(listener: TcpListener, server: SocketAddr, line: Arc<Line>) {
    while let Ok((mut client, _)) = listener.accept().await {
        if line.tcp_deaf.load(Ordering::SeqCst) {
            continue;
        }
        let line = Arc::clone(&line);
        tokio::spawn(async move {
            let Ok(mut upstream) = TcpStream::connect(server).await else {
                return;
            };
            let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
            let cut = async {
                while !line.tcp_deaf.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
                () = cut => {}
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
