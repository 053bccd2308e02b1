//! The tunnel: coming up, being refused, coming back.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use bytes::Bytes;
use synesis_cloud::{AuthCause, CloudError, CloudTunnel, Mend, OutgoingCall, TunnelState};
use synesis_testkit::{MockCloudServer, UdpRelay};
use synesis_wire::CloseCode;
use synesis_wire::proto::{Heartbeat, Notice, PingResponse, control, notice};

use crate::world::{World, config, next_state, question, read_all, soon, until};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);

#[tokio::test]
async fn states_are_told_in_order_from_connecting_to_goodbye() {
    let world = World::offline(&["x"]);
    let mut events = world.tunnel.events();
    assert!(!world.tunnel.is_connected());
    world.tunnel.connect().await.unwrap();
    assert!(world.tunnel.is_connected());
    assert_eq!(
        world
            .tunnel
            .server_status()
            .map(|status| status.server_version),
        Some("mock".to_owned())
    );
    world.tunnel.disconnect(Duration::ZERO).await;
    assert!(!world.tunnel.is_connected());
    assert_eq!(next_state(&mut events).await, "connecting");
    assert_eq!(next_state(&mut events).await, "connected");
    assert_eq!(next_state(&mut events).await, "disconnected");
    drop(world.tunnel);
    assert_eq!(next_state(&mut events).await, "gone");
}

#[tokio::test]
async fn ping_comes_back_unchanged_from_both_kinds_of_tunnel() {
    let world = World::online(&["x"]).await;
    assert_eq!(world.tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    let here = CloudTunnel::on_own_thread(config(&world.folder)).unwrap();
    here.connect().await.unwrap();
    assert_eq!(here.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
}

#[tokio::test]
async fn notice_arrives_on_a_stream_of_its_own() {
    let world = World::online(&["x"]).await;
    let heartbeat = Heartbeat {
        device_id: "device-of-the-notice".to_owned(),
        ..Heartbeat::default()
    };
    let notice = Notice {
        body: Some(notice::Body::Heartbeat(heartbeat)),
    };
    world.tunnel.send(&notice).await.unwrap();
    soon("the notice", world.server.noticed(1)).await;
    let bytes = world.server.received_bytes();
    assert!(
        bytes
            .windows(20)
            .any(|window| window == b"device-of-the-notice")
    );
}

#[tokio::test]
async fn call_without_a_connection_says_so_at_once() {
    let world = World::offline(&["x"]);
    let error = world.tunnel.ping(PAYLOAD).await.unwrap_err();
    assert!(
        matches!(error, CloudError::TunnelClosed { .. }),
        "{error:?}"
    );
}

/// Connects and gives the cause of the refusal, and the state after it.
async fn refused(
    write: impl FnOnce(&MockCloudServer, &std::path::Path),
) -> (AuthCause, TunnelState) {
    let server = MockCloudServer::start();
    let folder = tempfile::tempdir().unwrap();
    write(&server, folder.path());
    let tunnel = CloudTunnel::new(config(&folder));
    let error = soon("a refusal", tunnel.connect()).await.unwrap_err();
    assert!(!tunnel.is_connected());
    assert!(!error.is_retryable());
    assert_eq!(
        error.mend().and_then(Mend::command),
        Some("synesis cloud login")
    );
    let CloudError::AuthenticationFailed { cause } = error else {
        panic!("not about certificates: {error:?}");
    };
    (cause, tunnel.state())
}

/// Gives the cause of a refusal after which the tunnel must not try again.
async fn refusal(write: impl FnOnce(&MockCloudServer, &std::path::Path)) -> AuthCause {
    let (cause, state) = refused(write).await;
    assert!(matches!(state, TunnelState::Failed { .. }), "{state:?}");
    cause
}

#[tokio::test]
async fn server_of_another_authority_is_refused_here() {
    let cause = refusal(|server, folder| server.write_distrusting_identity(folder)).await;
    assert_eq!(cause, AuthCause::WrongCa);
}

#[tokio::test]
async fn device_of_another_cloud_is_not_online_after_the_handshake() {
    let cause = refusal(|server, folder| server.write_foreign_identity(folder)).await;
    assert_eq!(cause, AuthCause::Foreign);
}

#[tokio::test]
async fn expired_device_is_told_the_day_and_goes_on_asking_for_a_new_certificate() {
    let (cause, state) = refused(|server, folder| server.write_expired_identity(folder)).await;
    assert!(
        matches!(cause, AuthCause::Expired { on: Some(_) }),
        "{cause:?}"
    );
    // Nobody could be asked: that may change, as when a laptop wakes before its network does.
    assert!(
        matches!(state, TunnelState::Reconnecting { .. }),
        "{state:?}"
    );
}

#[tokio::test]
async fn device_that_is_late_by_the_clouds_clock_is_told_so() {
    let (cause, state) = refused(|server, folder| {
        server.write_identity(folder);
        server.turn_away(CloseCode::CertificateExpired);
    })
    .await;
    assert!(
        matches!(cause, AuthCause::Expired { on: Some(_) }),
        "{cause:?}"
    );
    assert!(
        matches!(state, TunnelState::Reconnecting { .. }),
        "{state:?}"
    );
}

#[tokio::test]
async fn revoked_device_is_told_so_and_its_live_connection_ends() {
    let cause = refusal(|server, folder| {
        server.write_identity(folder);
        server.turn_away(CloseCode::Revoked);
    })
    .await;
    assert_eq!(cause, AuthCause::Revoked);

    let world = World::online(&["x"]).await;
    let mut events = world.tunnel.events();
    world.server.turn_away(CloseCode::Revoked);
    until(&mut events, "failed").await;
}

#[tokio::test]
async fn server_under_another_name_is_refused() {
    let world = World::offline(&["x"]);
    let mut config = config(&world.folder);
    // The mock's certificate is for localhost and 127.0.0.1 only.
    let url = world.server.url().replace("127.0.0.1", "127.0.0.2");
    config.cloud_url = url.parse().unwrap();
    let relay = UdpSocket::bind(("127.0.0.2", world.server.address().port()));
    // Machines without the whole loopback network cannot ask this question.
    if relay.is_err() {
        return;
    }
    drop(relay);
    config.connect_timeout = Duration::from_millis(300);
    let tunnel = CloudTunnel::new(config);
    assert!(tunnel.connect().await.is_err());
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_in_words() {
    let server = MockCloudServer::start_speaking(b"synesis/9", &["x"]);
    let folder = tempfile::tempdir().unwrap();
    server.write_identity(folder.path());
    let tunnel = CloudTunnel::new(config(&folder));
    let error = soon("a refusal", tunnel.connect()).await.unwrap_err();
    assert!(matches!(error, CloudError::Version { .. }), "{error:?}");
    assert!(matches!(tunnel.state(), TunnelState::Failed { .. }));
}

#[tokio::test]
async fn silent_address_is_an_error_within_the_connect_timeout() {
    let world = World::offline(&["x"]);
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = config(&world.folder);
    config.cloud_url = format!("https://{}", nobody.local_addr().unwrap())
        .parse()
        .unwrap();
    config.connect_timeout = Duration::from_millis(200);
    config.max_reconnect_attempts = Some(1);
    let tunnel = CloudTunnel::new(config);
    let mut events = tunnel.events();
    let begun = Instant::now();
    let error = tunnel.connect().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert!(
        matches!(error, CloudError::ConnectionFailed { .. }),
        "{error:?}"
    );
    assert!(error.is_retryable());
    // It goes on by itself, as often as it may, and then says that it has failed.
    until(&mut events, "reconnecting 1").await;
    until(&mut events, "failed").await;
    assert!(tunnel.ping(PAYLOAD).await.is_err());
}

#[tokio::test]
async fn call_made_while_reconnecting_waits_and_is_answered() {
    let mut world = World::online(&["x"]).await;
    let mut events = world.tunnel.events();
    world.server.shutdown();
    until(&mut events, "reconnecting 1").await;
    let tunnel = world.tunnel.clone();
    let call = tokio::spawn(async move { tunnel.ping(PAYLOAD).await });
    world.server.restart();
    assert_eq!(
        soon("the answer", call).await.unwrap().unwrap().payload,
        PAYLOAD
    );
}

#[tokio::test]
async fn call_whose_deadline_passes_while_reconnecting_says_what_is_wrong() {
    let mut world = World::online(&["x"]).await;
    let mut events = world.tunnel.events();
    world.server.shutdown();
    until(&mut events, "reconnecting 1").await;
    let call = OutgoingCall::status(Duration::from_millis(50)).unwrap();
    let error = world.tunnel.request(&call).await.unwrap_err();
    assert!(
        matches!(error, CloudError::ConnectionFailed { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn killed_and_restarted_server_is_noticed_by_its_reset() {
    let mut world = World::online(&["x"]).await;
    world.server.restart();
    let begun = Instant::now();
    // The device knows nothing yet: the first packet of this call brings the reset.
    assert_eq!(world.tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "far below the idle timeout"
    );
    assert_eq!(world.server.connections_made(), 2);
}

#[tokio::test]
async fn drained_server_ends_the_running_stream_and_gets_no_new_call() {
    let world = World::online(&["one", "two"]).await;
    let mut events = world.tunnel.events();
    let mut controls = world.tunnel.controls();
    let mut hold = world.server.hold_after(1);
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    assert!(response.next().await.is_some());
    soon("the hold", hold.reached()).await;
    world.server.drain(10).await;
    until(&mut events, "reconnecting 1").await;
    until(&mut events, "connected").await;
    assert!(matches!(controls.recv().await, Ok(control::Body::Drain(_))));
    assert_eq!(world.server.connections_made(), 2);
    hold.release();
    let (pieces, _) = read_all(&mut response).await;
    assert_eq!(pieces, ["one", "two"]);
    assert_eq!(world.server.received_requests().len(), 1, "not asked again");
}

#[tokio::test]
async fn disconnect_lets_the_running_stream_end() {
    let world = World::online(&["one", "two"]).await;
    let mut hold = world.server.hold_after(1);
    let (escalation, gate) = question();
    let client = world.client();
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    assert!(response.next().await.is_some());
    soon("the hold", hold.reached()).await;
    let mut events = world.tunnel.events();
    let tunnel = world.tunnel.clone();
    let goodbye = tokio::spawn(async move { tunnel.disconnect(Duration::from_secs(10)).await });
    until(&mut events, "disconnected").await;
    assert!(world.tunnel.ping(PAYLOAD).await.is_err(), "no new calls");
    hold.release();
    let (pieces, _) = read_all(&mut response).await;
    assert_eq!(pieces, ["one", "two"]);
    soon("the goodbye", goodbye).await.unwrap();
}

/// A device whose line to the cloud can be cut.
async fn behind_a_relay(server: &MockCloudServer) -> (UdpRelay, CloudTunnel, tempfile::TempDir) {
    let relay = UdpRelay::start(server.address()).await;
    let folder = tempfile::tempdir().unwrap();
    server.write_identity_at(folder.path(), &relay.url());
    let tunnel = CloudTunnel::new(config(&folder));
    tunnel.connect().await.unwrap();
    (relay, tunnel, folder)
}

#[tokio::test]
async fn dead_path_is_left_for_a_new_socket_with_the_same_connection() {
    let server = MockCloudServer::start();
    let (relay, tunnel, _folder) = behind_a_relay(&server).await;
    relay.kill_known_paths();
    let begun = Instant::now();
    assert_eq!(
        soon("the answer", tunnel.ping(PAYLOAD))
            .await
            .unwrap()
            .payload,
        PAYLOAD
    );
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "before the connection is given up"
    );
    assert_eq!(server.connections_made(), 1);
}

#[tokio::test]
async fn network_change_moves_the_connection_to_a_new_socket() {
    let server = MockCloudServer::start();
    let (relay, tunnel, _folder) = behind_a_relay(&server).await;
    relay.kill_known_paths();
    tunnel.network_changed().await.unwrap();
    assert_eq!(
        soon("the answer", tunnel.ping(PAYLOAD))
            .await
            .unwrap()
            .payload,
        PAYLOAD
    );
    assert_eq!(server.connections_made(), 1);
}

/// A call on a line that fell silent, up to the moment when another connection is dialled.
async fn call_in_silence(
    relay: &UdpRelay,
    tunnel: &CloudTunnel,
) -> tokio::task::JoinHandle<Result<PingResponse, CloudError>> {
    let mut events = tunnel.events();
    relay.blackhole(true);
    let waiting = tunnel.clone();
    let call = tokio::spawn(async move { waiting.ping(PAYLOAD).await });
    until(&mut events, "reconnecting 1").await;
    call
}

#[tokio::test]
async fn silent_connection_that_is_heard_first_keeps_its_calls() {
    let server = MockCloudServer::start();
    let (relay, tunnel, _folder) = behind_a_relay(&server).await;
    let before = tunnel.state();
    let call = call_in_silence(&relay, &tunnel).await;
    // The new connection cannot win: its first packets are lost, and it waits longer and longer.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    relay.blackhole(false);
    let answer = soon("the answer", call).await.unwrap().unwrap();
    assert_eq!(answer.payload, PAYLOAD);
    // The answer may come over the old connection before the tunnel has looked at it.
    let again = async {
        while !tunnel.is_connected() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon("a connection", again).await;
    let metrics = tunnel.metrics();
    assert_eq!(metrics.revivals + metrics.connections, 2, "{metrics:?}");
    if metrics.revivals == 1 {
        assert_eq!(server.connections_made(), 1);
        assert_eq!(format!("{:?}", tunnel.state()), format!("{before:?}"));
    }
}

#[tokio::test]
async fn silent_connection_that_is_gone_for_good_is_replaced() {
    let mut server = MockCloudServer::start();
    let (relay, tunnel, _folder) = behind_a_relay(&server).await;
    let call = call_in_silence(&relay, &tunnel).await;
    server.restart();
    relay.blackhole(false);
    let answer = soon("the answer", call).await.unwrap().unwrap();
    assert_eq!(answer.payload, PAYLOAD);
    assert_eq!(server.connections_made(), 2);
    let metrics = tunnel.metrics();
    assert_eq!((metrics.revivals, metrics.connections), (0, 2));
}
