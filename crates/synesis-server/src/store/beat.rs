//! The last heartbeat of each device.

use prost::Message as _;
use synesis_domain::{DeviceId, Timestamp};
use synesis_wire::proto::DeviceVitals;

use super::sql::values;
use super::{Books, StoreError};
use crate::presence::{Beat, Vitals};

impl Books {
    /// Writes heartbeats down.
    pub(crate) fn write_beats(&mut self, beats: &[(DeviceId, Beat)]) -> Result<(), StoreError> {
        // Always in the same order: two servers then wait for each other one way only.
        let mut beats: Vec<_> = beats.iter().collect();
        beats.sort_by_key(|(device, _)| device.as_bytes());
        for (device, beat) in beats {
            let vitals = beat.vitals.into_wire().encode_to_vec();
            self.sql.execute(
                "INSERT INTO beats (device, at, vitals) VALUES (?1, ?2, ?3)
                 ON CONFLICT (device) DO UPDATE SET at = excluded.at, vitals = excluded.vitals
                 WHERE beats.at < excluded.at",
                values![device.as_bytes(), beat.at.as_millis(), vitals.as_slice()],
            )?;
        }
        Ok(())
    }

    /// The last heartbeat of a device that was written.
    pub(crate) fn beat(&mut self, device: DeviceId) -> Result<Option<Beat>, StoreError> {
        let row: Option<(i64, Vec<u8>)> = self.sql.one(
            "SELECT at, vitals FROM beats WHERE device = ?1",
            values![device.as_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // A row that cannot be read is as good as none: it is only telemetry.
        Ok(row.and_then(|(at, vitals)| {
            Some(Beat {
                at: Timestamp::from_millis(at),
                vitals: Vitals::check(DeviceVitals::decode(vitals.as_slice()).ok()?)?,
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{World, on_both};

    on_both!(last_heartbeat_is_found_after_it_was_written_and_never_goes_back);

    fn last_heartbeat_is_found_after_it_was_written_and_never_goes_back(world: &World) {
        let mut books = world.open();
        let device = DeviceId::from_bytes([3; 16]);
        let beat = |at| Beat {
            at: Timestamp::from_millis(at),
            vitals: Vitals::check(DeviceVitals {
                cpu_usage: 0.25,
                ..DeviceVitals::default()
            })
            .unwrap(),
        };
        assert_eq!(books.once(|books| books.beat(device)).unwrap(), None);
        for at in [100, 300, 200] {
            books
                .once(|books| books.write_beats(&[(device, beat(at))]))
                .unwrap();
        }
        let last = books.once(|books| books.beat(device)).unwrap();
        assert_eq!(last, Some(beat(300)));
    }
}
