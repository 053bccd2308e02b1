//! How this machine is: what a heartbeat carries.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use synesis_wire::proto::DeviceVitals;
use sysinfo::{CpuRefreshKind, DiskRefreshKind, Disks, MemoryRefreshKind, RefreshKind, System};

/// Looks at the machine. It may block for some milliseconds.
pub trait VitalsCollector: Send + 'static {
    /// What it is like now.
    fn collect(&mut self) -> DeviceVitals;
}

/// What this process does now, counted.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    sessions: AtomicU32,
    queries: AtomicU32,
}

/// Counts as running until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Running {
    counts: Arc<Counts>,
    of: fn(&Counts) -> &AtomicU32,
}

impl Activity {
    /// A conversation has begun.
    pub fn session(&self) -> Running {
        self.running(|counts| &counts.sessions)
    }

    /// A question is being answered.
    pub fn query(&self) -> Running {
        self.running(|counts| &counts.queries)
    }

    /// Conversations that are open now.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.0.sessions.load(Ordering::Relaxed)
    }

    /// Questions that wait for their answer now.
    #[must_use]
    pub fn queries(&self) -> u32 {
        self.0.queries.load(Ordering::Relaxed)
    }

    fn running(&self, of: fn(&Counts) -> &AtomicU32) -> Running {
        of(&self.0).fetch_add(1, Ordering::Relaxed);
        Running {
            counts: Arc::clone(&self.0),
            of,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        (self.of)(&self.counts).fetch_sub(1, Ordering::Relaxed);
    }
}

/// CPU, memory and disk from the operating system, GPU from NVIDIA's driver where there is one.
pub struct DefaultVitalsCollector {
    /// Absent where the operating system tells nothing.
    system: Option<System>,
    disks: Option<Disks>,
    /// The folder whose disk counts.
    folder: PathBuf,
    nvml: Option<Nvml>,
    activity: Activity,
}

impl DefaultVitalsCollector {
    /// Reports the disk that holds `folder`, and what `activity` counts.
    #[must_use]
    pub fn new(folder: &Path, activity: Activity) -> Self {
        let system = System::new_with_specifics(
            RefreshKind::nothing()
                .with_cpu(CpuRefreshKind::nothing().with_usage())
                .with_memory(MemoryRefreshKind::nothing().with_ram()),
        )
        .ok();
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self {
            system,
            disks: Disks::new().ok(),
            folder,
            // No NVIDIA driver here.
            nvml: Nvml::init().ok(),
            activity,
        }
    }

    fn disk_usage(&mut self) -> f32 {
        let Some(disks) = &mut self.disks else {
            return 0.0;
        };
        disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        let holding = disks
            .iter()
            .filter(|disk| self.folder.starts_with(disk.mount_point()))
            .max_by_key(|disk| disk.mount_point().as_os_str().len());
        holding.map_or(0.0, |disk| {
            let used = disk.total_space().saturating_sub(disk.available_space());
            fraction(used, disk.total_space())
        })
    }

    /// Load and temperature of the busiest GPU.
    fn gpu(&self) -> (Option<f32>, Option<f32>) {
        let Some(nvml) = &self.nvml else {
            return (None, None);
        };
        let gpus =
            (0..nvml.device_count().unwrap_or(0)).filter_map(|at| nvml.device_by_index(at).ok());
        gpus.fold((None, None), |(load, temperature), gpu| {
            let its_load = gpu
                .utilization_rates()
                .ok()
                .map(|rates| fraction(rates.gpu.into(), 100));
            let its_temperature = gpu
                .temperature(TemperatureSensor::Gpu)
                .ok()
                .and_then(|degrees| u16::try_from(degrees).ok())
                .map(f32::from);
            (larger(load, its_load), larger(temperature, its_temperature))
        })
    }
}

/// Load of the processors and share of the memory in use.
fn load(system: &mut System) -> (f32, f32) {
    system.refresh_cpu_usage();
    system.refresh_memory();
    let total = system.total_memory();
    let used = total.saturating_sub(system.available_memory());
    let cpu = (system.global_cpu_usage() / 100.0).clamp(0.0, 1.0);
    (cpu, fraction(used, total))
}

impl VitalsCollector for DefaultVitalsCollector {
    fn collect(&mut self) -> DeviceVitals {
        let (cpu_usage, memory_usage) = self.system.as_mut().map_or((0.0, 0.0), load);
        let (gpu_usage, gpu_temp) = self.gpu();
        DeviceVitals {
            cpu_usage,
            memory_usage,
            gpu_usage,
            gpu_temp,
            disk_usage: self.disk_usage(),
            active_sessions: self.activity.sessions(),
            pending_queries: self.activity.queries(),
        }
    }
}

fn larger(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// A share between 0 and 1.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a share of a gauge, shown to two places"
)]
fn fraction(part: u64, whole: u64) -> f32 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vitals_are_fractions_and_counts_of_this_process() {
        let folder = tempfile::tempdir().unwrap();
        let activity = Activity::default();
        let mut collector = DefaultVitalsCollector::new(folder.path(), activity.clone());
        let (one, two) = (activity.query(), activity.query());
        let session = activity.session();
        let vitals = collector.collect();
        assert_eq!((vitals.active_sessions, vitals.pending_queries), (1, 2));
        drop((one, two, session));
        let vitals = collector.collect();
        assert_eq!((vitals.active_sessions, vitals.pending_queries), (0, 0));
        for usage in [vitals.cpu_usage, vitals.memory_usage, vitals.disk_usage] {
            assert!((0.0..=1.0).contains(&usage), "{vitals:?}");
        }
        assert!(vitals.memory_usage > 0.0, "{vitals:?}");
    }

    #[test]
    fn shares_of_nothing_are_nothing() {
        assert!(fraction(5, 0).abs() < f32::EPSILON);
        assert!((fraction(1, 4) - 0.25).abs() < f32::EPSILON);
        assert!((fraction(9, 4) - 1.0).abs() < f32::EPSILON);
    }
}
