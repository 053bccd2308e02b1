//! Calls about the devices of the caller's account.

use synesis_domain::{Device, DeviceCommand, DeviceId};
use synesis_transport::Transport;
use synesis_wire::{CloseCode, ErrorCode, proto};

use crate::call::Fault;
use crate::clock;
use crate::cloud::Cloud;
use crate::hub::Link;
use crate::presence::Beat;
use crate::store::StoreError;

/// Lists the devices of the caller's account.
pub(crate) async fn list(cloud: &Cloud, link: &Link) -> Result<proto::DevicesResponse, Fault> {
    let user = link.claims.user;
    let known = cloud
        .store
        .run(move |books| {
            books
                .devices_of(user)?
                .into_iter()
                .map(|device| {
                    let beat = books.beat(device.id())?;
                    Ok((device, beat))
                })
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    let devices = known.into_iter().filter_map(|(device, written)| {
        let beat = cloud.presence.fresh(device.id()).or(written);
        let transport = cloud.hub.transport_of(device.id());
        info(&device, beat, transport)
    });
    Ok(proto::DevicesResponse {
        devices: devices.collect(),
    })
}

fn info(
    device: &Device,
    beat: Option<Beat>,
    transport: Option<Transport>,
) -> Option<proto::DeviceInfo> {
    let enrolment = device.enrolment()?;
    Some(proto::DeviceInfo {
        device_id: device.id().to_string(),
        name: enrolment.name.to_string(),
        enrolled_at: enrolment.at.as_millis(),
        revoked_at: device
            .revoked_at()
            .map(synesis_domain::Timestamp::as_millis),
        online: transport.is_some(),
        transport: transport.map_or_else(String::new, |transport| transport.name().to_owned()),
        last_heartbeat: beat.map(|beat| beat.at.as_millis()),
        vitals: beat.map(|beat| beat.vitals.into_wire()),
        certificate_not_after: device
            .certificate_end()
            .map_or(0, synesis_domain::Timestamp::as_millis),
    })
}

/// Puts a device of the caller's account out, and closes its connections. A device of another
/// account is as unknown as one that never was.
pub(crate) async fn revoke(
    cloud: &Cloud,
    link: &Link,
    request: proto::RevokeDeviceRequest,
) -> Result<proto::RevokeDeviceResponse, Fault> {
    let device: DeviceId = request
        .device_id
        .parse()
        .map_err(|error| Fault::new(ErrorCode::BadRequest, format!("the device id: {error}")))?;
    let user = link.claims.user;
    let revoked = cloud
        .store
        .run(move |books| {
            let owner = books.device(device)?.enrolment().map(|known| known.user);
            if owner != Some(user) {
                return Ok(false);
            }
            let done = books.device_command(device, clock::now(), &DeviceCommand::Revoke)?;
            Ok(done.is_ok())
        })
        .await?;
    if !revoked {
        let words = format!("this account has no device {device}");
        return Err(Fault::new(ErrorCode::BadRequest, words));
    }
    tracing::info!(%device, by = %link.claims.device, "a device was revoked");
    let reason = "this device was revoked by its owner";
    let closed = cloud
        .hub
        .close_device(device, CloseCode::Revoked, reason, link);
    Ok(proto::RevokeDeviceResponse {
        connections_closed: u32::try_from(closed).unwrap_or(u32::MAX),
    })
}
