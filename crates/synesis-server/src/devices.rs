//! Devices, as a command beside the server sees and revokes them.
//!
//! The servers notice within a second that a device was revoked, and close its connections.

use serde::Serialize;
use synesis_domain::{Device, DeviceCommand, DeviceId, DeviceRefusal};

use crate::clock;
use crate::store::{Books, CloudPlace, StoreError};

/// A device that was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceSummary {
    /// Its id.
    pub device_id: String,
    /// Whose device it is.
    pub user_id: String,
    /// What its owner calls it.
    pub name: String,
    /// Since when, in Unix milliseconds.
    pub enrolled_at: i64,
    /// When it was revoked, in Unix milliseconds.
    pub revoked_at: Option<i64>,
}

impl DeviceSummary {
    fn of(device: &Device) -> Option<Self> {
        let enrolment = device.enrolment()?;
        Some(Self {
            device_id: device.id().to_string(),
            user_id: enrolment.user.to_string(),
            name: enrolment.name.to_string(),
            enrolled_at: enrolment.at.as_millis(),
            revoked_at: device
                .revoked_at()
                .map(synesis_domain::Timestamp::as_millis),
        })
    }
}

/// Every device of the cloud in this folder, in the order in which they were enrolled.
///
/// # Errors
/// When the folder holds no cloud, or its database cannot be read.
pub fn list_devices(cloud: impl Into<CloudPlace>) -> Result<Vec<DeviceSummary>, StoreError> {
    let devices = cloud.into().once(Books::devices)?;
    Ok(devices.iter().filter_map(DeviceSummary::of).collect())
}

/// Revokes a device for good, beside a running server or without one. Revoking twice is no error.
///
/// # Errors
/// When the folder holds no cloud, its database cannot be written, or there is no such device
/// (the inner error).
pub fn revoke_device(
    cloud: impl Into<CloudPlace>,
    device: DeviceId,
) -> Result<Result<(), DeviceRefusal>, StoreError> {
    cloud
        .into()
        .once(|books| books.device_command(device, clock::now(), &DeviceCommand::Revoke))
}
