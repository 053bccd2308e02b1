//! The WebSocket where UDP does not get through, and the way back.

use std::time::Duration;

use bytes::Bytes;
use synesis_cloud::{AuthCause, CloudError, Transport, TransportChoice, TunnelState};

use crate::world::{ANSWER, World, eventually, soon, until, words};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);

#[tokio::test]
async fn blocked_udp_is_gone_round_and_the_answer_streams_over_the_websocket() {
    let world = World::new().await;
    world.relay.blackhole(true);
    let device = world.device().await;
    let tunnel = device.online().await;
    assert_eq!(tunnel.transport(), Some(Transport::WebSocket));
    assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    let mut answer = device.ask(&tunnel, |_| {}).await;
    assert_eq!(words(&mut answer).await, ANSWER);
    assert!(tunnel.rtt().is_some_and(|rtt| rtt > Duration::ZERO));
}

#[tokio::test]
async fn tunnel_goes_back_to_quic_without_losing_the_call_that_runs() {
    let world = World::new().await;
    world.relay.blackhole(true);
    let device = world.device().await;
    let mut config = device.config();
    config.quic_probe_interval = Duration::from_millis(50);
    let tunnel = synesis_cloud::CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    let mut events = tunnel.events();
    let mut answer = device.ask(&tunnel, |_| {}).await;
    world.relay.blackhole(false);
    eventually("QUIC again", async || {
        tunnel.transport() == Some(Transport::Quic)
    })
    .await;
    assert_eq!(words(&mut answer).await, ANSWER);
    assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    let metrics = tunnel.metrics();
    assert_eq!((metrics.connections, metrics.websocket_connections), (2, 1));
    assert_eq!((metrics.changeovers, metrics.losses), (1, 0));
    let line = metrics.line.unwrap();
    assert_eq!(line.transport, Transport::Quic);
    assert!(line.quic.is_some_and(|quic| quic.bytes_received > 0));
    tunnel.disconnect(Duration::ZERO).await;
    // It was online all the time: nothing but the goodbye is told.
    assert!(matches!(
        soon("the goodbye", events.next()).await,
        Some(TunnelState::Disconnected)
    ));
}

#[tokio::test]
async fn cut_websocket_comes_back_and_the_answer_goes_on() {
    let world = World::new().await;
    world.relay.blackhole(true);
    let device = world.device().await;
    let tunnel = device.online().await;
    let mut events = tunnel.events();
    let mut answer = device.ask(&tunnel, |_| {}).await;
    let first = soon("a chunk", answer.next()).await;
    assert!(first.is_some());
    world.relay.refuse_tcp(true);
    until(&mut events, |state| {
        matches!(state, TunnelState::Reconnecting { .. })
    })
    .await;
    world.relay.refuse_tcp(false);
    let rest = words(&mut answer).await;
    assert!(
        ANSWER.ends_with(&rest) && rest.ends_with("word10 "),
        "{rest}"
    );
}

#[tokio::test]
async fn websocket_refuses_whoever_cannot_prove_the_device() {
    let (world, other) = (World::new().await, World::new().await);
    let (device, stranger) = (world.device().await, other.device().await);
    let only_websocket = |folder: &std::path::Path| {
        let mut config = device.config();
        config.transport = TransportChoice::WebSocketOnly;
        config.cert_path = folder.join("certificate.pem");
        config.key_path = folder.join("key.pem");
        synesis_cloud::CloudTunnel::new(config)
    };
    let tunnel = only_websocket(stranger.folder.path());
    let error = soon("a refusal", tunnel.connect()).await.unwrap_err();
    let CloudError::AuthenticationFailed { cause } = error else {
        panic!("{error:?}");
    };
    assert_eq!(cause, AuthCause::UnknownDevice);

    // The right certificate, but another's key: the signature does not fit.
    let mixed = tempfile::tempdir().unwrap();
    let copy = |from: &std::path::Path, name: &str| {
        std::fs::copy(from.join(name), mixed.path().join(name)).unwrap();
    };
    copy(device.folder.path(), "certificate.pem");
    copy(stranger.folder.path(), "key.pem");
    let tunnel = only_websocket(mixed.path());
    let error = soon("a refusal", tunnel.connect()).await.unwrap_err();
    assert!(
        matches!(error, CloudError::AuthenticationFailed { .. }),
        "{error:?}"
    );

    let tunnel = only_websocket(device.folder.path());
    soon("a connection", tunnel.connect()).await.unwrap();
}

#[tokio::test]
async fn server_that_goes_away_lets_a_call_over_the_websocket_end() {
    let world = World::new().await;
    let device = world.device().await;
    let mut config = device.config();
    config.transport = TransportChoice::WebSocketOnly;
    let tunnel = synesis_cloud::CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    let mut answer = device.ask(&tunnel, |_| {}).await;
    let first = soon("a chunk", answer.next()).await;
    assert!(first.is_some());
    let leaving = tokio::spawn(world.server.shutdown(Duration::from_secs(10)));
    let rest = words(&mut answer).await;
    assert!(rest.ends_with("word10 "), "{rest}");
    soon("the server's end", leaving).await.unwrap();
}
