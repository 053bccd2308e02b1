//! Clients that mean no good: nothing they do ends the server, or holds up another device.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use prost::Message as _;
use synesis_wire::limits::PING_BYTES_MAX;
use synesis_wire::proto::tunnel_message::Body;
use synesis_wire::proto::{
    DeviceVitals, Heartbeat, Notice, PingRequest, TunnelMessage, TunnelProof, call, notice,
};
use synesis_wire::websocket::{NONCE_BYTES, PATH, SUBPROTOCOL};
use synesis_wire::{CloseCode, encode_frame};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::client::{Device, PATIENCE, Stream, World, client_tls, ping};

#[tokio::test]
async fn ten_thousand_streams_leave_the_other_device_alone() {
    let world = World::new().await;
    let (hostile, other) = (world.enrol().await, world.enrol().await);
    let (flood, other) = (
        hostile.connect().await.unwrap(),
        other.connect().await.unwrap(),
    );
    for round in 0..100 {
        for _ in 0..100 {
            // Opened, half a frame, left alone, stopped: all that a stream can suffer.
            let mut stream = Stream::raw(&flood, &[200, 1, 2]).await;
            let _ = stream.send.reset(7_u32.into());
        }
        if round % 20 == 0 {
            ping(&other).await;
        }
    }
    ping(&other).await;
    ping(&flood).await;
}

#[tokio::test]
async fn readers_that_take_nothing_hold_up_nobody() {
    let world = World::with(|config| config.calls_per_second = 100_000).await;
    let (slow, other) = (world.enrol().await, world.enrol().await);
    let (slow, other) = (
        slow.connect().await.unwrap(),
        other.connect().await.unwrap(),
    );
    // More answers than the windows hold, and none is read.
    let mut unread = Vec::new();
    for _ in 0..60 {
        let payload = Bytes::from(vec![7; PING_BYTES_MAX]);
        unread.push(Stream::open(&slow, call::Body::Ping(PingRequest { payload })).await);
    }
    for _ in 0..50 {
        ping(&other).await;
    }
    drop(unread);
    ping(&slow).await;
}

#[tokio::test]
async fn notices_that_lie_are_stopped_and_the_connection_stays() {
    let world = World::new().await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let beat = |device_id: &str, cpu_usage: f32| {
        let notice = Notice {
            body: Some(notice::Body::Heartbeat(Heartbeat {
                device_id: device_id.to_owned(),
                timestamp: 1,
                vitals: Some(DeviceVitals {
                    cpu_usage,
                    ..DeviceVitals::default()
                }),
            })),
        };
        encode_frame(&notice).unwrap().into_bytes()
    };
    let own = device.enrolled.device_id.as_str();
    let lies: [(&str, Bytes); 5] = [
        (
            "for another device",
            beat("0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6d", 0.5),
        ),
        ("more than all of it", beat(own, 7.0)),
        ("no number", beat(own, f32::NAN)),
        ("no frame", Bytes::from_static(&[0xff; 9])),
        ("too large", Bytes::from_static(&[0x81, 0x80, 0x10])),
    ];
    for (case, bytes) in lies {
        let mut stream = connection.open_uni().await.unwrap();
        stream.write_chunk(bytes).await.unwrap();
        let stopped = tokio::time::timeout(PATIENCE, stream.stopped()).await;
        let code = stopped.unwrap_or_else(|_| panic!("{case}: not stopped"));
        assert_eq!(
            code.unwrap(),
            Some(CloseCode::Protocol.as_u32().into()),
            "{case}"
        );
    }
    ping(&connection).await;
}

type Socket = WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>;

/// A WebSocket up to the server's challenge.
async fn websocket(
    addr: SocketAddr,
    ca_pem: &str,
    subprotocol: Option<&str>,
) -> Result<Socket, u16> {
    let mut tls = client_tls(ca_pem, None);
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let tcp = TcpStream::connect(addr).await.unwrap();
    let stream = tokio_rustls::TlsConnector::from(std::sync::Arc::new(tls))
        .connect("127.0.0.1".try_into().unwrap(), tcp)
        .await
        .unwrap();
    // Post-quantum where both ends have it.
    assert_eq!(
        stream
            .get_ref()
            .1
            .negotiated_key_exchange_group()
            .map(|group| group.name()),
        Some(rustls::NamedGroup::X25519MLKEM768)
    );
    let mut request = format!("wss://{addr}{PATH}").into_client_request().unwrap();
    if let Some(name) = subprotocol {
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", name.parse().unwrap());
    }
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// The next message of the cloud; `None` once it has closed.
async fn next(socket: &mut Socket) -> Option<Body> {
    let next = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
    match next? {
        Ok(Message::Binary(bytes)) => TunnelMessage::decode(bytes).unwrap().body,
        _ => None,
    }
}

async fn say(socket: &mut Socket, stream: u64, body: Body) {
    let message = TunnelMessage {
        stream,
        body: Some(body),
    };
    let bytes = message.encode_to_vec().into();
    socket.send(Message::Binary(bytes)).await.unwrap();
}

/// A WebSocket of a device that was let in.
async fn let_in(addr: SocketAddr, device: &Device) -> Socket {
    let mut socket = websocket(addr, &device.enrolled.ca_pem, Some(SUBPROTOCOL))
        .await
        .unwrap();
    let Some(Body::Challenge(challenge)) = next(&mut socket).await else {
        panic!("no challenge");
    };
    assert_eq!(challenge.nonce.len(), NONCE_BYTES);
    say(&mut socket, 0, Body::Proof(device.proof(&challenge.nonce))).await;
    assert!(matches!(next(&mut socket).await, Some(Body::Welcome(_))));
    socket
}

#[tokio::test]
async fn websocket_of_another_version_is_told_so() {
    let world = World::new().await;
    let ca = world.enrol().await.enrolled.ca_pem;
    let addr = world.server.addr();
    for subprotocol in [None, Some("synesis.v99")] {
        let refused = websocket(addr, &ca, subprotocol).await.unwrap_err();
        assert_eq!(refused, 426);
    }
}

#[tokio::test]
async fn greetings_that_prove_nothing_are_turned_away() {
    let world = World::new().await;
    let device = world.enrol().await;
    let addr = world.server.addr();
    let ca = &device.enrolled.ca_pem;
    // A proof over another nonce: what was overheard is worth nothing.
    let replayed = device.proof(&[7; NONCE_BYTES]);
    let empty = TunnelProof::default();
    for proof in [replayed, empty] {
        let mut socket = websocket(addr, ca, Some(SUBPROTOCOL)).await.unwrap();
        next(&mut socket).await;
        say(&mut socket, 0, Body::Proof(proof)).await;
        let Some(Body::Close(close)) = next(&mut socket).await else {
            panic!("it was not turned away");
        };
        assert_eq!(close.code, CloseCode::Unauthenticated.as_u32());
    }
    // Asking before proving.
    let mut socket = websocket(addr, ca, Some(SUBPROTOCOL)).await.unwrap();
    next(&mut socket).await;
    say(&mut socket, 0, Body::Data(Bytes::from_static(b"x"))).await;
    assert!(next(&mut socket).await.is_none());
    let_in(addr, &device).await;
}

#[tokio::test]
async fn websocket_that_breaks_the_rules_is_closed_with_the_reason_and_others_go_on() {
    let world = World::new().await;
    let device = world.enrol().await;
    let bystander = world.enrol().await.connect().await.unwrap();
    let addr = world.server.addr();
    let much = || Body::Data(Bytes::from(vec![0; 60_000]));
    let cases: Vec<(&str, Vec<(u64, Body)>)> = vec![
        ("a stream of the cloud", vec![(3, much())]),
        ("too many streams", vec![(4_000, much())]),
        (
            "a second proof",
            vec![(0, Body::Proof(TunnelProof::default()))],
        ),
    ];
    for (case, messages) in cases {
        let mut socket = let_in(addr, &device).await;
        for (stream, body) in messages {
            say(&mut socket, stream, body).await;
        }
        let closed = async {
            loop {
                match next(&mut socket).await {
                    Some(Body::Close(close)) => return close,
                    Some(_) => {}
                    None => panic!("{case}: closed without a word"),
                }
            }
        };
        let close = tokio::time::timeout(Duration::from_secs(10), closed)
            .await
            .unwrap_or_else(|_| panic!("{case}: not closed"));
        assert_eq!(close.code, CloseCode::Protocol.as_u32(), "{case}");
        assert!(!close.reason.is_empty(), "{case}");
    }
    // No message at all, and one that is too large: the connection ends, the server does not.
    for bytes in [vec![0xff; 30], vec![0; 100_000]] {
        let mut socket = let_in(addr, &device).await;
        let _ = socket.send(Message::Binary(bytes.into())).await;
        while next(&mut socket).await.is_some() {}
    }
    ping(&bystander).await;
    let_in(addr, &device).await;
}
