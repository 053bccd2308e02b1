//! Who is revoked is out at once, on every way in.

use synesis_cloud::{AuthCause, CloudError, TransportChoice, TunnelState};

use crate::world::{World, soon, until};

#[tokio::test]
async fn revoked_device_is_out_at_once_over_quic_and_over_the_websocket() {
    let world = World::new().await;
    let owner = world.device().await.online().await;
    for transport in [TransportChoice::QuicOnly, TransportChoice::WebSocketOnly] {
        let device = world.device().await;
        let mut config = device.config();
        config.transport = transport;
        let tunnel = synesis_cloud::CloudTunnel::new(config);
        soon("a connection", tunnel.connect()).await.unwrap();
        let mut events = tunnel.events();
        let closed = owner
            .revoke_device(device.config().device_id)
            .await
            .unwrap();
        assert_eq!(closed, 1);
        until(&mut events, |state| {
            matches!(
                state,
                TunnelState::Failed {
                    error: CloudError::AuthenticationFailed {
                        cause: AuthCause::Revoked
                    }
                }
            )
        })
        .await;
        let error = soon("a refusal", tunnel.connect()).await.unwrap_err();
        assert!(
            matches!(
                error,
                CloudError::AuthenticationFailed {
                    cause: AuthCause::Revoked
                }
            ),
            "{transport:?}: {error:?}"
        );
    }
    let devices = owner.devices().await.unwrap();
    let revoked = devices.iter().filter(|device| device.revoked_at.is_some());
    assert_eq!(revoked.count(), 2);
}

#[tokio::test]
async fn device_of_another_account_is_as_unknown_as_none() {
    let world = World::new().await;
    let owner = world.device().await.online().await;
    let token =
        synesis_server::create_token(world.dir.path(), None, std::time::Duration::from_secs(60))
            .unwrap();
    let stranger = world.device_with(&token.token).await;
    let theirs = stranger.config().device_id;
    let nobody = synesis_domain::DeviceId::from_bytes([9; 16]);
    let refusals = [
        owner.revoke_device(theirs).await.unwrap_err().to_string(),
        owner.revoke_device(nobody).await.unwrap_err().to_string(),
    ];
    assert_eq!(
        refusals[0].replace(&theirs.to_string(), "ID"),
        refusals[1].replace(&nobody.to_string(), "ID")
    );
    let tunnel = stranger.online().await;
    assert_eq!(tunnel.devices().await.unwrap().len(), 1);
    assert_eq!(owner.devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn device_that_revokes_itself_still_hears_that_it_worked() {
    let world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    let mut events = tunnel.events();
    let closed = tunnel.revoke_device(device.config().device_id).await;
    assert_eq!(closed.unwrap(), 1);
    until(&mut events, |state| {
        matches!(state, TunnelState::Failed { .. })
    })
    .await;
}
