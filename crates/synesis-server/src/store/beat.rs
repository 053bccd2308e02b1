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

    #[test]
    fn last_heartbeat_is_found_after_it_was_written_and_never_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut books = Books::open(&dir.path().join("cloud.db")).unwrap();
        let device = DeviceId::from_bytes([3; 16]);
        let beat = |at| Beat {
            at: Timestamp::from_millis(at),
            vitals: Vitals::check(DeviceVitals {
                cpu_usage: 0.25,
                ..DeviceVitals::default()
            })
            .unwrap(),
        };
        assert_eq!(books.beat(device).unwrap(), None);
        for at in [100, 300, 200] {
            books
                .once(|books| books.write_beats(&[(device, beat(at))]))
                .unwrap();
        }
        assert_eq!(books.beat(device).unwrap(), Some(beat(300)));
    }
}
