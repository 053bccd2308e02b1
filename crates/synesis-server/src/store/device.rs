//! Devices: load, decide, append. They are read afresh each time, so that what a command beside the
//! server revoked counts at once.

use synesis_domain::{Device, DeviceCommand, DeviceEvent, DeviceId, DeviceRefusal, Timestamp};

use super::{Books, StoreError, event};

impl Books {
    /// A device, as its history made it.
    pub(crate) fn device(&mut self, id: DeviceId) -> Result<Device, StoreError> {
        let mut device = Device::new(id);
        event::replay(&self.connection, *id.as_bytes(), |event: &DeviceEvent| {
            device.apply(event);
        })?;
        Ok(device)
    }

    /// Does what a command asks of a device.
    pub(crate) fn device_command(
        &mut self,
        id: DeviceId,
        now: Timestamp,
        command: &DeviceCommand,
    ) -> Result<Result<(), DeviceRefusal>, StoreError> {
        let events = match self.device(id)?.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        event::append(&self.connection, *id.as_bytes(), &events)?;
        Ok(Ok(()))
    }

    /// Every device that was ever enrolled.
    pub(crate) fn devices(&mut self) -> Result<Vec<Device>, StoreError> {
        use super::event::Stored;
        let ids: Vec<DeviceId> = self
            .connection
            .prepare_cached("SELECT stream FROM events WHERE kind = ?1 AND version = 1")?
            .query_map([DeviceEvent::KIND], |row| {
                row.get(0).map(DeviceId::from_bytes)
            })?
            .collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| self.device(id)).collect()
    }
}
