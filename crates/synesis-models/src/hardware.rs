//! What this machine has. What cannot be found out is absent, never guessed.

use std::path::Path;

use nvml_wrapper::Nvml;
use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, Disks, MemoryRefreshKind, RefreshKind, System};

/// One graphics processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpu {
    /// Its name.
    pub name: String,
    /// Its memory.
    pub memory_bytes: u64,
    /// What of it is free.
    pub memory_free_bytes: u64,
}

/// The machine, as far as models care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HardwareManifest {
    /// The processor's name.
    pub cpu: Option<String>,
    /// Cores of their own.
    pub physical_cores: Option<usize>,
    /// Threads that can run at once, for this process.
    pub logical_cores: usize,
    /// Memory, or what this process's group may have of it.
    pub memory_bytes: u64,
    /// What of it is available.
    pub memory_available_bytes: u64,
    /// NVIDIA's processors; others are not looked for.
    pub gpus: Vec<Gpu>,
}

impl HardwareManifest {
    /// Looks at the machine. Takes some milliseconds.
    #[must_use]
    pub fn detect() -> Self {
        let system = system();
        let memory = system.as_ref().map(memory).unwrap_or_default();
        Self {
            cpu: system
                .as_ref()
                .and_then(|system| Some(system.cpus().first()?.brand().trim().to_owned()))
                .filter(|name| !name.is_empty()),
            physical_cores: physical_cores(),
            logical_cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: memory.0,
            memory_available_bytes: memory.1,
            gpus: gpus(),
        }
    }

    /// Free space on the disk that holds a path, for this user.
    #[must_use]
    pub fn disk_free_bytes(path: &Path) -> Option<u64> {
        let path = path.ancestors().find_map(|path| path.canonicalize().ok())?;
        let disks = disks()?;
        let holding = disks
            .iter()
            .filter(|disk| path.starts_with(disk.mount_point()));
        holding
            .max_by_key(|disk| disk.mount_point().as_os_str().len())
            .map(sysinfo::Disk::available_space)
    }
}

fn memory(system: &System) -> (u64, u64) {
    let (total, available) = (system.total_memory(), system.available_memory());
    match system.cgroup_limits() {
        Some(limits) if limits.total_memory > 0 && limits.total_memory < total => {
            (limits.total_memory, available.min(limits.free_memory))
        }
        _ => (total, available),
    }
}

fn gpus() -> Vec<Gpu> {
    // The library belongs to the driver and is looked for at run time; without it there is none.
    let Ok(nvml) = Nvml::init() else {
        return Vec::new();
    };
    let gpu = |n| {
        let device = nvml.device_by_index(n).ok()?;
        let memory = device.memory_info().ok()?;
        Some(Gpu {
            name: device.name().ok()?,
            memory_bytes: memory.total,
            memory_free_bytes: memory.free,
        })
    };
    (0..nvml.device_count().unwrap_or(0))
        .filter_map(gpu)
        .collect()
}

fn system() -> Option<System> {
    let what = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    System::new_with_specifics(what).ok()
}

fn disks() -> Option<Disks> {
    Disks::new_with_refreshed_list().ok()
}

/// Cores of their own, the same the engines count by.
pub(crate) fn physical_cores() -> Option<usize> {
    System::physical_core_count().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_processor_and_memory() {
        let manifest = HardwareManifest::detect();
        assert!(manifest.logical_cores > 0);
        assert!(
            manifest.memory_available_bytes <= manifest.memory_bytes
                && manifest.memory_bytes > 1 << 26
        );
    }

    #[test]
    fn a_path_that_does_not_exist_yet_is_on_its_parents_disk() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(
            HardwareManifest::disk_free_bytes(&dir.path().join("not/yet")).is_some(),
            HardwareManifest::disk_free_bytes(dir.path()).is_some()
        );
    }
}
