//! What networks do: lose, delay, forget, fall silent.

use std::time::Duration;

use bytes::Bytes;
use synesis_cloud::{CloudError, OutgoingCall, Transport};
use synesis_testkit::UdpRelay;

use crate::world::{ANSWER, World, eventually, soon, words};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);

#[tokio::test]
async fn lossy_slow_line_only_takes_longer() {
    let world = World::new().await;
    world.relay.delay(Duration::from_millis(5));
    world.relay.lose(50);
    let device = world.device().await;
    let mut config = device.config();
    config.connect_timeout = Duration::from_secs(20);
    config.transport = synesis_cloud::TransportChoice::QuicOnly;
    let tunnel = synesis_cloud::CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    for _ in 0..20 {
        assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    }
    let mut answer = device.ask(&tunnel, |_| {}).await;
    assert_eq!(words(&mut answer).await, ANSWER);
}

#[tokio::test]
async fn nat_that_forgets_costs_no_call() {
    let world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    let mut answer = device.ask(&tunnel, |_| {}).await;
    for _ in 0..5 {
        world.relay.forget_mappings();
        assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    }
    assert_eq!(words(&mut answer).await, ANSWER);
    assert_eq!(tunnel.transport(), Some(Transport::Quic));
}

#[tokio::test]
async fn address_that_dies_in_a_stream_is_left_and_the_answer_goes_on() {
    let world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    let mut answer = device.ask(&tunnel, |_| {}).await;
    world.relay.kill_known_paths();
    assert_eq!(words(&mut answer).await, ANSWER);
}

#[tokio::test]
async fn outage_in_a_stream_ends_with_the_same_answer() {
    let world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    let mut answer = device.ask(&tunnel, |_| {}).await;
    assert!(soon("a chunk", answer.next()).await.is_some());
    world.relay.blackhole(true);
    world.relay.refuse_tcp(true);
    // Somebody who waits is what makes the silence count.
    let reading = tokio::spawn(async move { words(&mut answer).await });
    eventually("the loss to be noticed", async || !tunnel.is_connected()).await;
    world.relay.blackhole(false);
    world.relay.refuse_tcp(false);
    let rest = soon("the answer", reading).await.unwrap();
    assert!(ANSWER.ends_with(&rest), "{rest}");
}

#[tokio::test]
async fn half_open_connection_is_noticed_when_it_is_needed() {
    let mut world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    // The server is gone without a goodbye, and another answers in its place.
    let server = World::server(world.dir.path().join("other").as_path(), |_| {}).await;
    let _ = std::mem::replace(&mut world.relay, UdpRelay::start(server.addr()).await);
    let call = OutgoingCall::ping(PAYLOAD, Duration::from_secs(4)).unwrap();
    let error = soon("an error", tunnel.request(&call)).await.unwrap_err();
    assert!(
        matches!(
            error,
            CloudError::Timeout { .. } | CloudError::ConnectionFailed { .. }
        ),
        "{error:?}"
    );
    assert!(!tunnel.is_connected());
}
