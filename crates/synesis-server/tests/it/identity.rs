//! Who is let in: full and resumed handshakes, with every certificate that is not good.

use std::time::Duration;

use synesis_server::revoke_device;
use synesis_wire::CloseCode;
use synesis_wire::proto::{RenewRequest, answer, call};

use crate::backend::{Backend, on_both};
use crate::client::{
    World, alert, ask, client_tls, close_code, connect, endpoint, ping, refusal, signing_request,
};

const ALERT_CERTIFICATE_EXPIRED: u64 = 45;
const ALERT_UNKNOWN_CA: u64 = 48;
const ALERT_CERTIFICATE_REQUIRED: u64 = 116;

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let world = World::new().await;
    let ca = world.enrol().await.enrolled.ca_pem;
    let endpoint = endpoint(client_tls(&ca, None));
    let error = refusal(connect(&endpoint, world.server.addr()).await).await;
    assert_eq!(alert(&error), Some(ALERT_CERTIFICATE_REQUIRED), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_cloud_is_refused() {
    let (world, other) = (World::new().await, World::new().await);
    let (ours, theirs) = (world.enrol().await, other.enrol().await);
    let identity = (
        theirs.enrolled.certificate_pem.as_str(),
        theirs.key.serialize_pem(),
    );
    let tls = client_tls(&ours.enrolled.ca_pem, Some((identity.0, &identity.1)));
    let error = refusal(connect(&endpoint(tls), world.server.addr()).await).await;
    assert_eq!(alert(&error), Some(ALERT_UNKNOWN_CA), "{error}");
}

#[tokio::test]
async fn an_expired_certificate_is_out_live_resumed_and_afresh() {
    let world = World::with(|config| config.certificate_life = Duration::from_secs(3)).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    ping(&connection).await;
    // The server itself ends the connection when the certificate ends.
    let error = refusal(Ok(connection)).await;
    let expired = u64::from(CloseCode::CertificateExpired.as_u32());
    assert_eq!(close_code(&error), Some(expired), "{error}");
    // TLS counts in whole seconds; until it refuses too, the server's own check does.
    loop {
        let error = refusal(device.afresh().connect().await).await;
        if alert(&error) == Some(ALERT_CERTIFICATE_EXPIRED) {
            break;
        }
        assert_eq!(close_code(&error), Some(expired), "full: {error}");
    }
    // A resumed session skips TLS's check: here only the server's is left.
    let error = refusal(device.connect().await).await;
    assert_eq!(close_code(&error), Some(expired), "resumed: {error}");
}

async fn a_revoked_device_is_out_live_resumed_and_afresh(backend: Backend) {
    let world = World::on(backend).await;
    let (device, bystander) = (world.enrol().await, world.enrol().await);
    let connection = device.connect().await.unwrap();
    let other = bystander.connect().await.unwrap();
    ping(&connection).await;
    let id = device.enrolled.device_id.parse().unwrap();
    revoke_device(world.place(), id).unwrap().unwrap();
    let revoked = u64::from(CloseCode::Revoked.as_u32());
    let started = std::time::Instant::now();
    let live = refusal(Ok(connection)).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    let resumed = refusal(device.connect().await).await;
    let afresh = refusal(device.afresh().connect().await).await;
    for error in [live, resumed, afresh] {
        assert_eq!(close_code(&error), Some(revoked), "{error}");
    }
    ping(&other).await;
}

async fn a_device_renews_its_certificate_over_the_tunnel(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let renew = |csr_pem: String| call::Body::Renew(RenewRequest { csr_pem });
    let answer::Body::Renew(renewed) = ask(&connection, renew(signing_request(&device.key))).await
    else {
        panic!("not renewed");
    };
    ping(
        &device
            .with_certificate(&renewed.certificate_pem)
            .connect()
            .await
            .unwrap(),
    )
    .await;
    // The old one is good until its end.
    ping(&device.afresh().connect().await.unwrap()).await;
    let refused = ask(&connection, renew("no request".to_owned())).await;
    assert!(matches!(refused, answer::Body::Error(error) if error.code == "bad_request"));
}

#[tokio::test]
async fn a_device_with_too_many_connections_loses_its_oldest() {
    let world = World::new().await;
    let device = world.enrol().await;
    let mut connections = Vec::new();
    for _ in 0..9 {
        let connection = device.connect().await.unwrap();
        ping(&connection).await;
        connections.push(connection);
    }
    let error = refusal(Ok(connections.remove(0))).await;
    let duplicate = u64::from(CloseCode::DuplicateDevice.as_u32());
    assert_eq!(close_code(&error), Some(duplicate), "{error}");
    for connection in connections {
        ping(&connection).await;
    }
}

#[tokio::test]
async fn nothing_is_taken_before_the_handshake_has_ended() {
    let world = World::new().await;
    let device = world.enrol().await;
    let key_pem = device.key.serialize_pem();
    let enrolled = &device.enrolled;
    let mut tls = client_tls(
        &enrolled.ca_pem,
        Some((enrolled.certificate_pem.as_str(), key_pem.as_str())),
    );
    // What is sent early can be sent again by whoever overheard it.
    tls.enable_early_data = true;
    let endpoint = endpoint(tls);
    let connection = connect(&endpoint, world.server.addr()).await.unwrap();
    ping(&connection).await;
    connection.close(0_u32.into(), b"");
    let again = endpoint.connect(world.server.addr(), "localhost").unwrap();
    let Err(connecting) = again.into_0rtt() else {
        panic!("the server's ticket allows early data");
    };
    ping(&connecting.await.unwrap()).await;
}
on_both!(
    a_revoked_device_is_out_live_resumed_and_afresh,
    a_device_renews_its_certificate_over_the_tunnel
);
