//! `synesis status`: what runs here.

use serde_json::json;
use synesis_models::{HardwareManifest, ModelInfo};

use crate::commands::Context;
use crate::commands::cloud;
use crate::error::CliError;
use crate::local_engine::{self, Choice};
use crate::ui::{self, table::pairs};

pub(crate) async fn run(context: &Context) -> Result<(), CliError> {
    context.initialise()?;
    let settings = context.settings()?;
    let choice = local_engine::choose(&context.home, &settings.model()?).await?;
    let engine = local_engine::open_model(&choice).await?;
    let info = engine.info();
    let hardware = HardwareManifest::detect();
    let disk_free = HardwareManifest::disk_free_bytes(context.home.data_dir());
    let enrolment = cloud::enrolment(&context.home);
    if context.ui.json {
        context.ui.value(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "device": context.home.device_name(),
            "data": context.home.data_dir().display().to_string(),
            "model": { "id": info.id, "name": info.name, "engine": info.engine, "reason": choice.reason },
            "hardware": hardware,
            "disk_free_bytes": disk_free,
            "cloud": enrolment.as_ref().map(cloud::Enrolment::to_json),
        }));
        return Ok(());
    }
    context.ui.line(&text(
        context, &choice, info, &hardware, disk_free, enrolment,
    ));
    Ok(())
}

fn text(
    context: &Context,
    choice: &Choice,
    info: &ModelInfo,
    hardware: &HardwareManifest,
    disk_free: Option<u64>,
    enrolment: Option<cloud::Enrolment>,
) -> String {
    let memory = |count: u64| ui::bytes(count);
    let gpus: Vec<String> = hardware
        .gpus
        .iter()
        .map(|gpu| format!("{} ({})", gpu.name, memory(gpu.memory_bytes)))
        .collect();
    let cores = hardware.physical_cores.unwrap_or(hardware.logical_cores);
    pairs([
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("device", context.home.device_name().unwrap_or_default()),
        ("data", context.home.data_dir().display().to_string()),
        (
            "model",
            format!("{}: {} ({})", info.id, info.name, choice.reason),
        ),
        ("engine", info.engine.to_owned()),
        (
            "processor",
            format!(
                "{}, {cores} cores",
                hardware.cpu.as_deref().unwrap_or("unknown")
            ),
        ),
        (
            "memory",
            format!(
                "{} free of {}",
                memory(hardware.memory_available_bytes),
                memory(hardware.memory_bytes)
            ),
        ),
        (
            "graphics",
            if gpus.is_empty() {
                "none found".to_owned()
            } else {
                gpus.join(", ")
            },
        ),
        (
            "disk",
            disk_free.map_or_else(
                || "unknown".to_owned(),
                |free| format!("{} free", memory(free)),
            ),
        ),
        (
            "cloud",
            enrolment.map_or_else(
                || "none; `synesis cloud up` starts one".to_owned(),
                |it| it.summary(),
            ),
        ),
    ])
}
