//! `synesis cloud devices`: the devices of this account, and putting one out.

use serde_json::{Value, json};
use synesis_cloud::{CloudTunnel, DeviceSummary, DeviceVitals};
use synesis_domain::{DeviceId, Timestamp};

use crate::args::{CloudDevices, DevicesCommand};
use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::progress::spin;
use crate::ui::table::table;
use crate::ui::{ago, date_time};

pub(crate) async fn run(context: &Context, command: &CloudDevices) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let done = match &command.command {
        None | Some(DevicesCommand::List) => list(context, &link.tunnel).await,
        Some(DevicesCommand::Revoke { device }) => revoke(context, &link.tunnel, *device).await,
    };
    link.close().await;
    done
}

async fn list(context: &Context, tunnel: &CloudTunnel) -> Result<(), CliError> {
    let devices = spin(context.ui, "asking the cloud", tunnel.devices())
        .await
        .map_err(from_cloud)?;
    let own = tunnel.config().device_id;
    if context.ui.json {
        let devices: Vec<Value> = devices.iter().map(|device| as_json(device, own)).collect();
        context.ui.value(&json!({ "devices": devices }));
        return Ok(());
    }
    let rows = devices.iter().map(|device| {
        let vitals = device.vitals.as_ref();
        [
            device.name.clone()
                + if device.id == own {
                    " (this device)"
                } else {
                    ""
                },
            device.id.to_string(),
            state(device),
            device
                .last_heartbeat
                .map_or_else(|| "never".to_owned(), |at| ago(at, now())),
            vitals.map_or_else(String::new, load),
            vitals.map_or_else(String::new, |vitals| {
                format!("{} / {}", vitals.active_sessions, vitals.pending_queries)
            }),
            date_time(device.certificate_not_after),
        ]
    });
    let header = [
        "name",
        "id",
        "state",
        "last heartbeat",
        "load",
        "sessions / queries",
        "certificate until",
    ];
    context.ui.line(&table(header, rows));
    Ok(())
}

fn state(device: &DeviceSummary) -> String {
    match (&device.revoked_at, &device.transport) {
        (Some(at), _) => format!("revoked {}", date_time(*at)),
        (None, Some(transport)) => format!("online, {transport}"),
        (None, None) => "offline".to_owned(),
    }
}

/// The gauges in percent, and the temperature where there is one.
fn load(vitals: &DeviceVitals) -> String {
    let percent = |usage: f32| format!("{:.0} %", usage * 100.0);
    let mut text = format!(
        "CPU {}, RAM {}, disk {}",
        percent(vitals.cpu_usage),
        percent(vitals.memory_usage),
        percent(vitals.disk_usage)
    );
    if let Some(usage) = vitals.gpu_usage {
        text.push_str(&format!(", GPU {}", percent(usage)));
    }
    if let Some(degrees) = vitals.gpu_temp {
        text.push_str(&format!(" at {degrees:.0} °C"));
    }
    text
}

fn as_json(device: &DeviceSummary, own: DeviceId) -> Value {
    let time = |at: Option<Timestamp>| at.map(date_time);
    json!({
        "device_id": device.id.to_string(),
        "name": device.name,
        "this_device": device.id == own,
        "enrolled_at": date_time(device.enrolled_at),
        "revoked_at": time(device.revoked_at),
        "online": device.transport.is_some(),
        "transport": device.transport,
        "last_heartbeat": time(device.last_heartbeat),
        "certificate": { "not_after": date_time(device.certificate_not_after) },
        "vitals": device.vitals.as_ref().map(|vitals| json!({
            "cpu_usage": vitals.cpu_usage,
            "memory_usage": vitals.memory_usage,
            "gpu_usage": vitals.gpu_usage,
            "gpu_temp": vitals.gpu_temp,
            "disk_usage": vitals.disk_usage,
            "active_sessions": vitals.active_sessions,
            "pending_queries": vitals.pending_queries,
        })),
    })
}

async fn revoke(context: &Context, tunnel: &CloudTunnel, device: DeviceId) -> Result<(), CliError> {
    let closed = spin(
        context.ui,
        "revoking the device",
        tunnel.revoke_device(device),
    )
    .await
    .map_err(|error| {
        from_cloud(error).hint("`synesis cloud devices` lists the devices of this account")
    })?;
    if context.ui.json {
        context.ui.value(&json!({
            "device_id": device.to_string(),
            "connections_closed": closed,
        }));
    }
    let connections = match closed {
        0 => "it was not connected".to_owned(),
        1 => "its connection was closed".to_owned(),
        many => format!("its {many} connections were closed"),
    };
    context
        .ui
        .say(&format!("Device {device} is out for good; {connections}."));
    if device == tunnel.config().device_id {
        context
            .ui
            .say("That was this device: `synesis cloud login` enrols it as a new one.");
    }
    Ok(())
}
