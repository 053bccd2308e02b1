//! Which device was last heard of when, and how it was.
//!
//! Heartbeats are telemetry: they are kept in memory and written to the database in one piece every
//! few seconds. A server that is killed forgets the last of them and nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use synesis_domain::{DeviceId, Timestamp};
use synesis_wire::proto::DeviceVitals;

/// Temperatures that a thermometer can show, in degrees Celsius.
const TEMPERATURES: std::ops::RangeInclusive<f32> = -100.0..=300.0;

/// What a device said of itself, once it was found to make sense.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vitals(DeviceVitals);

impl Vitals {
    /// Takes vitals whose usages are fractions and whose temperature is one.
    pub(crate) fn check(vitals: DeviceVitals) -> Option<Self> {
        let fractions = [vitals.cpu_usage, vitals.memory_usage, vitals.disk_usage]
            .into_iter()
            .chain(vitals.gpu_usage)
            .all(|usage| (0.0..=1.0).contains(&usage));
        let temperature = vitals
            .gpu_temp
            .is_none_or(|degrees| TEMPERATURES.contains(&degrees));
        (fractions && temperature).then_some(Self(vitals))
    }

    pub(crate) const fn into_wire(self) -> DeviceVitals {
        self.0
    }
}

/// The last heartbeat of a device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Beat {
    pub(crate) at: Timestamp,
    pub(crate) vitals: Vitals,
}

/// The heartbeats that arrived since the last write.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    fresh: Mutex<HashMap<DeviceId, Beat>>,
}

impl Presence {
    /// A heartbeat arrived.
    pub(crate) fn note(&self, device: DeviceId, at: Timestamp, vitals: Vitals) {
        self.lock().insert(device, Beat { at, vitals });
    }

    /// The last heartbeat of a device that was not written yet.
    pub(crate) fn fresh(&self, device: DeviceId) -> Option<Beat> {
        self.lock().get(&device).copied()
    }

    /// What there is to write now.
    pub(crate) fn take(&self) -> Vec<(DeviceId, Beat)> {
        self.lock().drain().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceId, Beat>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vitals(cpu: f32, temperature: Option<f32>) -> Option<Vitals> {
        Vitals::check(DeviceVitals {
            cpu_usage: cpu,
            gpu_temp: temperature,
            ..DeviceVitals::default()
        })
    }

    #[test]
    fn vitals_that_make_no_sense_are_not_taken() {
        assert!(vitals(0.0, None).is_some());
        assert!(vitals(1.0, Some(81.5)).is_some());
        for (cpu, temperature) in [
            (-0.1, None),
            (1.1, None),
            (f32::NAN, None),
            (f32::INFINITY, None),
            (0.5, Some(f32::NAN)),
            (0.5, Some(1e9)),
        ] {
            assert!(vitals(cpu, temperature).is_none(), "{cpu} {temperature:?}");
        }
    }
}
