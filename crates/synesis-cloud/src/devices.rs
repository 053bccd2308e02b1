//! The devices of this account, as the cloud knows them.

use synesis_domain::{DeviceId, Timestamp};
use synesis_wire::proto::{DeviceInfo, DeviceVitals, answer};

use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::tunnel::CloudTunnel;

/// A device of this account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeviceSummary {
    /// Which.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// What carries its connection now, if it has one: "quic" or "websocket".
    pub transport: Option<String>,
    /// When its last heartbeat arrived, by the cloud's clock.
    pub last_heartbeat: Option<Timestamp>,
    /// What that said.
    pub vitals: Option<DeviceVitals>,
    /// The end of its newest certificate.
    pub certificate_not_after: Timestamp,
}

impl DeviceSummary {
    fn of(info: DeviceInfo) -> Result<Self, CloudError> {
        let id = info
            .device_id
            .parse()
            .map_err(|_| CloudError::Protocol("it names a device by no device id"))?;
        let at = Timestamp::from_millis;
        Ok(Self {
            id,
            name: info.name,
            enrolled_at: at(info.enrolled_at),
            revoked_at: info.revoked_at.map(at),
            transport: info.online.then_some(info.transport),
            last_heartbeat: info.last_heartbeat.map(at),
            vitals: info.vitals,
            certificate_not_after: at(info.certificate_not_after),
        })
    }
}

impl CloudTunnel {
    /// The devices of this account, in the order in which they were enrolled.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn devices(&self) -> Result<Vec<DeviceSummary>, CloudError> {
        let call = OutgoingCall::devices(self.config().request_timeout)?;
        match self.request(&call).await? {
            answer::Body::Devices(list) => {
                list.devices.into_iter().map(DeviceSummary::of).collect()
            }
            _ => Err(CloudError::Protocol(
                "devices were asked for, something else came",
            )),
        }
    }

    /// Puts a device of this account out for good. Says how many connections of it were closed.
    ///
    /// # Errors
    /// As [`request`](Self::request); when the account has no such device.
    pub async fn revoke_device(&self, device: DeviceId) -> Result<u32, CloudError> {
        let call = OutgoingCall::revoke_device(device, self.config().request_timeout)?;
        match self.request(&call).await? {
            answer::Body::RevokeDevice(done) => Ok(done.connections_closed),
            _ => Err(CloudError::Protocol(
                "a revocation was sent, something else came",
            )),
        }
    }
}
