//! Devices: load, decide, append. They are read afresh each time, so that what a command beside the
//! server revoked counts at once.

use synesis_domain::{
    ChainHead, Device, DeviceCommand, DeviceEvent, DeviceId, DeviceRefusal, Timestamp, UserId,
};

use super::sql::values;
use super::{Books, StoreError, event};

impl Books {
    /// A device, as its history made it.
    pub(crate) fn device(&mut self, id: DeviceId) -> Result<Device, StoreError> {
        self.device_and_head(id).map(|(device, _)| device)
    }

    fn device_and_head(&mut self, id: DeviceId) -> Result<(Device, ChainHead), StoreError> {
        let mut device = Device::new(id);
        let head = event::replay(
            &mut self.sql,
            id.as_bytes(),
            ChainHead::EMPTY,
            |event: &DeviceEvent| device.apply(event),
        )?;
        Ok((device, head))
    }

    /// Does what a command asks of a device.
    pub(crate) fn device_command(
        &mut self,
        id: DeviceId,
        now: Timestamp,
        command: &DeviceCommand,
    ) -> Result<Result<(), DeviceRefusal>, StoreError> {
        let (device, head) = self.device_and_head(id)?;
        let events = match device.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        event::append(&mut self.sql, id.as_bytes(), head, &events)?;
        for event in &events {
            match event {
                DeviceEvent::Enrolled { user, .. } => self.note_owner(*user, id)?,
                DeviceEvent::Revoked { .. } => self.sql.tell_revoked(self.server)?,
                DeviceEvent::Renewed { .. } | DeviceEvent::Confined { .. } => {}
            }
        }
        Ok(Ok(()))
    }

    fn note_owner(&mut self, user: UserId, device: DeviceId) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO owned_devices (user, device) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            values![user.as_bytes(), device.as_bytes()],
        )?;
        Ok(())
    }

    /// The devices of an account, revoked ones too.
    pub(crate) fn devices_of(&mut self, user: UserId) -> Result<Vec<Device>, StoreError> {
        let ids = self.sql.all(
            "SELECT device FROM owned_devices WHERE user = ?1 ORDER BY device",
            values![user.as_bytes()],
            |row| row.get(0).map(DeviceId::from_bytes),
        )?;
        let mut devices = ids
            .into_iter()
            .map(|id| self.device(id))
            .collect::<Result<Vec<_>, _>>()?;
        devices.sort_by_key(|device| device.enrolment().map(|known| known.at));
        Ok(devices)
    }

    /// Draws whose device is whose from the events, in a file from before that was noted.
    pub(crate) fn draw_owners(&mut self) -> Result<(), StoreError> {
        let noted = self
            .sql
            .one("SELECT 1 FROM owned_devices LIMIT 1", &[], |_| Ok(()))?;
        if noted.is_some() {
            return Ok(());
        }
        for device in self.devices()? {
            if let Some(enrolment) = device.enrolment() {
                self.note_owner(enrolment.user, device.id())?;
            }
        }
        Ok(())
    }

    /// Every device that was ever enrolled.
    pub(crate) fn devices(&mut self) -> Result<Vec<Device>, StoreError> {
        use super::event::Stored;
        let ids = self.sql.all(
            "SELECT stream FROM events WHERE kind = ?1 AND version = 1 ORDER BY seq",
            values![DeviceEvent::KIND],
            |row| row.get(0).map(DeviceId::from_bytes),
        )?;
        ids.into_iter().map(|id| self.device(id)).collect()
    }
}
