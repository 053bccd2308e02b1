//! When to tell the cloud to get an adapter ready: once for each time this machine comes under
//! stress, not once for each heartbeat.

use synesis_domain::{LoraId, ProjectId};
use synesis_wire::proto::DeviceVitals;

/// GPU load above which the machine is under stress (SPEC section 4), as a fraction.
pub(crate) const GPU_LOAD_HIGH: f32 = 0.8;
/// GPU load below which the stress is over.
pub(crate) const GPU_LOAD_CALM: f32 = 0.7;
/// GPU temperature above which the machine is under stress, in degrees Celsius.
pub(crate) const GPU_TEMP_HIGH: f32 = 80.0;
/// GPU temperature below which the stress is over.
pub(crate) const GPU_TEMP_CALM: f32 = 75.0;

/// What an escalation of this device would ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrewarmTarget {
    /// The project at hand.
    pub project: ProjectId,
    /// Its adapter, where it has one.
    pub lora: Option<LoraId>,
}

/// Whether the machine is under stress, with hysteresis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StressDetector {
    stressed: bool,
}

impl StressDetector {
    /// Takes new vitals; says whether stress began with them.
    pub fn handle(&mut self, vitals: &DeviceVitals) -> bool {
        let load = vitals.gpu_usage.unwrap_or(0.0);
        let temperature = vitals.gpu_temp.unwrap_or(0.0);
        if self.stressed {
            self.stressed = load >= GPU_LOAD_CALM || temperature >= GPU_TEMP_CALM;
            return false;
        }
        self.stressed = load > GPU_LOAD_HIGH || temperature > GPU_TEMP_HIGH;
        self.stressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: load, temperature, whether the signal goes out.
    fn check(rows: &[(Option<f32>, Option<f32>, bool)]) {
        let mut stress = StressDetector::default();
        for (gpu_usage, gpu_temp, fires) in rows {
            let vitals = DeviceVitals {
                gpu_usage: *gpu_usage,
                gpu_temp: *gpu_temp,
                ..DeviceVitals::default()
            };
            assert_eq!(stress.handle(&vitals), *fires, "{gpu_usage:?} {gpu_temp:?}");
        }
    }

    #[test]
    fn fires_once_for_each_stress_of_load() {
        check(&[
            (Some(0.80), None, false),
            (Some(0.81), None, true),
            (Some(0.95), None, false),
            (Some(0.75), None, false),
            (Some(0.85), None, false),
            (Some(0.69), None, false),
            (Some(0.85), None, true),
        ]);
    }

    #[test]
    fn heat_counts_as_much_as_load_and_both_must_be_over() {
        check(&[
            (Some(0.1), Some(80.5), true),
            (Some(0.9), Some(60.0), false),
            (Some(0.1), Some(76.0), false),
            (Some(0.1), Some(74.0), false),
            (Some(0.1), Some(81.0), true),
        ]);
    }

    #[test]
    fn machine_without_a_gpu_is_never_under_stress() {
        check(&[(None, None, false), (None, None, false)]);
    }
}
