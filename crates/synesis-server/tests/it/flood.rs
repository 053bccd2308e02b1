//! More handshakes than the server wants under way: whoever comes then has to prove its address first,
//! and gets in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::client::{PATIENCE, World, client_tls, endpoint, ping};

/// Handshakes that are never ended: more than the server takes without a proof of the address.
const UNENDED: usize = 80;

/// TCP connections on which nothing is said: more than the server keeps open.
const WAITING: usize = 1_200;

/// Passes datagrams on to the server. What comes back is counted, and passed on or not.
async fn forward(server: SocketAddr, answers: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let upstream = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    upstream.connect(server).await.unwrap();
    let address = socket.local_addr().unwrap();
    let (retries, client) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(std::sync::Mutex::new(None)),
    );
    tokio::spawn({
        let (socket, upstream, client) = (
            Arc::clone(&socket),
            Arc::clone(&upstream),
            Arc::clone(&client),
        );
        async move {
            let mut datagram = vec![0; 65_536];
            while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
                *client.lock().unwrap() = Some(from);
                let _ = upstream.send(&datagram[..length]).await;
            }
        }
    });
    let counted = Arc::clone(&retries);
    tokio::spawn(async move {
        let mut datagram = vec![0; 65_536];
        while let Ok(length) = upstream.recv(&mut datagram).await {
            // The long header of a Retry (RFC 9000, section 17.2.5).
            if datagram[0] & 0xf0 == 0xf0 {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            let back = *client.lock().unwrap();
            if let Some(client) = back.filter(|_| answers) {
                let _ = socket.send_to(&datagram[..length], client).await;
            }
        }
    });
    (address, retries)
}

#[tokio::test]
async fn a_flood_of_handshakes_makes_newcomers_prove_their_address_and_lets_them_in() {
    let world = World::new().await;
    let device = world.enrol().await;
    let server = world.server.addr();
    let (quiet, retries) = forward(server, true).await;
    let device = device.at(quiet);
    ping(&device.connect().await.unwrap()).await;
    assert_eq!(
        retries.load(Ordering::SeqCst),
        0,
        "not asked in quiet times"
    );

    let (deaf, refused) = forward(server, false).await;
    let flood = endpoint(client_tls(&device.enrolled.ca_pem, None));
    let unended: Vec<_> = (0..UNENDED)
        .map(|_| flood.connect(deaf, "localhost").unwrap())
        .collect();
    let noticed = async {
        while refused.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, noticed)
        .await
        .expect("the flood was let in");
    ping(&device.afresh().connect().await.unwrap()).await;
    assert!(retries.load(Ordering::SeqCst) > 0, "nothing to prove");
    drop(unended);
}

#[tokio::test]
async fn connections_that_only_wait_make_room_for_others() {
    // Both ends are in this process.
    let files = (0..2 * WAITING + 100).map(|_| tempfile::tempfile());
    if let Err(reason) = files.collect::<Result<Vec<_>, _>>() {
        println!("skipped: this process may not open so many files: {reason}");
        return;
    }
    let world = World::new().await;
    let device = world.enrol().await;
    let addr = world.server.addr();
    let mut waiting = Vec::new();
    for _ in 0..WAITING {
        waiting.push(tokio::net::TcpStream::connect(addr).await.unwrap());
    }
    let begun = std::time::Instant::now();
    world.enrol().await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    ping(&device.connect().await.unwrap()).await;
}
