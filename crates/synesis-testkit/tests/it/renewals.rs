//! Certificates that renew themselves.

use std::time::Duration;

use bytes::Bytes;
use synesis_cloud::{AuthCause, CloudError, Identity};

use crate::world::{World, eventually, soon};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);

fn not_after(device: &crate::world::Device) -> i64 {
    Identity::open(device.folder.path())
        .unwrap()
        .not_after()
        .as_millis()
}

#[tokio::test]
async fn certificate_renews_itself_over_the_tunnel_and_the_connection_goes_on() {
    let world = World::with(|config| config.certificate_life = Duration::from_secs(4)).await;
    let device = world.device().await;
    let first = not_after(&device);
    let tunnel = device.online().await;
    let mut events = tunnel.events();
    eventually("a second renewal", async || {
        assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
        not_after(&device) > first + 4_000
    })
    .await;
    // It never was anything but connected: the new connection was there before the old one ended.
    tunnel.disconnect(Duration::ZERO).await;
    let state = soon("the goodbye", events.next()).await;
    assert!(
        matches!(state, Some(synesis_cloud::TunnelState::Disconnected)),
        "{state:?}"
    );
}

#[tokio::test]
async fn device_that_slept_past_the_end_renews_over_https_unless_it_was_revoked() {
    let world = World::with(|config| config.certificate_life = Duration::from_secs(2)).await;
    let (sleeper, revoked) = (world.device().await, world.device().await);
    let ended = not_after(&sleeper).max(not_after(&revoked));
    let id = revoked.config().device_id;
    synesis_server::revoke_device(world.dir.path(), id)
        .unwrap()
        .unwrap();
    eventually("the end of the certificates", async || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .is_ok_and(|now| now.as_millis() > ended.unsigned_abs().into())
    })
    .await;
    let tunnel = sleeper.online().await;
    assert_eq!(tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
    assert!(not_after(&sleeper) > ended);

    let error = soon("a refusal", revoked.tunnel().connect())
        .await
        .unwrap_err();
    let CloudError::AuthenticationFailed { cause } = error else {
        panic!("{error:?}");
    };
    assert_eq!(cause, AuthCause::Revoked);
}
